package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/queue"
)

func TestRest(t *testing.T) {
	onBothBrokers(t, map[string]func(*testing.T, queue.Configuration){
		"workers rest when asked and go on when released": workersRest,
		"a rest ends by itself":                           restEnds,
		"a group without members can be moved back":       movedBack,
	})
}

// rested waits until the group has acknowledged all that it began, and returns
// its standings.
func rested(t *testing.T, q *queue.Queue) map[int]queue.Standing {
	t.Helper()
	var standings map[int]queue.Standing
	eventually(t, "no batch is under way", func() bool {
		var err error
		if standings, err = q.Standings(t.Context()); err != nil {
			return false
		}
		for _, s := range standings {
			if s.Planned {
				return false
			}
		}
		return true
	})
	return standings
}

func workersRest(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	l := newLedger()
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.insert(b)
		return nil
	}))
	produce(t, q, 0, 200)
	eventually(t, "200 values are stored", func() bool { return l.count() == 200 })
	if err := q.AskForRest(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	n := 200
	eventually(t, "all that comes stays in the log", func() bool {
		produce(t, q, n, 1)
		n++
		lag := int64(0)
		for _, s := range rested(t, q) {
			lag += s.Lag()
		}
		return lag >= 40
	})
	before, stored := rested(t, q), l.count()
	produce(t, q, n, 100)
	n += 100
	for partition, s := range rested(t, q) {
		if before[partition].Committed != s.Committed {
			t.Errorf("partition %d went from %d to %d during the rest", partition, before[partition].Committed, s.Committed)
		}
	}
	if l.count() != stored {
		t.Errorf("%d values were stored during the rest", l.count()-stored)
	}
	if err := q.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all values are stored", func() bool { return l.count() == n })
	l.check(t, n)
}

func restEnds(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	if err := q.AskForRest(t.Context(), 3*time.Second); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.insert(b)
		return nil
	}))
	produce(t, q, 0, 100)
	eventually(t, "100 values are stored though nobody released the workers", func() bool { return l.count() == 100 })
}

func movedBack(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 50)
	l := newLedger()
	worker := consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.insert(b)
		return nil
	}))
	eventually(t, "50 values are stored", func() bool { return l.count() == 50 })
	if err := q.SetPositions(t.Context(), map[int]queue.Position{0: {Offset: 20}}); err == nil {
		t.Error("a group with members was moved")
	}
	worker.end()
	if err := q.SetPositions(t.Context(), map[int]queue.Position{0: {Offset: 20}}); err != nil {
		t.Fatal(err)
	}
	standings, err := q.Standings(t.Context())
	if err != nil || standings[0].Committed != 20 {
		t.Errorf("standings %v, %v; want offset 20", standings, err)
	}
}
