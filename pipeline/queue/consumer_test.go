package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netra-id/netra/pipeline/queue"
)

func TestConsumer(t *testing.T) {
	onBothBrokers(t, map[string]func(*testing.T, queue.Configuration){
		"every record comes once in order and the lag ends at zero": everyRecordOnce,
		"a batch is rebuilt exactly after a crash":                  rebuiltAfterACrash,
		"a drain finishes the batch in hand":                        drainFinishes,
		"a zombie is fenced":                                        zombieIsFenced,
		"members come and go under load":                            membersComeAndGo,
		"a plan that expired is left out":                           expiredPlan,
		"a plan that expired in part is rebuilt from what is there": partlyExpiredPlan,
		"what lies before is recalled":                              recalls,
		"a handler that gives up gets the batch again":              handlerGivesUp,
	})
}

func everyRecordOnce(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	produce(t, q, 0, 1000)
	l := newLedger()
	var mutex sync.Mutex
	last := map[int]int64{}
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		mutex.Lock()
		defer mutex.Unlock()
		for _, record := range b.Records {
			if before, ok := last[b.Partition]; ok && record.Offset != before+1 {
				t.Errorf("partition %d: offset %d after %d", b.Partition, record.Offset, before)
			}
			last[b.Partition] = record.Offset
		}
		if len(b.Records) > cfg.Consumer.MaxRecords {
			t.Errorf("batch of %d records, at most %d", len(b.Records), cfg.Consumer.MaxRecords)
		}
		l.insert(b)
		return nil
	}))
	eventually(t, "1000 values are stored", func() bool { return l.count() == 1000 })
	l.check(t, 1000)
	settles(t, q, cfg)
}

// settles waits until the group has committed the end of every partition.
func settles(t *testing.T, q *queue.Queue, cfg queue.Configuration) {
	t.Helper()
	for partition := range cfg.Topics.Partitions {
		eventually(t, fmt.Sprintf("the lag of partition %d is zero", partition), func() bool {
			_, end, err := q.Bounds(t.Context(), partition)
			if err != nil {
				return false
			}
			offset, metadata, err := q.Committed(t.Context(), cfg.Consumer.Group, partition)
			return err == nil && (offset == end && metadata == "" || offset == -1 && end == 0)
		})
	}
}

func rebuiltAfterACrash(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 120)
	l := newLedger()
	crashed := make(chan queue.Batch, 100)
	first := consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.insert(b) // stored, and then the process dies before it can say so
		crashed <- b
		return errors.New("crash")
	}))
	stored := <-crashed
	first.end()
	produce(t, q, 120, 80) // more has come since
	cfg.Consumer.MaxRecords = 7
	again, _ := open(t, cfg) // whose batches would be cut otherwise
	var rebuilt atomic.Int32
	consume(t, again, 0, handled(func(_ context.Context, b queue.Batch) error {
		if b.Rebuilt {
			rebuilt.Add(1)
			if b.Token() != stored.Token() {
				t.Errorf("rebuilt %s, want %s", b.Token(), stored.Token())
			}
		}
		l.insert(b)
		return nil
	}))
	eventually(t, "200 values are stored", func() bool { return l.count() == 200 })
	l.check(t, 200)
	if rebuilt.Load() != 1 || l.repeats == 0 {
		t.Errorf("%d batches rebuilt, %d repeated, want one rebuilt", rebuilt.Load(), l.repeats)
	}
}

func drainFinishes(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 120)
	l := newLedger()
	begun, goOn := make(chan struct{}, 100), make(chan struct{})
	c := consume(t, q, 0, handled(func(ctx context.Context, b queue.Batch) error {
		begun <- struct{}{}
		<-goOn
		if ctx.Err() != nil {
			t.Error("the batch in hand was cut off by the drain")
		}
		l.insert(b)
		return nil
	}))
	<-begun
	c.stop()
	time.Sleep(200 * time.Millisecond)
	close(goOn)
	c.end()
	offset, metadata, err := q.Committed(t.Context(), cfg.Consumer.Group, 0)
	if err != nil || metadata != "" || offset != int64(l.count()) {
		t.Errorf("committed %d %q (%v), want %d and no plan", offset, metadata, err, l.count())
	}
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		if b.Rebuilt {
			t.Errorf("batch %s was rebuilt after a drain", b.Token())
		}
		l.insert(b)
		return nil
	}))
	eventually(t, "120 values are stored", func() bool { return l.count() == 120 })
	l.check(t, 120)
}

func zombieIsFenced(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 300)
	h := newHolder()
	zombies, registry := open(t, cfg)
	zombies.SetDial(h.dial)
	l := newLedger()
	var asZombie atomic.Bool
	paused, resumed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	consume(t, zombies, 0, handled(func(ctx context.Context, b queue.Batch) error {
		once.Do(func() {
			h.hold(true)
			close(paused)
			<-resumed
			confirming, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := b.Confirm(confirming); !errors.Is(err, queue.ErrFenced) {
				t.Errorf("confirming the batch gave %v, want that it is fenced", err)
			}
		})
		l.insert(b) // a zombie may still store the batch that it holds: same token
		if asZombie.Load() && ctx.Err() == nil && !b.Rebuilt && len(l.values) < 300 {
			t.Logf("the zombie handled %s", b.Token())
		}
		return nil
	}))
	<-paused
	successor := consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.insert(b)
		return nil
	}))
	eventually(t, "the successor has stored everything", func() bool { return l.count() == 300 })
	asZombie.Store(true)
	h.hold(false)
	close(resumed)
	eventually(t, "the zombie notices", func() bool { return ended(registry) > 0 })
	l.check(t, 300)
	successor.end()
	produce(t, q, 300, 100) // the zombie is a good member again
	eventually(t, "400 values are stored", func() bool { return l.count() == 400 })
	l.check(t, 400)
	if l.repeats == 0 {
		t.Error("the zombie's batch was not stored by both")
	}
}

func membersComeAndGo(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	const n = 6000
	l := newLedger()
	handle := handled(func(ctx context.Context, b queue.Batch) error {
		select { // a store that takes its time
		case <-time.After(3 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		l.insert(b)
		return nil
	})
	var members []*consumer
	for i := range 6 {
		produce(t, q, i*n/6, n/6)
		own, _ := open(t, cfg)
		members = append(members, consume(t, own, 0, handle))
		if i >= 2 {
			members[0].end()
			members = members[1:]
		}
	}
	eventually(t, "all values are stored", func() bool { return l.count() == n })
	l.check(t, n)
	settles(t, q, cfg)
}

// planThenCrash leaves a plan of the records from 0 on, unhandled.
func planThenCrash(t *testing.T, q *queue.Queue) queue.Batch {
	planned := make(chan queue.Batch, 100)
	c := consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		planned <- b
		return errors.New("crash")
	}))
	b := <-planned
	c.end()
	return b
}

func deleteUntil(t *testing.T, cfg queue.Configuration, offset int64) {
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.TimeoutMillis = 5000
	request.Topics = []kmsg.DeleteRecordsRequestTopic{{
		Topic: cfg.Topic, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: offset}},
	}}
	response, err := request.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if code := response.Topics[0].Partitions[0].ErrorCode; code != 0 {
		t.Fatalf("delete records: error %d", code)
	}
}

func expiredPlan(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 120)
	planned := planThenCrash(t, q)
	deleteUntil(t, cfg, planned.Last+11)
	l := newLedger()
	consume(t, q, 20, handled(func(_ context.Context, b queue.Batch) error {
		if b.Rebuilt {
			t.Errorf("batch %s was rebuilt of nothing", b.Token())
		}
		l.insert(b)
		return nil
	}))
	want := 120 - int(planned.Last+11)
	eventually(t, "what is left is stored", func() bool { return l.count() == want })
}

func partlyExpiredPlan(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 120)
	planned := planThenCrash(t, q)
	deleteUntil(t, cfg, planned.Last-4)
	l := newLedger()
	consume(t, q, 20, handled(func(_ context.Context, b queue.Batch) error {
		if b.Rebuilt && (b.Token() != planned.Token() || len(b.Records) != 5) {
			t.Errorf("rebuilt %s of %d records, want %s of 5", b.Token(), len(b.Records), planned.Token())
		}
		l.insert(b)
		return nil
	}))
	want := 120 - int(planned.Last-4)
	eventually(t, "what is left is stored", func() bool { return l.count() == want })
	if _, ok := l.batches[planned.Token()]; !ok {
		t.Error("the planned batch was not rebuilt")
	}
}

type recaller struct {
	queue.HandlerFunc
	recalled func(queue.Record)
}

func (r recaller) Recall(record queue.Record) { r.recalled(record) }

func recalls(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 100)
	l := newLedger()
	store := queue.HandlerFunc(func(_ context.Context, b queue.Batch) error { l.insert(b); return nil })
	first := consume(t, q, 0, handled(store))
	eventually(t, "100 values are stored", func() bool { return l.count() == 100 })
	first.end()
	produce(t, q, 100, 10)
	var recalled []int64
	second := consume(t, q, 30, func(string, int) queue.Handler {
		recalled = nil
		return recaller{store, func(r queue.Record) { recalled = append(recalled, r.Offset) }}
	})
	eventually(t, "110 values are stored", func() bool { return l.count() == 110 })
	second.end()
	if len(recalled) != 30 || recalled[0] != 70 || recalled[29] != 99 {
		t.Errorf("recalled %v, want 70 to 99", recalled)
	}
}

func handlerGivesUp(t *testing.T, cfg queue.Configuration) {
	cfg.Topics.Partitions = 1
	q := openReady(t, cfg)
	produce(t, q, 0, 60)
	l := newLedger()
	var calls atomic.Int32
	var token atomic.Value
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		if calls.Add(1) == 1 {
			token.Store(b.Token())
			return errors.New("not today")
		}
		if calls.Load() == 2 && b.Token() != token.Load() {
			t.Errorf("got batch %s, want %s again", b.Token(), token.Load())
		}
		l.insert(b)
		return nil
	}))
	eventually(t, "60 values are stored", func() bool { return l.count() == 60 })
	l.check(t, 60)
}
