package worker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/worker"
)

// keyword flags posts that hold a word, and fails on a post that holds another.
type keyword struct{ version string }

func (k keyword) Classify(p *post.Post, _ string) post.Verdict {
	v := post.Verdict{ID: p.ID, Language: post.Language{Code: "id", Confidence: 1}, Versions: k.Versions()}
	if strings.Contains(p.Text, "panik") {
		panic("a defect on purpose")
	}
	if at := strings.Index(p.Text, "coblos"); at >= 0 {
		v.Flagged = true
		v.Labels = []post.LabelScore{{Label: post.Support, Score: 0.9, Reasons: []post.Reason{
			{Kind: post.ReasonKeyword, Source: "support/coblos", Start: at, End: at + 6, Text: "coblos", Weight: 0.9},
		}}}
	}
	return v
}

func (k keyword) Versions() post.Versions { return post.Versions{Lists: k.version} }

// everyone is a roster that knows every account but "unknown".
type everyone struct{}

func (everyone) Resolve(key string, _ time.Time) (post.Person, bool) {
	if strings.HasSuffix(key, ":unknown") {
		return post.Person{}, false
	}
	return post.Person{PersonID: "hash of " + key, Agency: "Dinas Contoh", Region: "61.08"}, true
}

// memory is a store in memory that drops repeated tokens, can be away, and
// refuses flagged posts whose text holds "tolak".
type memory struct {
	mutex  sync.Mutex
	away   bool
	tokens map[string]bool
	flags  []post.Flag
	edits  []worker.Edit
	counts map[post.HourlyCount]uint64
	tries  int
}

func newMemory() *memory {
	return &memory{tokens: map[string]bool{}, counts: map[post.HourlyCount]uint64{}}
}

func (m *memory) Insert(_ context.Context, batch worker.Batch) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.tries++
	if m.away {
		return errors.New("nothing listens there")
	}
	for i := range batch.Flags {
		if strings.Contains(batch.Flags[i].Post.Text, "tolak") {
			return fmt.Errorf("insert batch %s: %w", batch.Token, worker.ErrRefused)
		}
	}
	// Like the real one, each table drops a repeated token by itself.
	if token := batch.Token + "/flags"; len(batch.Flags) > 0 && !m.tokens[token] {
		m.tokens[token] = true
		m.flags = append(m.flags, batch.Flags...)
	}
	if token := batch.Token + "/edits"; len(batch.Edits) > 0 && !m.tokens[token] {
		m.tokens[token] = true
		m.edits = append(m.edits, batch.Edits...)
	}
	if token := batch.Token + "/counts"; len(batch.Counts) > 0 && !m.tokens[token] {
		m.tokens[token] = true
		for _, count := range batch.Counts {
			posts := count.Posts
			count.Posts = 0
			m.counts[count] += posts
		}
	}
	return nil
}

func (m *memory) Ping(context.Context) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.away {
		return errors.New("nothing listens there")
	}
	return nil
}

func (m *memory) setAway(away bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.away = away
}

// counted is how many posts the hourly counts hold.
func (m *memory) counted() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	sum := uint64(0)
	for _, posts := range m.counts {
		sum += posts
	}
	return int(sum)
}

func (m *memory) stored() []post.Flag {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]post.Flag(nil), m.flags...)
}

func (m *memory) tried() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.tries
}

// road is a broker with topics, and what a worker needs.
type road struct {
	t        testing.TB
	cfg      queue.Configuration
	queue    *queue.Queue
	producer *queue.Producer
	registry *prometheus.Registry
}

func newRoad(t testing.TB, broker string) *road {
	cfg := queue.DefaultConfiguration()
	unique := strings.NewReplacer("/", ".", " ", "_", "#", ".").Replace(t.Name())
	cfg.Brokers = []string{broker}
	cfg.Topic, cfg.DeadTopic, cfg.Consumer.Group = "posts."+unique, "dead."+unique, "group."+unique
	cfg.Topics.Partitions = 2
	cfg.Consumer.MaxRecords = 100
	cfg.Consumer.Linger, cfg.Consumer.Idle = 30*time.Millisecond, 100*time.Millisecond
	cfg.Consumer.SessionTimeout, cfg.Consumer.HeartbeatInterval = 6*time.Second, 200*time.Millisecond
	cfg.Consumer.DrainTimeout = 5 * time.Second
	r := &road{t: t, cfg: cfg, registry: prometheus.NewRegistry()}
	r.queue = r.open(r.registry)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := r.queue.EnsureTopics(ctx); err != nil {
		t.Fatal(err)
	}
	r.producer = r.queue.NewProducer()
	t.Cleanup(func() { _ = r.producer.Close() })
	return r
}

func (r *road) open(registry *prometheus.Registry) *queue.Queue {
	q, err := queue.New(r.cfg, logger(r.t), registry)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(q.Close)
	return q
}

// running is a worker at work.
type running struct {
	*worker.Worker
	stop func()
}

func (r *road) work(cfg worker.Configuration, store worker.Store) running {
	w, err := worker.New(cfg, worker.Dependencies{
		Queue: r.queue, Store: store, Classifier: keyword{"v1"}, Roster: everyone{}, Logger: logger(r.t), Registerer: r.registry,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(ctx); err != nil {
			r.t.Error(err)
		}
	}()
	stop := func() { cancel(); <-done }
	r.t.Cleanup(stop)
	return running{w, stop}
}

func (r *road) send(records ...queue.Record) {
	r.t.Helper()
	if err := r.producer.SendRecords(r.t.Context(), records...); err != nil {
		r.t.Fatal(err)
	}
}

// dead reads all dead letters.
func (r *road) dead() []queue.Record {
	r.t.Helper()
	var letters []queue.Record
	err := r.queue.Replay(r.t.Context(), r.cfg.DeadTopic, nil, func(_ int, record queue.Record) error {
		letters = append(letters, record)
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return letters
}

func (r *road) metric(name string) float64 {
	families, err := r.registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() == name {
			for _, metric := range family.GetMetric() {
				sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func settings() worker.Configuration {
	cfg := worker.DefaultConfiguration()
	cfg.RetryLeast, cfg.RetryMost = 10*time.Millisecond, 50*time.Millisecond
	return cfg
}

var created = time.Date(2024, 11, 20, 8, 30, 0, 0, time.UTC)

func aPost(id int, text string) post.Post {
	return post.Post{
		ID: fmt.Sprintf("mastodon:%d", id), Platform: "mastodon", Kind: post.KindPost,
		Account: post.Account{ID: fmt.Sprint(id % 7)}, Text: text,
		CreatedAt: created.Add(time.Duration(id%3) * time.Hour), CollectedAt: created.Add(5 * time.Hour),
	}
}

func recordOf(t testing.TB, p post.Post, revision int) queue.Record {
	t.Helper()
	record, err := queue.PostRecord(&p, revision)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for range 3600 {
		if is() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("it never came to be that %s", what)
}

func headerOf(record queue.Record, key string) string {
	for _, header := range record.Headers {
		if header.Key == key {
			return string(header.Value)
		}
	}
	return ""
}

func heapMB() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc) / (1 << 20)
}

type testOutput struct{ t testing.TB }

func (o testOutput) Write(p []byte) (int, error) {
	o.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testOutput{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
