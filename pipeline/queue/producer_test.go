package queue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/kafkatest"
)

func TestProducer(t *testing.T) {
	onBothBrokers(t, map[string]func(*testing.T, queue.Configuration){
		"posts of one account stay in one partition in order": accountsStayInOrder,
		"a record that is too large fails alone":              tooLargeFailsAlone,
		"large records pass":                                  largeRecordsPass,
		"headers travel":                                      headersTravel,
	})
}

func replay(t *testing.T, q *queue.Queue, topic string) map[int][]queue.Record {
	t.Helper()
	records := map[int][]queue.Record{}
	err := q.Replay(t.Context(), topic, nil, func(partition int, record queue.Record) error {
		records[partition] = append(records[partition], record)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func accountsStayInOrder(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	producer := q.NewProducer()
	defer func() { _ = producer.Close() }()
	var sending sync.WaitGroup
	for account := range 20 {
		sending.Go(func() {
			for i := range 10 {
				p := post.Post{ID: fmt.Sprintf("x:%d-%d", account, i), Platform: "x", Account: post.Account{ID: fmt.Sprint(account)}, Text: "t"}
				if err := producer.Send(t.Context(), p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	home, next := map[string]int{}, map[string]int{}
	for partition, records := range replay(t, q, cfg.Topic) {
		for _, record := range records {
			p, err := post.Decode(record.Value)
			if err != nil {
				t.Fatal(err)
			}
			key := string(record.Key)
			if want := fmt.Sprintf("x:%s-%d", p.Account.ID, next[key]); p.ID != want || key != p.Key() {
				t.Errorf("post %s with key %s, want %s", p.ID, key, want)
			}
			if at, ok := home[key]; ok && at != partition {
				t.Errorf("account %s is in partitions %d and %d", key, at, partition)
			}
			home[key] = partition
			next[key]++
		}
	}
	if len(next) != 20 || next["x:7"] != 10 {
		t.Errorf("found %v", next)
	}
}

func tooLargeFailsAlone(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	producer := q.NewProducer()
	defer func() { _ = producer.Close() }()
	err := producer.SendRecords(t.Context(),
		queue.Record{Key: []byte("a"), Value: []byte("1")},
		queue.Record{Key: []byte("b"), Value: make([]byte, cfg.Topics.MaxMessageBytes+1)},
		queue.Record{Key: []byte("c"), Value: []byte("2")})
	var failed *queue.SendError
	if !errors.As(err, &failed) || !errors.Is(err, queue.ErrTooLarge) || len(failed.Failed) != 1 || failed.Failed[1] == nil {
		t.Errorf("got %v, want that record 1 is too large", err)
	}
	sent := 0
	for _, records := range replay(t, q, cfg.Topic) {
		sent += len(records)
	}
	if sent != 2 {
		t.Errorf("%d records sent, want the other 2", sent)
	}
}

func largeRecordsPass(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	producer := q.NewProducer()
	defer func() { _ = producer.Close() }()
	value := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // 3.2 MB
	for i := range 5 {
		if err := producer.SendRecords(t.Context(), queue.Record{Key: []byte("same"), Value: value}); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	l := newLedger()
	bytesSeen := 0
	consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		for _, record := range b.Records {
			bytesSeen += len(record.Value)
		}
		if len(b.Records) > 2 {
			t.Errorf("a batch of %d records of 3.2 MB, with a limit of %d bytes", len(b.Records), cfg.Consumer.MaxBytes)
		}
		return nil
	}))
	eventually(t, "all bytes have come", func() bool {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		return bytesSeen == 5*len(value)
	})
}

func headersTravel(t *testing.T, cfg queue.Configuration) {
	q := openReady(t, cfg)
	producer := q.NewProducer()
	defer func() { _ = producer.Close() }()
	p := post.Post{ID: "x:1", Platform: "x", Account: post.Account{ID: "1"}, Text: "t"}
	for _, revision := range []int{1, 3} {
		record, err := queue.PostRecord(&p, revision)
		if err != nil {
			t.Fatal(err)
		}
		if err := producer.SendRecords(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
	if err := producer.SendRecords(t.Context(), queue.Record{Key: []byte("x:1"), Value: []byte("v"),
		Headers: []queue.Header{{Key: "odd", Value: nil}, {Key: queue.RevisionHeader, Value: []byte("zwei")}}}); err != nil {
		t.Fatal(err)
	}
	for _, records := range replay(t, q, cfg.Topic) {
		for i, want := range []int{1, 3, 1} {
			if got := records[i].Revision(); got != want {
				t.Errorf("record %d has revision %d, want %d", i, got, want)
			}
			if records[i].Time.Before(time.Now().Add(-time.Minute)) {
				t.Errorf("record %d is of %v", i, records[i].Time)
			}
		}
	}
}

// restartable is a broker that a test kills and starts again.
type restartable struct {
	address string
	kill    func() error
	start   func() error
}

func restartableBrokers() map[string]func(*testing.T) restartable {
	return map[string]func(*testing.T) restartable{
		"embedded": func(t *testing.T) restartable {
			cfg := embedded.DefaultBrokerConfiguration()
			cfg.DataDir, cfg.Listen = filepath.Join(t.TempDir(), "broker"), "127.0.0.1:0"
			broker, err := embedded.StartBroker(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = broker.Close() })
			cfg.Listen = broker.Addresses()[0]
			return restartable{
				address: cfg.Listen,
				kill:    func() error { return broker.Close() },
				start: func() (err error) {
					broker, err = embedded.StartBroker(cfg, slog.New(slog.DiscardHandler))
					return err
				},
			}
		},
		"kafka": func(t *testing.T) restartable {
			broker := kafkatest.Broker(t)
			return restartable{broker.Addr(), broker.Kill, func() error {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				return broker.Restart(ctx)
			}}
		},
	}
}

func TestNothingIsLostWhenTheBrokerGoesAndComesBack(t *testing.T) {
	for name, start := range restartableBrokers() {
		t.Run(name, func(t *testing.T) {
			broker := start(t)
			cfg := configuration(t, broker.address)
			q := openReady(t, cfg)
			l := newLedger()
			consume(t, q, 0, handled(func(_ context.Context, b queue.Batch) error {
				time.Sleep(time.Millisecond)
				l.insert(b)
				return nil
			}))
			const n = 2000
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for i := range n / 100 {
					produce(t, q, i*100, 100)
					time.Sleep(50 * time.Millisecond)
				}
			}()
			for range 2 {
				time.Sleep(300 * time.Millisecond)
				if err := broker.kill(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(300 * time.Millisecond)
				if err := broker.start(); err != nil {
					t.Fatal(err)
				}
			}
			<-sent
			eventually(t, "all values are stored", func() bool { return l.count() == n })
			settles(t, q, cfg)
			lost := 0
			for i := range n {
				if l.values[fmt.Sprintf("value %d", i)] == 0 {
					lost++
				}
			}
			if lost > 0 || len(l.wrong) > 0 {
				t.Errorf("%d values lost; %v", lost, l.wrong)
			}
		})
	}
}
