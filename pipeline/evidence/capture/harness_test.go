package capture_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) {
	child() // it does not return where this process is the one that is killed
	embeddedtest.Main(m, databasetest.Stop)
}

// bench is a worker on real parts, with what is around it.
type bench struct {
	*capture.Worker
	db     *database.DB
	keeper *evidence.Keeper
	log    *seal.Log
	store  *store.Store
	queue  *queue.Queue
	files  *blobs.Store
	now    time.Time
}

type options struct {
	configure func(*capture.Configuration)
	handed    capture.Handed
	edits     bool
}

// places say where the parts are.
type places struct {
	Dir, Database, Broker, Topic, Engine, User, Password, Schema string
}

func newPlaces(t *testing.T, address string) places {
	t.Helper()
	engine := embeddedtest.Engine(t)
	return places{
		Dir: t.TempDir(), Database: address, Broker: embeddedtest.Broker(t), Topic: "posts." + strings.NewReplacer("/", ".", " ", "_").Replace(t.Name()),
		Engine: "http://" + engine.Address, User: engine.User, Password: engine.Password, Schema: engine.Database,
	}
}

func (p places) open(ctx context.Context, db *database.DB, o options) (b *bench, err error) {
	b = &bench{db: db}
	cfg := queue.DefaultConfiguration()
	cfg.Brokers, cfg.Topic, cfg.DeadTopic, cfg.Topics.Partitions = []string{p.Broker}, p.Topic, p.Topic+".dead", 1
	if b.queue, err = queue.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err != nil {
		return nil, err
	}
	if _, err := b.queue.EnsureTopics(ctx); err != nil {
		return nil, err
	}
	engine := store.DefaultConfiguration()
	engine.Address, engine.User, engine.Password, engine.Database = p.Engine, p.User, p.Password, p.Schema
	if b.store, err = store.New(engine, slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err != nil {
		return nil, err
	}
	if err := b.store.Migrate(ctx); err != nil {
		return nil, err
	}
	if b.files, err = blobs.New(blobs.Configuration{Dir: filepath.Join(p.Dir, "files")}); err != nil {
		return nil, err
	}
	sealed := seal.DefaultConfiguration()
	sealed.KeyFile, sealed.HeadFile = filepath.Join(p.Dir, "evidence.key"), filepath.Join(p.Dir, "evidence.head")
	if b.log, err = seal.New(ctx, sealed, seal.Dependencies{Database: db}); err != nil {
		return nil, err
	}
	if err := evidence.Migrate(ctx, db); err != nil {
		return nil, err
	}
	if err := capture.Migrate(ctx, db); err != nil {
		return nil, err
	}
	if b.keeper, err = evidence.New(evidence.Dependencies{Database: db, Files: b.files, Log: b.log}); err != nil {
		return nil, err
	}
	c := capture.DefaultConfiguration()
	c.RetryInitial, c.RetryMax, c.Media.Pause = time.Second, time.Minute, 0
	if o.configure != nil {
		o.configure(&c)
	}
	deps := capture.Dependencies{
		Database: db, Keeper: b.keeper, Flags: b.store, Queue: b.queue, Handed: o.handed,
		Now: func() time.Time {
			if b.now.IsZero() {
				return time.Now()
			}
			return b.now
		},
	}
	if o.edits {
		deps.Edits = b.store
	}
	b.Worker, err = capture.New(c, deps)
	return b, err
}

func newBench(t *testing.T, address string, o options) *bench {
	t.Helper()
	b, err := newPlaces(t, address).open(t.Context(), databasetest.Open(t, address), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.queue.Close(); _ = b.store.Close() })
	return b
}

func each(t *testing.T, o options, test func(t *testing.T, b *bench)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, address string) { test(t, newBench(t, address, o)) })
}

func samplePost(id, text string) post.Post {
	return post.Post{
		ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "42", Handle: "@budi@contoh.id"}, Text: text,
		CreatedAt: time.Date(2024, 11, 20, 8, 0, 0, 0, time.FixedZone("WITA", 8*3600)), CollectedAt: time.Date(2024, 11, 20, 9, 0, 0, 0, time.UTC), Source: "s-mastodon",
	}
}

// collected sends a post with what its platform answered, and returns its offset.
func (b *bench) collected(t testing.TB, p post.Post, raw string, exchange *collect.Exchange) (post.Post, int64) {
	t.Helper()
	if raw != "" && p.RawSHA256 == "" {
		p.RawSHA256 = sumOf(raw)
	}
	record, err := queue.PostRecord(&p, 1)
	if err != nil {
		t.Fatal(err)
	}
	producer := b.queue.NewProducer()
	defer func() { _ = producer.Close() }()
	var fetched any
	if exchange != nil {
		fetched = exchange
	}
	if err := producer.AttachRaw(&record, []byte(raw), fetched); err != nil {
		t.Fatal(err)
	}
	if err := producer.SendRecords(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	ranges, err := b.queue.Ranges(t.Context(), b.queue.Configuration().Topic, time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return p, ranges[0].End - 1
}

// flagged stores the flag of a post, as the worker does.
func (b *bench) flagged(t testing.TB, p post.Post, offset int64, label post.Label) {
	t.Helper()
	flag := post.Flag{
		Post: p, Person: post.Person{Name: "Budi", Region: "61.08"}, FlaggedAt: time.Now(), Topic: b.queue.Configuration().Topic, Offset: offset,
		Verdict: post.Verdict{ID: p.ID, Flagged: label != ""},
	}
	if label != "" {
		flag.Verdict.Labels = []post.LabelScore{{Label: label, Score: 0.9, Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", Text: p.Text}}}}
	}
	err := b.store.Insert(t.Context(), store.Batch{Token: fmt.Sprintf("%s/0/%d-%d/%s/%s", flag.Topic, offset, offset, p.ID, label), Flags: []post.Flag{flag}})
	if err != nil {
		t.Fatal(err)
	}
}

// work looks for flags and captures until nothing is left that is due.
func (b *bench) work(t testing.TB) {
	t.Helper()
	for _, do := range []func(context.Context) error{b.TakeIn, b.TakeInEdits, b.Work} {
		if err := do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// pieces are those of a post by kind, in the order in which they were kept.
func (b *bench) pieces(t testing.TB, id string) map[evidence.Kind][]evidence.Stored {
	t.Helper()
	all, err := b.keeper.OfPost(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	byKind := map[evidence.Kind][]evidence.Stored{}
	for _, p := range all {
		byKind[p.Kind] = append(byKind[p.Kind], p)
	}
	return byKind
}

func (b *bench) content(t testing.TB, sum string) string {
	t.Helper()
	blob, err := b.keeper.Open(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blob.Close() }()
	data, err := io.ReadAll(blob)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (b *bench) waiting(t testing.TB, id string) int {
	t.Helper()
	n, err := b.Waiting(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
