package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/queue"
)

// BenchmarkRoadWithAnswers sends posts and reads them as the workers do, with and
// without what their platforms answered: 500 bytes of post, 3 KB of answer of which
// two thirds are the same in every one of an account, as Mastodon's are.
func BenchmarkRoadWithAnswers(b *testing.B) {
	same := strings.Repeat(`"emojis":[],"fields":[],"note":"<p>Pranata humas, pengelola data, senang bersepeda</p>",`, 22)
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("answers=%v", with), func(b *testing.B) {
			cfg := configuration(b, embeddedtest.Broker(b))
			cfg.Topics.Partitions = 1
			cfg.Topic = fmt.Sprintf("%s.%d", cfg.Topic, b.N)
			q := openReady(b, cfg)
			producer := q.NewProducer()
			defer func() { _ = producer.Close() }()
			records := make([]queue.Record, b.N)
			b.ResetTimer()
			for i := range records {
				text := fmt.Sprintf("unggahan ke %d: %x", i, noise(100))
				records[i] = queue.Record{Key: []byte("mastodon:1"), Value: fmt.Appendf(nil, `{"id":"mastodon:%d","text":%q,"padding":%q}`, i, text, strings.Repeat("x", 200))}
				if with {
					raw := fmt.Appendf(nil, `{"id":"%d","content":%q,%s"extra":"%x"}`, i, text, same, noise(300))
					if err := producer.AttachRaw(&records[i], raw, map[string]any{"address": "https://contoh.id/api/v1/accounts/42/statuses?limit=40", "status": 200}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/prepared")
			sent := b.Elapsed()
			for from := 0; from < len(records); from += 500 {
				if err := producer.SendRecords(b.Context(), records[from:min(from+500, len(records))]...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((b.Elapsed()-sent).Nanoseconds())/float64(b.N), "ns/sent")
			read, seen := b.Elapsed(), 0
			if err := q.Replay(b.Context(), cfg.Topic, nil, func(int, queue.Record) error { seen++; return nil }); err != nil || seen != b.N {
				b.Fatal(seen, err)
			}
			b.ReportMetric(float64((b.Elapsed()-read).Nanoseconds())/float64(b.N), "ns/read")
		})
	}
}
