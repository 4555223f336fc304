package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/queue"
)

// TestLagOfTheGroupIsKnownWithoutWorkers sends records that nobody reads.
func TestLagOfTheGroupIsKnownWithoutWorkers(t *testing.T) {
	cfg := configuration(t, embeddedtest.Broker(t))
	q, registry := open(t, cfg)
	if _, err := q.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	producer := q.NewProducer()
	records := make([]queue.Record, 7)
	for n := range records {
		records[n] = queue.Record{Topic: cfg.Topic, Key: []byte{byte(n)}, Value: []byte("x")}
	}
	if err := producer.SendRecords(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.WatchGroup(ctx) }()
	deadline := time.Now().Add(time.Minute)
	for total(registry, "netra_queue_group_lag_records") != 7 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if lag := total(registry, "netra_queue_group_lag_records"); lag != 7 {
		t.Errorf("a lag of %g records is told, want 7", lag)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
