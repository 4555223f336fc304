package worker_test

import (
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
)

// BenchmarkRoad measures the worker alone, from the broker to a store in
// memory, with a classifier that costs nothing: what is left for classifying.
func BenchmarkRoad(b *testing.B) {
	r := newRoad(b, embeddedtest.Broker(b))
	r.cfg.Consumer.MaxRecords = 5000
	r.queue = r.open(r.registry)
	text := strings.Repeat("Selamat pagi, rapat dimulai pukul sembilan. ", 5)
	const lot = 2000
	sent := 0
	for ; sent < max(b.N, lot); sent += lot {
		posts := make([]post.Post, lot)
		for i := range posts {
			posts[i] = aPost(sent+i, text)
			if i%100 == 0 {
				posts[i].Text = "ayo coblos nomor 2"
			}
		}
		if err := r.producer.Send(b.Context(), posts...); err != nil {
			b.Fatal(err)
		}
	}
	store := newMemory()
	b.ResetTimer()
	r.work(settings(), store)
	eventually(b, "all posts are counted", func() bool { return store.counted() == sent })
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "posts/s")
}
