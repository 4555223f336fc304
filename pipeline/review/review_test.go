package review_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

func TestMain(m *testing.M) {
	runKilled()
	embeddedtest.Main(m, databasetest.Stop)
}

var (
	noon = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)

	ani      = access.Viewer{ID: 1, Name: "ani", Role: access.Analyst}
	budi     = access.Viewer{ID: 2, Name: "budi", Role: access.Analyst}
	citra    = access.Viewer{ID: 3, Name: "citra", Role: access.Supervisor}
	landak   = access.Viewer{ID: 4, Name: "dewi", Role: access.Analyst, Regions: []string{"61.08"}}
	kalbar   = access.Viewer{ID: 5, Name: "eka", Role: access.Supervisor, Regions: []string{"61"}}
	operator = access.Viewer{ID: 6, Name: "fajar", Role: access.Operator}
	admin    = access.Viewer{ID: 7, Name: "gita", Role: access.Administrator}
)

// clock is a time that tests set forward.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a review on a fresh database.
type bench struct {
	*review.Review
	t     *testing.T
	db    *database.DB
	clock *clock
}

// each runs a test on both databases.
func each(t *testing.T, configure func(*review.Configuration, *review.Dependencies), test func(t *testing.T, b *bench)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, newBench(t, db, configure)) })
}

func newBench(t *testing.T, db *database.DB, configure func(*review.Configuration, *review.Dependencies)) *bench {
	t.Helper()
	b := &bench{t: t, db: db, clock: &clock{now: noon}}
	cfg := review.DefaultConfiguration()
	cfg.SecondShare = 0
	deps := review.Dependencies{Database: db, Now: b.clock.Now, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()}
	if configure != nil {
		configure(&cfg, &deps)
	}
	r, err := review.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	b.Review = r
	if err := r.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// flagOf is a small flag to change.
func flagOf(id string, change ...func(*post.Flag)) post.Flag {
	f := post.Flag{
		Post: post.Post{
			ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "42", Handle: "@ani@contoh.id", Name: "Ani"},
			Text: "Ayo coblos nomor 2 " + id, CreatedAt: noon.Add(-time.Hour), CollectedAt: noon.Add(-time.Hour),
		},
		Person: post.Person{PersonID: "hmac:1", Name: "Ani Wijaya", Agency: "Dinas Pendidikan", Region: "61.08"},
		Verdict: post.Verdict{
			ID: id, Language: post.Language{Code: "id", Confidence: 1}, Flagged: true,
			Labels: []post.LabelScore{{
				Label: post.Support, Score: 0.9, Contestant: "landak-2",
				Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", Start: 0, End: 10, Text: "Ayo coblos", Weight: 0.9}},
			}},
			Versions: post.Versions{Lists: "sha256:1"},
		},
		FlaggedAt: noon,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func (b *bench) take(flags ...post.Flag) {
	b.t.Helper()
	if err := b.TakeInFlags(b.t.Context(), flags); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) item(id string) review.Item {
	b.t.Helper()
	item, err := b.Item(b.t.Context(), citra, id)
	if err != nil {
		b.t.Fatalf("item %s: %s", id, err)
	}
	return item
}

// decide decides on an item as it is now.
func (b *bench) decide(viewer access.Viewer, id string, d review.Decision) (review.Decision, error) {
	b.t.Helper()
	made, err := b.Decide(b.t.Context(), viewer, []review.Choice{{Item: id, Revision: b.item(id).Revision}}, d)
	if err != nil {
		return review.Decision{}, err
	}
	return made[0], nil
}

func (b *bench) mustDecide(viewer access.Viewer, id string, d review.Decision) review.Decision {
	b.t.Helper()
	made, err := b.decide(viewer, id, d)
	if err != nil {
		b.t.Fatalf("%s decides on %s: %s", viewer.Name, id, err)
	}
	return made
}

func (b *bench) ids(viewer access.Viewer, filter review.Filter, sort review.Sort) []string {
	b.t.Helper()
	page, err := b.List(b.t.Context(), viewer, filter, sort, "", review.MostPage)
	if err != nil {
		b.t.Fatal(err)
	}
	ids := []string{}
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	if len(ids) != page.Total {
		b.t.Errorf("%d items, the total is %d", len(ids), page.Total)
	}
	return ids
}

var (
	violation = review.Decision{Verdict: review.Violation, Rule: "KE-4"}
	benign    = review.Decision{Verdict: review.NoViolation, Cause: review.Denial}
	unsure    = review.Decision{Verdict: review.Unsure}
)

func TestAFlagBecomesAnItemWithAllThatListsShow(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		want := review.Item{
			ID: "x:1", Labels: []post.Label{post.Support}, Score: 0.9, Contestants: []string{"landak-2"}, Rules: []string{"support/vote-for"},
			Account: "mastodon:42", Handle: "@ani@contoh.id", PersonID: "hmac:1", Region: "61.08", Agency: "Dinas Pendidikan",
			Platform: "mastodon", Language: "id", Lists: "sha256:1", Excerpt: "Ayo coblos nomor 2 x:1",
			CreatedAt: noon.Add(-time.Hour), FlaggedAt: noon, Status: review.Open, Group: "1", Revision: 1,
			Urgency: 300*9/10 + 250/2,
		}
		if diff := cmp.Diff(want, b.item("x:1")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"x:1"}, b.ids(ani, review.Filter{}, review.ByUrgency)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestListsFilterSortAndPage(t *testing.T) {
	for name, many := range map[string]int{"few": 1000, "very many": 0} {
		t.Run(name, func(t *testing.T) { testLists(t, many) })
	}
}

func testLists(t *testing.T, many int) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.ManyFrom(many)
		var flags []post.Flag
		for i := range 25 {
			flags = append(flags, flagOf(fmt.Sprintf("x:%02d", i), func(f *post.Flag) {
				f.Post.CreatedAt = noon.Add(-time.Duration(i) * time.Hour)
				f.Verdict.Labels[0].Score = 0.5 + float64(i%5)/10
			}))
		}
		b.take(flags...)
		for _, sort := range review.Sorts {
			all := b.ids(ani, review.Filter{}, sort)
			var paged []string
			cursor := ""
			for {
				page, err := b.List(t.Context(), ani, review.Filter{}, sort, cursor, 4)
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					paged = append(paged, item.ID)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if diff := cmp.Diff(all, paged); diff != "" || len(all) != 25 {
				t.Errorf("by %s, %d: pages differ from the whole:\n%s", sort, len(all), diff)
			}
			for i, id := range all {
				n, err := b.Neighbours(t.Context(), ani, review.Filter{}, sort, id)
				if err != nil {
					t.Fatal(err)
				}
				want := review.Neighbours{}
				if i > 0 {
					want.Previous = all[i-1]
				}
				if i < len(all)-1 {
					want.Next = all[i+1]
				}
				if n != want {
					t.Errorf("by %s: neighbours of %s are %v, want %v", sort, id, n, want)
				}
			}
		}
		if got := b.ids(ani, review.Filter{}, review.ByNewest); got[0] != "x:00" || got[24] != "x:24" {
			t.Errorf("newest first: %v", got)
		}
		if got := b.ids(ani, review.Filter{}, review.ByUrgency); got[0] != "x:04" || got[24] != "x:20" {
			t.Errorf("most urgent first: %v", got)
		}
	})
}
