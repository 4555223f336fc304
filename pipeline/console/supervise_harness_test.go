package console_test

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

// supervised is a console with four weeks of posts, decisions on some of them,
// and accounts that are collected well and badly.
type supervised struct {
	*site
	store  *store.Store
	review *review.Review
	now    time.Time
	flags  []post.Flag
	counts []post.HourlyCount
	clock  time.Time // of the decisions
}

var (
	people  = []post.Person{sumarni, rahmat, wulan}
	andi    = access.Viewer{Name: "andi", Role: access.Analyst}
	budi    = access.Viewer{Name: "budi", Role: access.Analyst}
	citra   = access.Viewer{Name: "citra", Role: access.Supervisor}
	judging = [][2]review.Verdict{ // 7 of 10 alike, kappa 0.4
		{review.Violation, review.Violation}, {review.NoViolation, review.NoViolation}, {review.NoViolation, review.Violation},
		{review.Violation, review.Violation}, {review.NoViolation, review.NoViolation}, {review.NoViolation, review.Violation},
		{review.Violation, review.Violation}, {review.NoViolation, review.NoViolation}, {review.Violation, review.Violation}, {review.Violation, review.NoViolation},
	}
)

// newSupervised makes one whose present is now.
func newSupervised(t *testing.T, now time.Time, change func(*console.Configuration)) *supervised {
	t.Helper()
	s := &supervised{now: now, store: newStore(t, nil)}
	s.makePosts()
	if err := s.store.Insert(t.Context(), store.Batch{Token: "supervise/0/0-1", Flags: s.flags, Counts: s.counts}); err != nil {
		t.Fatal(err)
	}
	s.clock = now.Add(-60 * time.Hour)
	s.site = newSite(t, options{data: s.store, change: func(c *console.Configuration, d *console.Dependencies) {
		d.Now = func() time.Time { return s.now }
		d.Review = func(ctx context.Context, parts console.ReviewParts) (console.Review, error) {
			return s.newReview(ctx, parts)
		}
		if change != nil {
			change(c)
		}
	}})
	for _, user := range []state.NewUser{
		{Name: "andi", Role: access.Analyst}, {Name: "budi", Role: access.Analyst}, {Name: "citra", Role: access.Supervisor},
		{Name: "kalbar", Role: access.Supervisor, Regions: []string{"61"}}, {Name: "madiun", Role: access.Supervisor, Regions: []string{"35.77"}},
	} {
		user.Password = secret
		s.add(user)
	}
	s.decideSome(t)
	s.coverSome(t)
	return s
}

func (s *supervised) newReview(ctx context.Context, parts console.ReviewParts) (*review.Review, error) {
	config := review.DefaultConfiguration()
	config.SecondShare = 1
	r, err := review.New(config, review.Dependencies{
		Database: parts.Database, Audit: parts.Audit, Person: parts.Person, Flags: s.store, Decisions: s.store,
		Now: func() time.Time { return s.clock }, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		return nil, err
	}
	s.review = r
	if err := r.Migrate(ctx); err != nil {
		return nil, err
	}
	return r, r.TakeIn(ctx)
}

// makePosts makes four flagged posts a day and counts of all posts. The last one
// of a day has two labels, and each third one is at 23.30 WIB, which is another
// day further east.
func (s *supervised) makePosts() {
	labels := []post.Label{post.Support, post.Attack, post.Support, post.Hoax}
	contestant := []string{"landak-2", "landak-1", "madiun-2", ""}
	for i := range 28 * 4 {
		day, n := i/4, i%4
		at := time.Date(s.now.In(wib).Year(), s.now.In(wib).Month(), s.now.In(wib).Day()-day-1, 8+n, 15, 0, 0, wib)
		if i%3 == 0 {
			at = time.Date(at.Year(), at.Month(), at.Day(), 23, 30, 0, 0, wib)
		}
		text := fmt.Sprintf("Catatan ke-%d: jangan lupa coblos nomor 2 ya", i)
		scores := []post.LabelScore{{Label: labels[n], Score: 0.9, Contestant: contestant[n], Reasons: []post.Reason{said(text, "coblos nomor 2", string(labels[n])+"/vote-for", 0.7)}}}
		if n == 3 {
			scores = append(scores, post.LabelScore{Label: post.Support, Score: 0.8, Contestant: "landak-2", Reasons: []post.Reason{said(text, "coblos nomor 2", "support/vote-for", 0.7)}})
		}
		platform := []string{"mastodon", "youtube", "x"}[i%3]
		s.flags = append(s.flags, flagged(fmt.Sprintf("%s:s%d", platform, i), text, at, people[i%3], []string{"id", "bjn"}[i%2], scores...))
		if day == 20 {
			continue // a day on which nothing else was collected
		}
		for h := range 4 {
			s.counts = append(s.counts, post.HourlyCount{
				Hour: at.UTC().Truncate(time.Hour).Add(-time.Duration(h) * time.Hour), Platform: platform, Region: people[i%3].Region,
				Agency: people[i%3].Agency, Language: []string{"id", "bjn"}[i%2], Posts: uint64(40 + 7*n + day), //nolint:gosec // small
			})
		}
	}
}

// decideSome has two analysts judge ten posts of region 61.08, the supervisor
// settle one of their three conflicts, and open some others.
func (s *supervised) decideSome(t *testing.T) {
	t.Helper()
	page, err := s.review.List(t.Context(), citra, review.Filter{Region: "61.08"}, review.ByOldest, "", 40)
	if err != nil {
		t.Fatal(err)
	}
	decide := func(by access.Viewer, id string, verdict review.Verdict) {
		t.Helper()
		item, err := s.review.Open(t.Context(), by, id)
		if err != nil {
			t.Fatal(err)
		}
		decision := review.Decision{Verdict: verdict, Note: "=HYPERLINK(\"http://x\")"}
		if verdict == review.Violation {
			decision.Rule = "KE-3"
		} else {
			decision.Cause = review.Report
		}
		if _, err := s.review.Decide(t.Context(), by, []review.Choice{{Item: id, Revision: item.Revision}}, decision); err != nil {
			t.Fatal(err)
		}
	}
	for i, pair := range judging {
		decide(andi, page.Items[i].ID, pair[0])
		s.clock = s.clock.Add(time.Hour)
		decide(budi, page.Items[i].ID, pair[1])
		s.clock = s.clock.Add(time.Hour)
	}
	decide(citra, page.Items[2].ID, review.Violation)
	decide(andi, page.Items[10].ID, review.Violation) // nobody may see it before a second one
	for i, age := range []time.Duration{170, 160, 140, 110, 20} {
		s.clock = s.now.Add(-age * time.Hour)
		if _, err := s.review.Open(t.Context(), citra, page.Items[11+i].ID); err != nil {
			t.Fatal(err)
		}
	}
	s.clock = s.now
	if err := s.review.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// coverSome puts nine accounts into the roster, of which three are collected, two
// with gaps, two not, and two not watched.
func (s *supervised) coverSome(t *testing.T) {
	t.Helper()
	var entries []roster.Entry
	var states []store.Coverage
	for i, name := range []string{"full-1", "gap-1", "none-1", "full-2", "gap-2", "none-2", "full-3", "unwatched-1", "unwatched-2"} {
		person := people[i%3]
		person.PersonID = fmt.Sprintf("hmac:%d", i)
		platform := []string{"mastodon", "x"}[i%2]
		entries = append(entries, roster.Entry{Platform: platform, AccountID: name, Handle: "@" + name, Person: person, ValidFrom: time.Date(2024, 1, 1, 0, 0, 0, 0, wib)})
		c := store.Coverage{Platform: platform, AccountID: name, Source: platform + "-1", LastSuccess: s.now.Add(-time.Hour), LastPost: s.now.Add(-5 * time.Hour), UpdatedAt: time.Now()}
		switch name[:3] {
		case "gap":
			c.Missing = []store.MissingPeriod{{From: s.now.Add(-100 * time.Hour), Until: s.now.Add(-64 * time.Hour), Reason: "platform membatasi permintaan"}}
		case "non":
			c.LastSuccess, c.LastPost = s.now.AddDate(0, -3, 0), s.now.AddDate(0, -4, 0)
			c.FailingSince, c.Gaps, c.Problem, c.Reason = s.now.AddDate(0, -3, 0), 412, "private", "akun ini tidak lagi terbuka untuk umum"
		case "unw":
			continue
		}
		states = append(states, c)
	}
	if _, err := s.store.SaveRoster(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	if err := s.store.SaveCoverage(t.Context(), states); err != nil {
		t.Fatal(err)
	}
}

// boss is a supervisor who has logged in.
func (s *supervised) boss(name string) *visitor {
	s.t.Helper()
	return s.as(name)
}

var (
	rightOf = regexp.MustCompile(`<td class="n"[^>]*>(\d+) dari (\d+)</td>`)
	markup  = regexp.MustCompile(`<[^>]*>`)
	shareIn = regexp.MustCompile(`<span class="share-text">(?:<a [^>]*>)?([^<]+)(?:</a>)?</span> <strong[^>]*>([^<]+)</strong>`)
)

// sharesIn reads the numbers of a page by their texts.
func sharesIn(body string) map[string]string {
	shares := map[string]string{}
	for _, m := range shareIn.FindAllStringSubmatch(body, -1) {
		shares[m[1]] = m[2]
	}
	return shares
}
