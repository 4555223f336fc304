package embedded_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// TestAMemberThatDiesWhileItJoinsKeepsNoPartitions joins a group and vanishes
// before the answer: whoever lives must get all partitions soon.
func TestAMemberThatDiesWhileItJoinsKeepsNoPartitions(t *testing.T) {
	address := embeddedtest.Broker(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := &kafka.Client{Addr: kafka.TCP(address)}
	created, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: "t", NumPartitions: 4, ReplicationFactor: 1}}})
	if err != nil || created.Errors["t"] != nil {
		t.Fatal(err, created)
	}
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: "g", Brokers: []string{address}, Topics: []string{"t"},
		SessionTimeout: 6 * time.Second, RebalanceTimeout: 6 * time.Second, HeartbeatInterval: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = group.Close() }()
	owned := make(chan int, 16)
	go func() {
		for {
			generation, err := group.Next(ctx)
			if err != nil {
				return
			}
			generation.Start(func(ctx context.Context) { <-ctx.Done() })
			owned <- len(generation.Assignments["t"])
		}
	}()
	if n := <-owned; n != 4 {
		t.Fatalf("%d partitions at first, want 4", n)
	}
	// Whether the broker starts a session for the dead is a toss of a coin.
	for range 3 {
		joinAndVanish(t, address)
		untilAllAreBack(ctx, t, owned)
	}
}

// untilAllAreBack waits until the living member has lost partitions and has all
// four again.
func untilAllAreBack(ctx context.Context, t *testing.T, owned <-chan int) {
	t.Helper()
	for shared := false; ; {
		select {
		case n := <-owned:
			shared = shared || n < 4
			if shared && n == 4 {
				return
			}
		case <-ctx.Done():
			t.Fatalf("the partitions of the dead member lie (had it any: %t)", shared)
		}
	}
}

func joinAndVanish(t *testing.T, address string) {
	t.Helper()
	metadata := kmsg.NewConsumerMemberMetadata()
	metadata.Topics = []string{"t"}
	join := kmsg.NewPtrJoinGroupRequest()
	join.Version, join.Group, join.ProtocolType = 1, "g", "consumer"
	join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = 6000, 6000
	for _, name := range []string{"range", "roundrobin"} {
		protocol := kmsg.NewJoinGroupRequestProtocol()
		protocol.Name, protocol.Metadata = name, metadata.AppendTo(nil)
		join.Protocols = append(join.Protocols, protocol)
	}
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write(kmsg.NewRequestFormatter().AppendRequest(nil, join, 1)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the broker reads it
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
}
