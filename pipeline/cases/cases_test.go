package cases_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

var (
	noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) // Friday, 12.00 WIB

	ani      = access.Viewer{ID: 1, Name: "ani", Role: access.Analyst}
	citra    = access.Viewer{ID: 3, Name: "citra", Role: access.Supervisor}
	landak   = access.Viewer{ID: 4, Name: "dewi", Role: access.Analyst, Regions: []string{"61.08"}}
	kalbar   = access.Viewer{ID: 5, Name: "eka", Role: access.Supervisor, Regions: []string{"61"}}
	jatim    = access.Viewer{ID: 8, Name: "jaka", Role: access.Supervisor, Regions: []string{"35"}}
	operator = access.Viewer{ID: 6, Name: "fajar", Role: access.Operator}
	admin    = access.Viewer{ID: 7, Name: "gita", Role: access.Administrator}
)

// sealed keeps the statements that were added, as the log does: in the
// transaction.
type sealed struct{ db *database.DB }

func (s sealed) Add(ctx context.Context, tx *database.Tx, kind seal.Kind, statement []byte) error {
	_, err := tx.Exec(ctx, "INSERT INTO test_sealed (kind, statement) VALUES (?, ?)", string(kind), string(statement))
	return err
}

func (s sealed) Record(ctx context.Context, tx *database.Tx, by access.Viewer, action, subject string, _ map[string]string) error {
	_, err := tx.Exec(ctx, "INSERT INTO test_sealed (kind, statement) VALUES (?, ?)", "audit", by.Name+" "+action+" "+subject)
	return err
}

type bench struct {
	*cases.Cases
	t      *testing.T
	db     *database.DB
	review *review.Review
	now    time.Time
}

// each runs a test on both databases, with posts of four accounts in the review.
func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, newBench(t, db, cases.DefaultConfiguration())) })
}

func newBench(t *testing.T, db *database.DB, cfg cases.Configuration) *bench {
	t.Helper()
	b := &bench{t: t, db: db, now: noon}
	if _, err := db.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS test_sealed (kind TEXT, statement TEXT)"); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return b.now }
	var err error
	b.review, err = review.New(review.DefaultConfiguration(), review.Dependencies{Database: db, Now: now, Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]access.Viewer{}
	for _, v := range []access.Viewer{ani, citra, landak, kalbar, jatim, operator, admin} {
		people[v.Name] = v
	}
	b.Cases, err = cases.New(cfg, cases.Dependencies{
		Database: db, Posts: b.review, Audit: sealed{db}, Seal: sealed{db}, Now: now, Registerer: prometheus.NewRegistry(),
		Person: func(_ context.Context, name string) (access.Viewer, bool, error) {
			v, ok := people[name]
			return v, ok, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, migrate := range []func(context.Context) error{b.review.Migrate, b.Migrate, b.Migrate} {
		if err := migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var flags []post.Flag
	for i, region := range []string{"61.08", "61.08", "61.12", "35.77", "", "53.01"} {
		flags = append(flags, flagOf(fmt.Sprintf("mastodon:%d", i+1), region))
	}
	if err := b.review.TakeInFlags(t.Context(), flags); err != nil {
		t.Fatal(err)
	}
	return b
}

func flagOf(id, region string) post.Flag {
	return post.Flag{
		Post: post.Post{
			ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "a" + region, Handle: "@Wijaya" + region},
			Text: "Ayo coblos nomor 2 " + id, CreatedAt: noon.Add(-time.Hour), CollectedAt: noon.Add(-time.Hour),
		},
		Person: post.Person{PersonID: "p" + region, Name: "Ani Wijaya", Region: region},
		Verdict: post.Verdict{
			ID: id, Language: post.Language{Code: "id", Confidence: 1}, Flagged: true,
			Labels: []post.LabelScore{{Label: post.Support, Score: 0.9, Contestant: "landak-2", Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", End: 10, Text: "Ayo coblos", Weight: 0.9}}}},
		},
		FlaggedAt: noon,
	}
}

func (b *bench) create(viewer access.Viewer, posts ...string) cases.Case {
	b.t.Helper()
	made, err := b.Create(b.t.Context(), viewer, cases.Draft{Title: "Akun @wijaya", Kind: cases.OfAccount, Posts: posts})
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// statements are those that were sealed of a kind.
func (b *bench) statements(kind string) []string {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), "SELECT statement FROM test_sealed WHERE kind = ?", kind)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	return all
}

func TestACaseIsWhatItsPostsSay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		if _, err := b.review.Open(t.Context(), ani, "mastodon:2"); err != nil {
			t.Fatal(err)
		}
		b.now = noon.Add(26 * time.Hour)
		made, err := b.Create(t.Context(), ani, cases.Draft{Title: "  Akun\n@wijaya  ", Kind: cases.OfAccount, Posts: []string{"mastodon:1", "mastodon:2", "mastodon:1"}, Note: "mulai"})
		if err != nil {
			t.Fatal(err)
		}
		want := cases.Case{
			ID: made.ID, Number: "2026/61/0001", Title: "Akun @wijaya", Status: cases.Open, Kind: "account", Regions: []string{"61.08"},
			Posts: []string{"mastodon:1", "mastodon:2"}, People: []string{"ani"}, KnownAt: noon, Due: time.Date(2026, 11, 27, 16, 59, 59, 0, time.UTC),
			CreatedAt: b.now, CreatedBy: "ani", ChangedAt: b.now, Revision: 1,
		}
		utc := cmp.Transformer("UTC", func(t time.Time) time.Time { return t.UTC() })
		if diff := cmp.Diff(want, made, utc); diff != "" {
			t.Error(diff)
		}
		for _, id := range []string{made.ID, made.Number} {
			if read, err := b.Case(t.Context(), ani, id); err != nil || !cmp.Equal(want, read, utc) {
				t.Errorf("%s: %v, %v", id, err, cmp.Diff(want, read, utc))
			}
		}
		line, err := b.Timeline(t.Context(), ani, made.ID)
		if err != nil || len(line) != 3 || line[0].Change != cases.Created || line[1].Change != cases.Assigned || line[2].Text != "mulai" {
			t.Errorf("time line %+v, %v", line, err)
		}
		var kept []string
		for _, e := range line {
			kept = append(kept, string(e.Statement))
		}
		if got := b.statements(string(seal.KindCase)); !slices.Equal(got, kept) {
			t.Errorf("sealed %q\nkept %q", got, kept)
		}
		if got := b.statements("audit"); len(got) != 3 || got[0] != "ani case.created case 2026/61/0001" {
			t.Errorf("audited %q", got)
		}
	})
}

func TestNumbersHaveNoGapsWhenManyOpenCasesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const people, times = 4, 5
		var all sync.WaitGroup
		var mu sync.Mutex
		var numbers []string
		for range people {
			all.Go(func() {
				for i := range times {
					id := []string{"mastodon:1", "mastodon:9"}[min(i%3, 1)] // two of five fail
					made, err := b.Create(t.Context(), ani, cases.Draft{Title: "Akun", Kind: cases.OfAccount, Posts: []string{id}})
					if id == "mastodon:9" {
						if !errors.Is(err, cases.ErrNoPost) {
							t.Errorf("a post that is not there: %v", err)
						}
						continue
					}
					if err != nil {
						t.Error(err)
						continue
					}
					mu.Lock()
					numbers = append(numbers, made.Number)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		slices.Sort(numbers)
		for i, number := range numbers {
			if want := fmt.Sprintf("2026/61/%04d", i+1); number != want {
				t.Fatalf("the numbers are %v", numbers)
			}
		}
	})
}

func TestNumbersNameTheProvinceOrTheCountry(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for posts, want := range map[string]string{
			"mastodon:1 mastodon:3": "2026/61/0001", "mastodon:1 mastodon:4": "2026/RI/", "mastodon:5": "2026/RI/", "mastodon:4": "2026/35/0001",
		} {
			if got := b.create(citra, strings.Fields(posts)...).Number; !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s, want %s", posts, got, want)
			}
		}
		b.now = time.Date(2026, 12, 31, 16, 30, 0, 0, time.UTC) // the new year has come in Kupang, not in Madiun
		if got := b.create(citra, "mastodon:6").Number; got != "2027/53/0001" {
			t.Errorf("in WITA: %s", got)
		}
		if got := b.create(citra, "mastodon:4").Number; got != "2026/35/0002" {
			t.Errorf("in WIB: %s", got)
		}
	})
}

func TestTheClockCountsDaysOfTheRegion(t *testing.T) {
	tests := map[string]struct {
		known  string
		region string
		change func(*cases.Configuration)
		want   string
	}{
		"seven days, to the end of the last":       {"2024-10-01T09:00:00+07:00", "61.08", nil, "2024-10-08T23:59:59+07:00"},
		"late in the evening":                      {"2024-10-01T23:59:00+07:00", "61.08", nil, "2024-10-08T23:59:59+07:00"},
		"the same time is another day in the east": {"2024-10-01T23:59:00+07:00", "94", nil, "2024-10-09T23:59:59+09:00"},
		"Bali is in WITA":                          {"2024-10-01T23:30:00+07:00", "51.71", nil, "2024-10-09T23:59:59+08:00"},
		"an unknown region is in WIB":              {"2024-10-01T23:30:00+07:00", "", nil, "2024-10-08T23:59:59+07:00"},
		"other days":                               {"2024-10-01T09:00:00+07:00", "61", func(c *cases.Configuration) { c.Days = 3 }, "2024-10-04T23:59:59+07:00"},
		"working days":                             {"2024-10-01T09:00:00+07:00", "61", func(c *cases.Configuration) { c.WorkingDays = true }, "2024-10-10T23:59:59+07:00"},
		"over a month and a leap day":              {"2024-02-25T09:00:00+07:00", "61", nil, "2024-03-03T23:59:59+07:00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := cases.DefaultConfiguration()
			if test.change != nil {
				test.change(&cfg)
			}
			known, err := time.Parse(time.RFC3339, test.known)
			if err != nil {
				t.Fatal(err)
			}
			due := cfg.Due(known, test.region)
			if got := due.Format(time.RFC3339); got != test.want {
				t.Errorf("due %s, want %s", got, test.want)
			}
			one := cases.Case{Due: due, Regions: []string{test.region}}
			if left := one.DaysLeft(due); left != 0 {
				t.Errorf("%d days left on the last day", left)
			}
			if left := one.DaysLeft(due.Add(time.Minute)); left != -1 {
				t.Errorf("%d days left a minute later", left)
			}
		})
	}
}

func TestTheClockFollowsThePostsOfTheCase(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i, id := range []string{"mastodon:2", "mastodon:1"} {
			b.now = noon.AddDate(0, 0, i)
			if _, err := b.review.Open(t.Context(), ani, id); err != nil {
				t.Fatal(err)
			}
		}
		made := b.create(ani, "mastodon:1")
		if !made.KnownAt.Equal(noon.AddDate(0, 0, 1)) {
			t.Errorf("known at %s", made.KnownAt)
		}
		with, err := b.AddPosts(t.Context(), ani, made.ID, []string{"mastodon:2", "mastodon:1"})
		if err != nil || !with.KnownAt.Equal(noon) || with.Due.Sub(made.Due) != -24*time.Hour || len(with.Posts) != 2 || with.Revision != 2 {
			t.Errorf("with an older one: %+v, %v", with, err)
		}
		if same, err := b.AddPosts(t.Context(), ani, made.ID, []string{"mastodon:2"}); err != nil || same.Revision != 2 {
			t.Errorf("a post that is there is no change: %+v, %v", same, err)
		}
		without, err := b.RemovePost(t.Context(), ani, made.ID, 2, "mastodon:2", "bukan akun yang sama")
		if err != nil || !without.Due.Equal(made.Due) || len(without.Posts) != 1 {
			t.Errorf("without it: %+v, %v", without, err)
		}
		links, err := b.Links(t.Context(), ani, made.ID)
		if err != nil || len(links) != 2 || links[1].Reason != "bukan akun yang sama" || links[1].RemovedBy != "ani" || !links[1].RemovedAt.Equal(b.now) {
			t.Errorf("links %+v, %v", links, err)
		}
		if _, err := b.RemovePost(t.Context(), ani, made.ID, 3, "mastodon:1", "x"); !errors.Is(err, cases.ErrInvalid) {
			t.Errorf("the last post is removed: %v", err)
		}
		again, err := b.AddPosts(t.Context(), ani, made.ID, []string{"mastodon:2"})
		if err != nil || len(again.Posts) != 2 || again.Revision != 4 {
			t.Errorf("added again: %+v, %v", again, err)
		}
	})
}

func TestChangesOfTheConfiguredDaysReachOpenCases(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		b := newBench(t, db, cases.DefaultConfiguration())
		made := b.create(ani, "mastodon:1")
		cfg := cases.DefaultConfiguration()
		cfg.Days = 3
		later, err := cases.New(cfg, cases.Dependencies{Database: db, Posts: b.review})
		if err != nil {
			t.Fatal(err)
		}
		if err := later.SetClocks(t.Context()); err != nil {
			t.Fatal(err)
		}
		if now, err := later.Case(t.Context(), ani, made.ID); err != nil || made.Due.Sub(now.Due) != 4*24*time.Hour {
			t.Errorf("due %s, was %s, %v", now.Due, made.Due, err)
		}
	})
}
