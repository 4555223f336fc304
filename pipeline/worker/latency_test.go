package worker_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/worker"
)

// stopwatch notes when each flagged post reached the store.
type stopwatch struct {
	mutex   sync.Mutex
	arrived map[string]time.Time
}

func (s *stopwatch) Insert(_ context.Context, batch worker.Batch) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := time.Now()
	for i := range batch.Flags {
		s.arrived[batch.Flags[i].Post.ID] = now
	}
	return nil
}

func (s *stopwatch) Ping(context.Context) error { return nil }

func (s *stopwatch) count() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.arrived)
}

// BenchmarkLatency measures the time from the call of the producer to the call
// of the store at 500 posts/s, with the batching of the default configuration.
func BenchmarkLatency(b *testing.B) {
	r := newRoad(b, embeddedtest.Broker(b))
	r.cfg.Consumer.Linger, r.cfg.Consumer.Idle = 200*time.Millisecond, 500*time.Millisecond
	r.queue = r.open(r.registry)
	watch := &stopwatch{arrived: map[string]time.Time{}}
	r.work(settings(), watch)
	r.send(recordOf(b, aPost(1<<30, "coblos"), 1))
	eventually(b, "the worker works", func() bool { return watch.count() == 1 })
	sent := make([]time.Time, b.N)
	ticker := time.NewTicker(time.Second / 500)
	defer ticker.Stop()
	var sending sync.WaitGroup
	b.ResetTimer()
	for i := range b.N {
		<-ticker.C
		sent[i] = time.Now()
		sending.Go(func() {
			if err := r.producer.Send(b.Context(), []post.Post{aPost(i, "coblos")}...); err != nil {
				b.Error(err)
			}
		})
	}
	sending.Wait()
	eventually(b, "all have come", func() bool { return watch.count() == b.N+1 })
	took := make([]time.Duration, b.N)
	for i := range took {
		took[i] = watch.arrived[aPost(i, "").ID].Sub(sent[i])
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[b.N/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[b.N*99/100].Milliseconds()), "p99-ms")
}
