package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/kafkatest"
)

// onBothBrokers runs the cases on the embedded broker and on a real Kafka, each
// case with topics and a group of its own.
func onBothBrokers(t *testing.T, cases map[string]func(t *testing.T, cfg queue.Configuration)) {
	for name, address := range map[string]func(testing.TB) string{"embedded": embeddedtest.Broker, "kafka": kafkatest.Kafka} {
		t.Run(name, func(t *testing.T) {
			broker := address(t)
			for name, run := range cases {
				t.Run(name, func(t *testing.T) { run(t, configuration(t, broker)) })
			}
		})
	}
}

func configuration(t testing.TB, broker string) queue.Configuration {
	unique := strings.NewReplacer("/", ".", " ", "_", "#", ".").Replace(t.Name())
	unique = unique[max(len(unique)-100, 0):]
	cfg := queue.DefaultConfiguration()
	cfg.Brokers = []string{broker}
	cfg.Topic, cfg.DeadTopic = "posts."+unique, "dead."+unique
	cfg.Topics.Partitions = 4
	cfg.Consumer.Group = "group." + unique
	cfg.Consumer.MaxRecords = 50
	cfg.Consumer.Linger = 50 * time.Millisecond
	cfg.Consumer.Idle = 150 * time.Millisecond
	cfg.Consumer.SessionTimeout = 6 * time.Second // the least that brokers allow
	cfg.Consumer.HeartbeatInterval = 200 * time.Millisecond
	cfg.Consumer.RebalanceTimeout = 10 * time.Second
	cfg.Consumer.Patience = time.Second
	return cfg
}

func open(t testing.TB, cfg queue.Configuration) (*queue.Queue, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewRegistry()
	q, err := queue.New(cfg, slog.New(slog.NewTextHandler(testOutput{t}, &slog.HandlerOptions{Level: slog.LevelWarn})), registry)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q, registry
}

// openReady also creates the topics.
func openReady(t testing.TB, cfg queue.Configuration) *queue.Queue {
	t.Helper()
	q, _ := open(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := q.EnsureTopics(ctx); err != nil {
		t.Fatal(err)
	}
	return q
}

type testOutput struct{ t testing.TB }

func (o testOutput) Write(p []byte) (int, error) {
	o.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// produce sends n records with keys of several accounts and values from "from".
func produce(t testing.TB, q *queue.Queue, from, n int) {
	t.Helper()
	producer := q.NewProducer()
	records := make([]queue.Record, n)
	for i := range records {
		records[i] = queue.Record{Key: fmt.Appendf(nil, "mastodon:%d", (from+i)%37), Value: fmt.Appendf(nil, "value %d", from+i)}
	}
	if err := producer.SendRecords(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		t.Fatal(err)
	}
}

// consumer is a running consumer.
type consumer struct {
	stop context.CancelFunc
	done chan struct{}
}

func consume(t testing.TB, q *queue.Queue, recall int, open queue.Open) *consumer {
	ctx, stop := context.WithCancel(context.Background())
	c := &consumer{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		if err := q.NewConsumer(recall, open).Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(c.end)
	return c
}

func (c *consumer) end() {
	c.stop()
	<-c.done
}

// handled opens handlers that all call f.
func handled(f queue.HandlerFunc) queue.Open {
	return func(string, int) queue.Handler { return f }
}

// ledger is a store that drops a repeated token, as ClickHouse does.
type ledger struct {
	mutex   sync.Mutex
	batches map[string]queue.Batch
	values  map[string]int
	repeats int
	wrong   []string
}

func newLedger() *ledger {
	return &ledger{batches: map[string]queue.Batch{}, values: map[string]int{}}
}

func (l *ledger) insert(b queue.Batch) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if before, ok := l.batches[b.Token()]; ok {
		l.repeats++
		if !slices.EqualFunc(before.Records, b.Records, sameRecord) {
			l.wrong = append(l.wrong, fmt.Sprintf("batch %s was rebuilt with other records", b.Token()))
		}
		return
	}
	l.batches[b.Token()] = b
	for _, record := range b.Records {
		l.values[string(record.Value)]++
	}
}

func sameRecord(a, b queue.Record) bool {
	return a.Offset == b.Offset && string(a.Value) == string(b.Value)
}

func (l *ledger) count() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.values)
}

// check wants each of n values stored once.
func (l *ledger) check(t *testing.T, n int) {
	t.Helper()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, wrong := range l.wrong {
		t.Error(wrong)
	}
	lost, twice := 0, 0
	for i := range n {
		switch l.values[fmt.Sprintf("value %d", i)] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	if lost > 0 || twice > 0 || len(l.values) != n {
		t.Errorf("of %d values %d are lost, %d stored twice; stored %d", n, lost, twice, len(l.values))
	}
}

// eventually waits for what must come to be.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 3600 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("it never came to be that %s", what)
}

// holder holds the traffic of its connections while it is closed, as a stopped
// process would.
type holder struct {
	mutex sync.Mutex
	cond  *sync.Cond
	held  bool
}

func newHolder() *holder {
	h := &holder{}
	h.cond = sync.NewCond(&h.mutex)
	return h
}

func (h *holder) hold(held bool) {
	h.mutex.Lock()
	h.held = held
	h.mutex.Unlock()
	h.cond.Broadcast()
}

func (h *holder) wait() {
	h.mutex.Lock()
	for h.held {
		h.cond.Wait()
	}
	h.mutex.Unlock()
}

func (h *holder) dial(ctx context.Context, network, address string) (net.Conn, error) {
	h.wait()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return heldConn{conn, h}, err
}

type heldConn struct {
	net.Conn
	holder *holder
}

func (c heldConn) Write(p []byte) (int, error) { c.holder.wait(); return c.Conn.Write(p) }

// A stopped process has no clock: its deadlines pass only for what it does
// after it has been resumed.
func (c heldConn) SetDeadline(time.Time) error      { return nil }
func (c heldConn) SetReadDeadline(time.Time) error  { return nil }
func (c heldConn) SetWriteDeadline(time.Time) error { return nil }
