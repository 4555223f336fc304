package capture_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
)

// TestSeveralConsolesDoNothingTwice lets three workers on one database look for the
// same flags and capture them at once.
func TestSeveralConsolesDoNothingTwice(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		p := newPlaces(t, address)
		var workers []*bench
		for range 3 {
			b, err := p.open(t.Context(), databasetest.Open(t, address), options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.queue.Close(); _ = b.store.Close() })
			workers = append(workers, b)
		}
		const flags = 15
		for n := range flags {
			one, offset := workers[0].collected(t, samplePost(fmt.Sprintf("mastodon:%d", n), "coblos nomor 2"), fmt.Sprintf(`{"n":%d}`, n), nil)
			workers[0].flagged(t, one, offset, "support")
		}
		var all sync.WaitGroup
		for _, b := range workers {
			all.Go(func() {
				if err := b.TakeIn(t.Context()); err != nil {
					t.Error(err)
				}
				if err := b.Work(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		workers[0].work(t) // what one had claimed when another looked
		for n := range flags {
			id := fmt.Sprintf("mastodon:%d", n)
			pieces := workers[0].pieces(t, id)
			for _, kind := range []evidence.Kind{evidence.Raw, evidence.Record, evidence.Verdict} {
				if len(pieces[kind]) != 1 {
					t.Errorf("%s: %d pieces of the kind %s", id, len(pieces[kind]), kind)
				}
			}
		}
	})
}
