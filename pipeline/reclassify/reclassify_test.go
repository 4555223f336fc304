package reclassify_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/reclassify"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// word flags posts that hold it.
type word string

func (w word) Classify(p *post.Post, _ string) post.Verdict {
	v := post.Verdict{ID: p.ID, Labels: []post.LabelScore{}, Versions: w.Versions()}
	if at := strings.Index(p.Text, string(w)); at >= 0 {
		v.Flagged = true
		v.Labels = []post.LabelScore{{Label: post.Support, Score: 0.9, Reasons: []post.Reason{
			{Kind: post.ReasonKeyword, Source: "support/" + string(w), Start: at, End: at + len(w), Text: string(w)},
		}}}
	}
	return v
}

func (w word) Versions() post.Versions { return post.Versions{Lists: string(w)} }

type nobody struct{}

func (nobody) Resolve(string, time.Time) (post.Person, bool) { return post.Person{}, false }

type flags struct{ *store.Store }

func (f flags) Standing(ctx context.Context, ids []string) (map[string]reclassify.Standing, error) {
	rows, err := f.StandingFlags(ctx, ids)
	standing := map[string]reclassify.Standing{}
	for _, row := range rows {
		standing[row.ID] = reclassify.Standing{
			Version: row.Version, CollectedAt: row.CollectedAt, Labels: row.Labels, Contestants: row.Contestants, Scores: row.Scores, Rules: row.Rules,
		}
	}
	return standing, err
}

func (f flags) Rewrite(ctx context.Context, token string, rewrites []reclassify.Rewrite) error {
	var list []post.Flag
	var versions []time.Time
	for _, r := range rewrites {
		list, versions = append(list, r.Flag), append(versions, r.Version)
	}
	return f.RewriteFlags(ctx, token, list, versions)
}

// stage is a queue with posts and a store with the flags that the word "coblos"
// made of them.
type stage struct {
	t     *testing.T
	queue *queue.Queue
	store *store.Store
}

func newStage(t *testing.T, texts ...string) *stage {
	t.Helper()
	cfg := queue.DefaultConfiguration()
	cfg.Brokers, cfg.Topics.Partitions = []string{embeddedtest.Broker(t)}, 2
	q, err := queue.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	if _, err := q.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	to := embeddedtest.Engine(t)
	own := store.DefaultConfiguration()
	own.Address, own.User, own.Password, own.Database = "http://"+to.Address, to.User, to.Password, to.Database
	s, err := store.New(own, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := &stage{t, q, s}
	for i, text := range texts {
		st.post(fmt.Sprint(i), text, 1)
	}
	return st
}

// post produces a post, and stores its flag as a worker would.
func (s *stage) post(id, text string, revision int) {
	s.t.Helper()
	p := post.Post{
		ID: id, Platform: "rss", Kind: post.KindPost, Account: post.Account{ID: "a" + id, Handle: "x"}, Text: text, Source: "test",
		CreatedAt: time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC), CollectedAt: time.Date(2024, 11, 2, 0, 0, revision, 0, time.UTC),
	}
	record, err := queue.PostRecord(&p, revision)
	if err != nil {
		s.t.Fatal(err)
	}
	producer := s.queue.NewProducer()
	if err := producer.SendRecords(s.t.Context(), record); err != nil {
		s.t.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		s.t.Fatal(err)
	}
	if v := word("coblos").Classify(&p, ""); v.Flagged {
		batch := store.Batch{Token: id + text, Flags: []post.Flag{{Post: p, Verdict: v, FlaggedAt: p.CollectedAt}}}
		if err := s.store.Insert(s.t.Context(), batch); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) reclassify(by word, publication int64, dry bool) reclassify.Counts {
	s.t.Helper()
	ranges, err := s.queue.Ranges(s.t.Context(), s.queue.Configuration().Topic, time.Time{}, time.Time{})
	if err != nil {
		s.t.Fatal(err)
	}
	job := reclassify.Job{
		Log: s.queue, Topic: s.queue.Configuration().Topic, Ranges: ranges, Roster: nobody{}, Classifier: by, Store: flags{s.store},
		RepeatWindow: 100, Publication: publication, Now: time.Now, DryRun: dry,
	}
	counts, err := job.Run(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return counts
}

// flagged are the posts that are flagged, with their rules.
func (s *stage) flagged() map[string]string {
	s.t.Helper()
	page, err := s.store.Flags(s.t.Context(), store.FlagFilter{}, "", 50)
	if err != nil {
		s.t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range page.Flags {
		found[f.Post.ID] = f.Verdict.Labels[0].Reasons[0].Source
	}
	if int(page.Total) != len(found) {
		s.t.Errorf("%d flags are counted, %d listed", page.Total, len(found))
	}
	return found
}

func TestChangesOfFlagsAreWrittenAndNothingElse(t *testing.T) {
	s := newStage(t, "coblos saja", "gaskeun saja", "coblos dan gaskeun", "rapat")
	if got := s.reclassify("gaskeun", 2, true); got != (reclassify.Counts{Posts: 4, New: 1, Changed: 1, Withdrawn: 1}) {
		t.Errorf("dry run: %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"0": "support/coblos", "2": "support/coblos"}, s.flagged()); diff != "" {
		t.Errorf("the dry run wrote: %s", diff)
	}
	s.reclassify("gaskeun", 2, false)
	if diff := cmp.Diff(map[string]string{"1": "support/gaskeun", "2": "support/gaskeun"}, s.flagged()); diff != "" {
		t.Error(diff)
	}
	if got := s.reclassify("gaskeun", 2, false); got != (reclassify.Counts{Posts: 4, Same: 2}) {
		t.Errorf("a second run: %+v, want nothing to write", got)
	}
	s.reclassify("coblos", 3, false) // rolled back
	if diff := cmp.Diff(map[string]string{"0": "support/coblos", "2": "support/coblos"}, s.flagged()); diff != "" {
		t.Errorf("rolled back: %s", diff)
	}
}

func TestAnEditionThatWasCollectedLaterHolds(t *testing.T) {
	s := newStage(t, "gaskeun")
	s.post("0", "coblos", 2)
	s.reclassify("gaskeun", 2, false)
	if diff := cmp.Diff(map[string]string{}, s.flagged()); diff != "" {
		t.Errorf("the last edition is not flagged by these lists: %s", diff)
	}
	s.reclassify("coblos", 3, false)
	if diff := cmp.Diff(map[string]string{"0": "support/coblos"}, s.flagged()); diff != "" {
		t.Error(diff)
	}
}
