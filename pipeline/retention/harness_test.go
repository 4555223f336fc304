package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) {
	child() // it does not return where this process is the one that is killed
	embeddedtest.Main(m, databasetest.Stop)
}

var (
	analyst    = access.Viewer{ID: 1, Name: "sari", Role: access.Analyst}
	supervisor = access.Viewer{ID: 2, Name: "citra", Role: access.Supervisor}
	operator   = access.Viewer{Name: "command test"}
	began      = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)
)

// site is a retention on real parts, with a clock of its own.
type site struct {
	*retention.Retention
	db     *database.DB
	store  *store.Store
	review *review.Review
	keeper *evidence.Keeper
	cases  *cases.Cases
	log    *seal.Log
	files  *blobs.Store
	dir    string
	now    time.Time
}

// place says where the parts of a site are.
type place struct {
	Dir, Database string
	Engine        embeddedtest.Connection
}

func open(ctx context.Context, at place, now time.Time) (*site, error) {
	s := &site{dir: at.Dir, now: now}
	clock := func() time.Time { return s.now }
	var err error
	if s.db, err = database.Open(ctx, at.Database); err != nil {
		return nil, err
	}
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+at.Engine.Address, at.Engine.User, at.Engine.Password, at.Engine.Database
	if s.store, err = store.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err != nil {
		return nil, err
	}
	if err = s.store.Migrate(ctx); err != nil {
		return nil, err
	}
	log, err := audit.New(ctx, s.db, audit.Options{Now: clock})
	if err != nil {
		return nil, err
	}
	sealing := seal.DefaultConfiguration()
	sealing.KeyFile, sealing.HeadFile = filepath.Join(at.Dir, "evidence.key"), filepath.Join(at.Dir, "evidence.head")
	if s.log, err = seal.New(ctx, sealing, seal.Dependencies{Database: s.db}); err != nil {
		return nil, err
	}
	for _, migrate := range []func(context.Context, *database.DB) error{review.Migrate, evidence.Migrate, cases.Migrate, retention.Migrate} {
		if err = migrate(ctx, s.db); err != nil {
			return nil, err
		}
	}
	if s.files, err = blobs.New(blobs.Configuration{Dir: filepath.Join(at.Dir, "files")}); err != nil {
		return nil, err
	}
	if s.keeper, err = evidence.New(evidence.Dependencies{Database: s.db, Files: s.files, Log: s.log}); err != nil {
		return nil, err
	}
	keep := retention.DefaultConfiguration()
	keep.Batch = 4
	s.Retention, err = retention.New(keep, retention.Dependencies{
		Database: s.db, Store: s.store, Keeper: s.keeper, Files: s.files, Seal: s.log, Audit: log, Key: []byte("a key for tests only"),
		Remember: 30 * 24 * time.Hour, Now: clock,
	})
	if err != nil {
		return nil, err
	}
	reviewing := review.DefaultConfiguration()
	reviewing.SecondShare = 0
	s.review, err = review.New(reviewing, review.Dependencies{
		Database: s.db, Flags: s.Gate(s.store), Decisions: s.store, Audit: log, Seal: s.log, Now: clock, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		return nil, err
	}
	s.cases, err = cases.New(cases.DefaultConfiguration(), cases.Dependencies{Database: s.db, Posts: s.review, Audit: log, Seal: s.log, Now: clock})
	return s, err
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, address string) {
		test(t, opened(t, place{t.TempDir(), address, embeddedtest.Engine(t)}))
	})
}

// one runs a test on SQLite only.
func one(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	test(t, opened(t, place{t.TempDir(), databasetest.SQLite(t), embeddedtest.Engine(t)}))
}

func opened(t *testing.T, at place) *site {
	t.Helper()
	s, err := open(t.Context(), at, began)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = s.store.Close(), s.db.Close() })
	return s
}

// flag stores a flagged post and takes it into the queue; the file is one of its
// pieces of evidence.
func (s *site) flag(t *testing.T, number int, file string) string {
	t.Helper()
	id := fmt.Sprintf("x:%d", number)
	f := flagOf(id)
	if err := s.store.Insert(t.Context(), store.Batch{Token: "test/" + id, Flags: []post.Flag{f}}); err != nil {
		t.Fatal(err)
	}
	if err := s.review.TakeInFlags(t.Context(), []post.Flag{f}); err != nil {
		t.Fatal(err)
	}
	_, err := s.keeper.Keep(t.Context(), []evidence.Draft{
		{Piece: evidence.Piece{Post: id, Version: version, Kind: evidence.Raw, By: "test", Occasion: evidence.Flagged}, Bytes: []byte(file)},
		{Piece: evidence.Piece{Post: id, Version: version, Kind: evidence.Record, By: "test", Occasion: evidence.Flagged}, Bytes: []byte(`{"id":"` + id + `"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func flagOf(id string) post.Flag {
	return post.Flag{
		Post: post.Post{
			ID: id, Platform: "x", Kind: post.KindPost, Account: post.Account{ID: "akun-" + id, Handle: "@budi"},
			Text: "Rahasia pribadi dari " + id + ": ayo coblos nomor dua besok pagi di TPS terdekat", CreatedAt: began.Add(-time.Hour), CollectedAt: began,
		},
		Person: post.Person{PersonID: "hmac:" + id, Name: "Budi", Region: "61.08", Agency: "Dinas Contoh"}, FlaggedAt: began,
		Verdict: post.Verdict{ID: id, Flagged: true, Language: post.Language{Code: "id"}, Labels: []post.LabelScore{
			{Label: post.Support, Score: 0.9, Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for"}}},
		}},
	}
}

// decide decides on a post and sends the decision to ClickHouse.
func (s *site) decide(t *testing.T, id string, d review.Decision) {
	t.Helper()
	item, err := s.review.Item(t.Context(), analyst, id)
	if err != nil {
		t.Fatal(err)
	}
	d.Note = "catatan rahasia " + id
	if _, err := s.review.Decide(t.Context(), analyst, []review.Choice{{Item: id, Revision: item.Revision}}, d); err != nil {
		t.Fatal(err)
	}
	if err := s.review.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *site) dismiss(t *testing.T, id string) {
	t.Helper()
	s.decide(t, id, review.Decision{Verdict: review.NoViolation, Cause: review.Everyday})
}

func (s *site) confirm(t *testing.T, id string) {
	t.Helper()
	s.decide(t, id, review.Decision{Verdict: review.Violation, Rule: "KE-4"})
}

// later lets time go by, also for the files on disk.
func (s *site) later(t *testing.T, d time.Duration) {
	t.Helper()
	s.now = s.now.Add(d)
	hourAgo := time.Now().Add(-time.Hour)
	err := filepath.Walk(filepath.Join(s.dir, "files"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		return os.Chtimes(path, hourAgo, hourAgo)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) purge(t *testing.T) retention.Counts {
	t.Helper()
	counts, err := s.Purge(t.Context(), operator, nil)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func (s *site) plan(t *testing.T) retention.Plan {
	t.Helper()
	plan, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

var version = strings.Repeat("ab", 32)
