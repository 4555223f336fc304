package console_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/suggest"
)

// listCompiler is shared: it loads the language models.
var listCompiler = sync.OnceValues(tuning.NewCompiler)

const tuningContestants = `elections:
  - id: landak
    name: Pilkada Landak
    region: "61.08"
    contestants:
      - {id: landak-1, number: 1, names: ["Sumardi Atmaja", "Ratna Dewi"]}
      - {id: landak-2, number: 2, names: ["Bernadus Lantang", "Rusdi Halim"]}
`

// shelf is a board in memory: the board itself is tested with the store and in
// the command's tests.
type shelf struct {
	tuning.Board
	mu   sync.Mutex
	laid []tuning.Publication
}

func (s *shelf) Lay(_ context.Context, p tuning.Publication, _ []tuning.File, _ func(string) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.laid = append(s.laid, p)
	return nil
}

// tests are back-tests that a test moves on by hand.
type handTests struct {
	book    func() *tuning.Book
	mu      sync.Mutex
	started []int64
}

func (h *handTests) New(ctx context.Context, version string, from, until time.Time, by string) (int64, error) {
	current, err := h.book().Current(ctx)
	if err != nil {
		return 0, err
	}
	plan, err := json.Marshal(backtest.Plan{Published: current.Version, Draft: version, From: from, Until: until})
	if err != nil {
		return 0, err
	}
	t, err := h.book().NewBacktest(ctx, version, current.Version, string(plan), 1000, by)
	return t.Number, err
}

func (h *handTests) Start(number int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started = append(h.started, number)
	return nil
}

func (h *handTests) Running(int64) bool { return true }

// desk is the tuning of a test's console.
type desk struct {
	book  *tuning.Book
	tests *handTests
	shelf *shelf
}

// tuningOf builds the real book, with a publication, a draft and a back-test of
// it that is done.
func tuningOf(t testing.TB, d *desk, posts suggest.Data, cfg tuning.Configuration) func(context.Context, console.TuningParts) (*console.Tuning, error) {
	return func(ctx context.Context, parts console.TuningParts) (*console.Tuning, error) {
		compiler, err := listCompiler()
		if err != nil {
			return nil, err
		}
		d.shelf = &shelf{}
		if d.book, err = tuning.Open(ctx, cfg, tuning.Dependencies{Database: parts.Database, Board: d.shelf, Compiler: compiler, Audit: parts.Audit}); err != nil {
			return nil, err
		}
		d.tests = &handTests{book: func() *tuning.Book { return d.book }}
		if err := d.fill(ctx); err != nil {
			t.Fatal(err)
		}
		return &console.Tuning{Book: d.book, Backtests: d.tests, Posts: posts}, nil
	}
}

func (d *desk) fill(ctx context.Context) error {
	bundle, err := tuning.Default([]byte(tuningContestants), nil)
	if err != nil {
		return err
	}
	if _, err := d.book.First(ctx, bundle, "netra", "the configured files"); err != nil {
		return err
	}
	if _, err := d.book.NewDraft(ctx, "latihan", bundle, "ani", "untuk latihan"); err != nil {
		return err
	}
	number, err := d.tests.New(ctx, bundle.ID(), time.Time{}, time.Time{}, "ani")
	if err != nil {
		return err
	}
	return d.finish(ctx, number, backtest.Report{})
}

// finish ends a back-test with a report.
func (d *desk) finish(ctx context.Context, number int64, report backtest.Report) error {
	data, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return d.book.EndBacktest(ctx, number, tuning.BacktestDone, string(data), "")
}

// found is a post of a report.
func found(id, region, text string, published, draft bool) backtest.Finding {
	f := backtest.Finding{ID: id, Account: "mastodon:9", Region: region, Excerpt: text}
	outcome := &backtest.Outcome{Labels: []post.Label{post.Support}, Rules: []string{"support/vote-for"}, Score: 0.8}
	if published {
		f.Published = outcome
	}
	if draft {
		f.Draft = outcome
	}
	return f
}
