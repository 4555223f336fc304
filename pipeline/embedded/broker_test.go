package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

func client(t testing.TB, address string) *kafka.Client {
	t.Helper()
	transport := &kafka.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &kafka.Client{Addr: kafka.TCP(address), Timeout: 10 * time.Second, Transport: transport}
}

func createTopic(t testing.TB, c *kafka.Client, name string, partitions int, configs ...kafka.ConfigEntry) {
	t.Helper()
	response, err := c.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic: name, NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs}}})
	must(t, err)
	must(t, response.Errors[name])
}

func produce(t testing.TB, c *kafka.Client, topic string, from, until int) {
	t.Helper()
	writer := &kafka.Writer{Addr: c.Addr, Topic: topic, RequiredAcks: kafka.RequireAll, Transport: c.Transport,
		Balancer: &kafka.Hash{}, BatchTimeout: time.Millisecond}
	defer func() { must(t, writer.Close()) }()
	messages := make([]kafka.Message, 0, until-from)
	for i := from; i < until; i++ {
		messages = append(messages, kafka.Message{Key: fmt.Appendf(nil, "mastodon:%d", i%7), Value: fmt.Appendf(nil, "post %d", i),
			Headers: []kafka.Header{{Key: "n", Value: []byte(strconv.Itoa(i))}}})
	}
	must(t, writer.WriteMessages(t.Context(), messages...))
}

// offsets are the first and last offsets of a topic's partitions.
func offsets(t testing.TB, c *kafka.Client, topic string, partitions int) map[int]kafka.PartitionOffsets {
	t.Helper()
	var wanted []kafka.OffsetRequest
	for p := range partitions {
		wanted = append(wanted, kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p))
	}
	response, err := c.ListOffsets(t.Context(), &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: wanted}})
	must(t, err)
	found := map[int]kafka.PartitionOffsets{}
	for _, p := range response.Topics[topic] {
		must(t, p.Error)
		found[p.Partition] = p
	}
	return found
}

// readAll reads a topic from its beginning by plain partition readers.
func readAll(t testing.TB, c *kafka.Client, address, topic string, partitions int) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for partition, at := range offsets(t, c, topic, partitions) {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{address}, Topic: topic, Partition: partition, MaxWait: 100 * time.Millisecond})
		must(t, reader.SetOffset(at.FirstOffset))
		for offset := at.FirstOffset; offset < at.LastOffset; offset++ {
			message, err := reader.ReadMessage(t.Context())
			must(t, err)
			if message.Offset != offset {
				t.Fatalf("partition %d: offset %d where %d is due", partition, message.Offset, offset)
			}
			seen[string(message.Value)]++
		}
		must(t, reader.Close())
	}
	return seen
}

func TestBrokerKeepsRecordsThroughKafkaGo(t *testing.T) {
	address := embeddedtest.Broker(t)
	c := client(t, address)
	createTopic(t, c, "netra.posts", 3, kafka.ConfigEntry{ConfigName: "retention.ms", ConfigValue: "86400000"},
		kafka.ConfigEntry{ConfigName: "segment.bytes", ConfigValue: "1048576"})
	produce(t, c, "netra.posts", 0, 1000)
	metadata, err := c.Metadata(t.Context(), &kafka.MetadataRequest{Topics: []string{"netra.posts"}})
	must(t, err)
	if got := net.JoinHostPort(metadata.Brokers[0].Host, strconv.Itoa(metadata.Brokers[0].Port)); got != address {
		t.Errorf("the broker calls itself %s, clients know it as %s", got, address)
	}
	if n := len(metadata.Topics[0].Partitions); n != 3 {
		t.Errorf("%d partitions, want 3", n)
	}
	described, err := c.DescribeConfigs(t.Context(), &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{{
		ResourceType: kafka.ResourceTypeTopic, ResourceName: "netra.posts", ConfigNames: []string{"retention.ms"}}}})
	must(t, err)
	if got := described.Resources[0].ConfigEntries[0].ConfigValue; got != "86400000" {
		t.Errorf("retention.ms is %q", got)
	}
	if seen := readAll(t, c, address, "netra.posts", 3); len(seen) != 1000 {
		t.Errorf("read %d different posts, want 1000", len(seen))
	}
}

func TestConsumerGroupCommitsWithMetadataAndRebalances(t *testing.T) {
	address := embeddedtest.Broker(t)
	c := client(t, address)
	createTopic(t, c, "netra.posts", 4)
	join := func() *kafka.ConsumerGroup {
		group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: "worker", Brokers: []string{address}, Topics: []string{"netra.posts"},
			HeartbeatInterval: 200 * time.Millisecond, SessionTimeout: 6 * time.Second, RebalanceTimeout: 6 * time.Second})
		must(t, err)
		return group
	}
	first := join()
	generation, err := first.Next(t.Context())
	must(t, err)
	if n := len(generation.Assignments["netra.posts"]); n != 4 {
		t.Fatalf("the only member has %d partitions, want 4", n)
	}
	generation.Start(func(ctx context.Context) { <-ctx.Done() })
	response, err := c.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{GroupID: "worker", GenerationID: int(generation.ID), MemberID: generation.MemberID,
		Topics: map[string][]kafka.OffsetCommit{"netra.posts": {{Partition: 2, Offset: 100, Metadata: "plan:100-199"}}}})
	must(t, err)
	must(t, response.Topics["netra.posts"][0].Error)

	second := join()
	type joined struct {
		generation *kafka.Generation
		err        error
	}
	others := make(chan joined, 1)
	go func() {
		g, err := second.Next(t.Context())
		if err == nil {
			g.Start(func(ctx context.Context) { <-ctx.Done() })
		}
		others <- joined{g, err}
	}()
	next, err := first.Next(t.Context())
	must(t, err)
	next.Start(func(ctx context.Context) { <-ctx.Done() })
	other := <-others
	must(t, other.err)
	if a, b := len(next.Assignments["netra.posts"]), len(other.generation.Assignments["netra.posts"]); a != 2 || b != 2 {
		t.Errorf("two members have %d and %d partitions, want 2 and 2", a, b)
	}
	stale, err := c.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{GroupID: "worker", GenerationID: int(generation.ID), MemberID: generation.MemberID,
		Topics: map[string][]kafka.OffsetCommit{"netra.posts": {{Partition: 2, Offset: 300, Metadata: "plan:300-399"}}}})
	must(t, err)
	if err := stale.Topics["netra.posts"][0].Error; !errors.Is(err, kafka.IllegalGeneration) {
		t.Errorf("the commit of an old generation: got %v, want %v", err, kafka.IllegalGeneration)
	}
	if got := fetchPlan(t, c, 2); got.CommittedOffset != 100 || got.Metadata != "plan:100-199" {
		t.Errorf("fetched %d %q", got.CommittedOffset, got.Metadata)
	}
	must(t, second.Close())
	must(t, first.Close())
}

func fetchPlan(t testing.TB, c *kafka.Client, partition int) kafka.OffsetFetchPartition {
	t.Helper()
	response, err := c.OffsetFetch(t.Context(), &kafka.OffsetFetchRequest{GroupID: "worker", Topics: map[string][]int{"netra.posts": {partition}}})
	must(t, err)
	must(t, response.Error)
	p := response.Topics["netra.posts"][0]
	must(t, p.Error)
	return p
}

func TestBrokerSurvivesKillWithRecordsAndPlans(t *testing.T) {
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.Listen, cfg.DataDir, cfg.SegmentBytes = "127.0.0.1:0", t.TempDir(), 64<<10
	const perRound, rounds = 2000, 4
	for round := range rounds {
		broker, err := embedded.StartBrokerProcess(t.Context(), cfg, slog.Default())
		must(t, err)
		cfg.Listen = broker.Addresses()[0] // the next one must be found at the same address
		c := client(t, cfg.Listen)
		if round == 0 {
			createTopic(t, c, "netra.posts", 3, kafka.ConfigEntry{ConfigName: "retention.ms", ConfigValue: "86400000"})
		} else {
			if got := fetchPlan(t, c, 1); got.CommittedOffset != int64(round) || got.Metadata != fmt.Sprintf("plan:%d-9", round) {
				t.Errorf("round %d: after the kill the plan is %d %q", round, got.CommittedOffset, got.Metadata)
			}
			if seen := readAll(t, c, cfg.Listen, "netra.posts", 3); len(seen) != round*perRound {
				t.Errorf("round %d: %d of %d acknowledged posts are left", round, len(seen), round*perRound)
			}
		}
		produce(t, c, "netra.posts", round*perRound, (round+1)*perRound)
		response, err := c.OffsetCommit(t.Context(), &kafka.OffsetCommitRequest{GroupID: "worker", GenerationID: -1,
			Topics: map[string][]kafka.OffsetCommit{"netra.posts": {{Partition: 1, Offset: int64(round + 1), Metadata: fmt.Sprintf("plan:%d-9", round+1)}}}})
		must(t, err)
		must(t, response.Topics["netra.posts"][0].Error)
		broker.Kill()
	}
}

func TestBrokerDeletesWhatIsPastItsRetention(t *testing.T) {
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.Listen, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	cfg.SegmentBytes, cfg.CleanInterval = 32<<10, 50*time.Millisecond
	broker, err := embedded.StartBroker(cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer func() { must(t, broker.Close()) }()
	c := client(t, broker.Addresses()[0])
	createTopic(t, c, "short", 1, kafka.ConfigEntry{ConfigName: "retention.ms", ConfigValue: "300"})
	createTopic(t, c, "small", 1, kafka.ConfigEntry{ConfigName: "retention.bytes", ConfigValue: "65536"})
	createTopic(t, c, "kept", 1)
	for _, topic := range []string{"short", "small", "kept"} {
		for i := range 10 {
			produce(t, c, topic, i*1000, (i+1)*1000)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		short, small, kept := offsets(t, c, "short", 1)[0], offsets(t, c, "small", 1)[0], offsets(t, c, "kept", 1)[0]
		if short.FirstOffset == 10_000 && small.FirstOffset > 5000 && small.FirstOffset < 10_000 {
			if kept.FirstOffset != 0 {
				t.Errorf("a topic with the default retention begins at %d", kept.FirstOffset)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("short begins at %d, small at %d", short.FirstOffset, small.FirstOffset)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestBrokerRefusesWhatItCannotServe(t *testing.T) {
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.Listen, cfg.DataDir = "nonsense", t.TempDir()
	if _, err := embedded.StartBroker(cfg, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a listen address without a port was taken")
	}
	cfg.Listen, cfg.DataDir = "127.0.0.1:0", filepath.Join("/proc", "nope")
	if _, err := embedded.StartBroker(cfg, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a data directory that cannot be made was taken")
	}
}

func TestServeBrokerEndsWithItsContext(t *testing.T) {
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.Listen, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	addresses := make(chan []string, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- embedded.ServeBroker(ctx, cfg, slog.New(slog.DiscardHandler), func(a []string) { addresses <- a })
	}()
	address := (<-addresses)[0]
	createTopic(t, client(t, address), "t", 1)
	cancel()
	must(t, <-ended)
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the broker still listens")
	}
}

func BenchmarkBrokerProduceAndConsume(b *testing.B) {
	address := embeddedtest.Broker(b)
	c := client(b, address)
	createTopic(b, c, "bench", 4)
	value := make([]byte, 500)
	const batch = 1000
	writer := &kafka.Writer{Addr: c.Addr, Topic: "bench", RequiredAcks: kafka.RequireAll, Transport: c.Transport,
		BatchSize: batch, BatchTimeout: time.Millisecond, BatchBytes: 4 << 20}
	defer func() { must(b, writer.Close()) }()
	messages := make([]kafka.Message, batch*4)
	produced := 0
	start := time.Now()
	for b.Loop() {
		for i := range messages {
			messages[i] = kafka.Message{Value: value}
		}
		must(b, writer.WriteMessages(b.Context(), messages...))
		produced += len(messages)
	}
	b.ReportMetric(float64(produced)/time.Since(start).Seconds(), "produced/s")
	start = time.Now()
	consumed := 0
	for partition, at := range offsets(b, c, "bench", 4) {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{address}, Topic: "bench", Partition: partition, MinBytes: 1, MaxBytes: 8 << 20,
			MaxWait: 50 * time.Millisecond}) // closing waits for the fetch that is under way
		for offset := at.FirstOffset; offset < at.LastOffset; offset++ {
			_, err := reader.ReadMessage(b.Context())
			must(b, err)
			consumed++
		}
		must(b, reader.Close())
	}
	b.ReportMetric(float64(consumed)/time.Since(start).Seconds(), "consumed/s")
}
