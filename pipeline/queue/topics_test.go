package queue_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/segmentio/kafka-go"

	"github.com/netra-id/netra/pipeline/queue"
)

func TestTopics(t *testing.T) {
	onBothBrokers(t, map[string]func(*testing.T, queue.Configuration){
		"they are created as configured and found so again": topicsAreCreated,
		"another retention is told":                         otherRetention,
		"a compacted topic is refused":                      compactedTopic,
	})
}

func topicsAreCreated(t *testing.T, cfg queue.Configuration) {
	for range 2 {
		q, _ := open(t, cfg)
		deviations, err := q.EnsureTopics(t.Context())
		if err != nil || len(deviations) > 0 {
			t.Fatalf("deviations %v, error %v, want neither", deviations, err)
		}
	}
}

func otherRetention(t *testing.T, cfg queue.Configuration) {
	openReady(t, cfg)
	cfg.Topics.Retention = 24 * time.Hour
	cfg.Topics.Partitions = 8
	cfg.Topics.SegmentBytes = 32 << 20
	q, _ := open(t, cfg)
	deviations, err := q.EnsureTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var posts []string
	for _, d := range deviations {
		if d.Topic == cfg.Topic {
			posts = append(posts, strings.TrimPrefix(d.String(), "topic "+cfg.Topic+": "))
		}
	}
	want := []string{
		"key partitions: value 4: expected 8",
		"key retention.ms: value 2592000000: expected 86400000",
		"key segment.bytes: value 67108864: expected 33554432",
		"key segment.ms: value 86400000: expected 2880000",
	}
	if diff := cmp.Diff(want, posts); diff != "" {
		t.Errorf("deviations differ:\n%s", diff)
	}
}

func compactedTopic(t *testing.T, cfg queue.Configuration) {
	client := &kafka.Client{Addr: kafka.TCP(cfg.Brokers...), Transport: &kafka.Transport{}}
	defer client.Transport.(*kafka.Transport).CloseIdleConnections()
	response, err := client.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic: cfg.Topic, NumPartitions: cfg.Topics.Partitions, ReplicationFactor: 1,
		ConfigEntries: []kafka.ConfigEntry{{ConfigName: "cleanup.policy", ConfigValue: "compact"}},
	}}})
	if err != nil || response.Errors[cfg.Topic] != nil {
		t.Fatal(err, response.Errors[cfg.Topic])
	}
	q, _ := open(t, cfg)
	_, err = q.EnsureTopics(t.Context())
	want := "topic " + cfg.Topic + ": key cleanup.policy: value compact: expected delete"
	if !errors.Is(err, queue.ErrTopic) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// nowhere is an address at which nobody listens.
func nowhere(t *testing.T) string {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestABrokerThatIsNotThereIsNamedAndWaitedForUntilTheContextEnds(t *testing.T) {
	cfg := configuration(t, nowhere(t))
	q, registry := open(t, cfg)
	tests := map[string]func(context.Context) error{
		"topics": func(ctx context.Context) error { _, err := q.EnsureTopics(ctx); return err },
		"send": func(ctx context.Context) error {
			producer := q.NewProducer()
			defer func() { _ = producer.Close() }()
			return producer.SendRecords(ctx, queue.Record{Key: []byte("k"), Value: []byte("v")})
		},
	}
	for name, run := range tests {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		err := run(ctx)
		cancel()
		if err == nil || !strings.Contains(err.Error(), cfg.Brokers[0]) || !strings.Contains(err.Error(), "refused") ||
			!errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want the address, that it refuses, and that the time is over", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	consumer := q.NewConsumer(0, handled(nil))
	if err := consumer.Run(ctx); err != nil {
		t.Errorf("consumer: %v", err)
	}
	if consumer.Joined() {
		t.Error("it says that it is in the group")
	}
	if total(registry, "netra_queue_errors_total") == 0 {
		t.Error("no error was counted")
	}
}

func TestConfigurationNamesTheKeyAndWhatIsAllowed(t *testing.T) {
	tests := map[string]struct {
		change func(*queue.Configuration)
		want   string
	}{
		"no brokers":     {func(c *queue.Configuration) { c.Brokers = nil }, "key brokers: value is empty"},
		"no port":        {func(c *queue.Configuration) { c.Brokers = []string{"kafka"} }, `key brokers: value "kafka": allowed: host:port`},
		"same topics":    {func(c *queue.Configuration) { c.DeadTopic = c.Topic }, "key dead_topic"},
		"no partitions":  {func(c *queue.Configuration) { c.Topics.Partitions = 0 }, "key topics.partitions"},
		"compression":    {func(c *queue.Configuration) { c.Producer.Compression = "rar" }, `key producer.compression: value "rar": allowed: none, gzip`},
		"slow heartbeat": {func(c *queue.Configuration) { c.Consumer.HeartbeatInterval = time.Hour }, "key consumer.heartbeat_interval"},
		"no CA file": {func(c *queue.Configuration) {
			c.TLS = queue.TLSConfiguration{Enabled: true, CAFile: "/nowhere.pem"}
		}, "key tls.ca_file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := queue.DefaultConfiguration()
			test.change(&cfg)
			_, err := queue.New(cfg, nil, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
	if err := queue.DefaultConfiguration().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
}
