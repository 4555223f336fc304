package console_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// reviewOf builds the real review for a console, with all flags of its store.
func reviewOf(t testing.TB, deps *console.Dependencies, change func(*review.Configuration)) func(context.Context, console.ReviewParts) (console.Review, error) {
	return func(ctx context.Context, parts console.ReviewParts) (console.Review, error) {
		config := review.DefaultConfiguration()
		config.SecondShare = 0
		if change != nil {
			change(&config)
		}
		wired := review.Dependencies{
			Database: parts.Database, Audit: parts.Audit, Person: parts.Person, Now: deps.Now,
			Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		}
		if flags, ok := deps.Data.(review.Flags); ok {
			wired.Flags = flags
		}
		r, err := review.New(config, wired)
		if err != nil {
			return nil, err
		}
		if err := r.Migrate(ctx); err != nil {
			return nil, err
		}
		if err := r.TakeIn(ctx); err != nil {
			t.Logf("no flags come in: %s", err) // where the store is away
		}
		return r, nil
	}
}

// people of the review's tests; all have one password.
const secret = "kata sandi yang panjang"

func (s *site) addPeople() {
	for _, user := range []state.NewUser{
		{Name: "andi", Role: access.Analyst}, {Name: "budi", Role: access.Analyst},
		{Name: "kalbar", Role: access.Analyst, Regions: []string{"61"}}, {Name: "oka", Role: access.Operator},
	} {
		user.Password = secret
		s.add(user)
	}
}

// TestReviewInBrowser runs the analyst's day in a real Chromium.
func TestReviewInBrowser(t *testing.T) {
	needsBrowser(t)
	stored := append(append(flags(), manyFlags(90)...), copies(5)...)
	full := newSite(t, options{stored: stored})
	second := newSite(t, options{stored: flags(), review: func(c *review.Configuration) { c.SecondConfirmed = true }})
	empty := newSite(t, options{})
	for _, s := range []*site{full, second, empty} {
		s.addPeople()
	}
	inBrowser(t, "review.test.mjs", "NETRA_URL="+full.url, "NETRA_SECOND_URL="+second.url, "NETRA_EMPTY_URL="+empty.url,
		"NETRA_PASSWORD="+secret, "NETRA_SUPERVISOR_PASSWORD="+second.password)
	if t.Failed() {
		t.Logf("the console's log:\n%s", full.log.String())
	}
}

// copies are the same text by several accounts.
func copies(n int) []post.Flag {
	many := make([]post.Flag, n)
	for i := range many {
		text := "Mari rapatkan barisan kawan-kawan guru se-kabupaten, tanggal 27 nanti kita coblos nomor 2, menangkan pasangan yang sudah terbukti kerja nyata" + []string{"", "!", "!!", " ya", "."}[i%5]
		person := wulan
		person.PersonID, person.Name = fmt.Sprintf("c%d", i), fmt.Sprintf("Guru %d", i+1)
		many[i] = flagged(fmt.Sprintf("youtube:copy-%d", i+1), text, at(22, 9, i), person, "id", post.LabelScore{
			Label: post.Support, Score: 0.82, Contestant: "madiun-2", Reasons: []post.Reason{said(text, "coblos nomor 2", "support/vote-for", 0.7)},
		})
	}
	return many
}
