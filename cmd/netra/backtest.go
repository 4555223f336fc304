package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

// backtestJob is one call of the backtest command.
type backtestJob struct {
	*app
	draft       string
	from, until string
	number      int64
	processors  int
	asJSON      bool
	fresh       bool
	unseen      bool
	book        *tuning.Book
	store       *store.Store
	queue       *queue.Queue
}

func backtestCommand(a *app) *cobra.Command {
	j := &backtestJob{app: a}
	cmd := drains(&cobra.Command{
		Use:   "backtest --draft NAME|DIR",
		Short: "Replay the posts kept in Kafka through a draft: what it adds, drops, and loses of the confirmed",
		Long: `Backtest judges the posts that reached the queue in a period by a draft and by the
version in force, with the worker's own code, and reports what the draft would
change. It reads beside the workers, at a low priority, and commits nothing. Ctrl-C
stops it; the same command goes on where it was. The report is kept with the draft's
version.

--from and --until are a date, a time (RFC 3339), or how long ago: 7d, 36h.`,
		Example: `  netra backtest --draft slogan-baru --from 7d
  netra backtest --draft lists/ --from 2024-11-01 --until 2024-11-20 --json > report.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return j.run(cmd.Context()) },
	})
	cmd.Flags().StringVar(&j.draft, "draft", "", "the draft's name, or a folder of lists")
	cmd.Flags().StringVar(&j.from, "from", "", "begin of the period (default: the oldest post that Kafka keeps)")
	cmd.Flags().StringVar(&j.until, "until", "", "end of the period (default: now)")
	cmd.Flags().StringVar(&j.until, "to", "", "the same as --until")
	cmd.Flags().Int64Var(&j.number, "number", 0, "go on with the back-test of this number")
	cmd.Flags().IntVar(&j.processors, "processors", 0, "how many processors it may use (default: all)")
	cmd.Flags().BoolVar(&j.asJSON, "json", false, "the whole report as JSON")
	cmd.Flags().BoolVar(&j.unseen, "unseen", false, "print nothing, and do not count as looked at: the console shows the report")
	cmd.Flags().BoolVar(&j.fresh, "fresh", false, "begin anew, also where an earlier one of the same draft and period was stopped")
	return cmd
}

func (j *backtestJob) run(ctx context.Context) error {
	if (j.draft == "") == (j.number == 0) {
		return usage(errors.New("usage: netra backtest --draft NAME|DIR [--from …] [--until …], or --number N"))
	}
	if err := backtest.StepBack(); err != nil {
		j.log.Warn("the back-test runs at the usual priority", "error", err)
	}
	s, err := j.newStore()
	if err != nil {
		return err
	}
	defer func() { j.logged("the connection to ClickHouse did not close", s.Close()) }()
	q, err := j.newQueue()
	if err != nil {
		return err
	}
	defer q.Close()
	return j.withBookOn(ctx, s, func(book *tuning.Book) error {
		j.book, j.store, j.queue = book, s, q
		kept, err := j.find(ctx)
		if err != nil {
			return notFound(err)
		}
		return j.work(ctx, kept)
	})
}

// find returns the back-test that the command line means: an earlier one that is
// to go on, or a new one.
func (j *backtestJob) find(ctx context.Context) (tuning.Backtest, error) {
	if j.number != 0 {
		return j.book.Backtest(ctx, j.number)
	}
	version, err := j.versionOf(ctx)
	if err != nil {
		return tuning.Backtest{}, err
	}
	current, err := j.book.Current(ctx)
	if err != nil {
		return tuning.Backtest{}, fmt.Errorf("nothing is published that the draft could be compared with: %w", err)
	}
	now := time.Now()
	from, err := moment(j.from, now)
	if err != nil {
		return tuning.Backtest{}, usage(fmt.Errorf("--from %w", err))
	}
	until, err := moment(j.until, now)
	if err != nil {
		return tuning.Backtest{}, usage(fmt.Errorf("--until %w", err))
	}
	if !j.fresh {
		if kept, ok, err := j.stopped(ctx, version, current.Version, from, until); err != nil || ok {
			return kept, err
		}
	}
	plan, err := backtest.NewPlan(ctx, j.queue, current.Version, version, from, until, j.cfg.Worker.RepeatWindow)
	if err != nil {
		return tuning.Backtest{}, err
	}
	data, err := json.Marshal(plan)
	if err != nil {
		return tuning.Backtest{}, err
	}
	return j.book.NewBacktest(ctx, version, current.Version, string(data), plan.Records(), operatorName())
}

// versionOf keeps the draft's version where it is a folder's.
func (j *backtestJob) versionOf(ctx context.Context) (string, error) {
	if info, err := os.Stat(j.draft); err == nil && info.IsDir() {
		bundle, err := tuning.ReadFolder(j.draft)
		if err != nil {
			return "", usage(err)
		}
		return j.book.Keep(ctx, bundle, operatorName())
	}
	draft, err := j.book.Draft(ctx, j.draft)
	return draft.Version, err
}

// stopped finds a back-test of the same versions that did not come to its end.
// Where the period is relative to now, it is the same when it began the same day.
func (j *backtestJob) stopped(ctx context.Context, version, published string, from, until time.Time) (tuning.Backtest, bool, error) {
	list, err := j.book.Backtests(ctx, version)
	if err != nil {
		return tuning.Backtest{}, false, err
	}
	for _, t := range list {
		var plan backtest.Plan
		if err := json.Unmarshal([]byte(t.Plan), &plan); err != nil || t.Published != published || t.Status == tuning.BacktestDone {
			continue
		}
		near := func(a, b time.Time) bool { return a.Sub(b).Abs() < 24*time.Hour }
		if near(plan.From, from) && near(plan.Until, until) {
			_, _ = fmt.Fprintf(j.errOut, "going on with back-test %d at %d of %d records (--fresh begins anew)\n", t.Number, t.Done, t.Total)
			return t, true, nil
		}
	}
	return tuning.Backtest{}, false, nil
}

var ago = regexp.MustCompile(`^(\d+)(d|h|m)$`)

// moment reads a date, a time or how long ago; zero for none.
func moment(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if m := ago.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err == nil && n < 1e6 {
			return now.Add(-time.Duration(n) * map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}[m[2]]), nil
		}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, jakarta); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q; allowed: a date such as 2024-11-20 (WIB), a time such as 2024-11-20T08:00:00+07:00, or how long ago: 7d, 36h, 90m", s)
}

// jakarta is WIB, in which dates without a zone are meant.
var jakarta = time.FixedZone("WIB", 7*3600)

// work runs the back-test, keeps how far it is, and reports.
func (j *backtestJob) work(ctx context.Context, kept tuning.Backtest) error {
	if kept.Status != tuning.BacktestDone {
		report, err := j.judge(ctx, kept)
		if err != nil {
			return err
		}
		kept.Report = report
	}
	if j.unseen {
		return nil
	}
	var report backtest.Report
	if err := json.Unmarshal([]byte(kept.Report), &report); err != nil {
		return fmt.Errorf("read the report of back-test %d: %w", kept.Number, err)
	}
	if j.asJSON {
		if _, err := fmt.Fprintln(j.out, kept.Report); err != nil {
			return err
		}
	} else if err := printBacktest(j.out, kept.Number, &report); err != nil {
		return err
	}
	return j.seen(ctx, kept)
}

// seen notes, for every draft of this version, that its back-test was looked at.
func (j *backtestJob) seen(ctx context.Context, kept tuning.Backtest) error {
	drafts, err := j.book.Drafts(ctx)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.Version != kept.Version || d.Backtest != 0 {
			continue
		}
		if err := j.book.Seen(ctx, d.Name, kept.Version, kept.Number, operatorName()); err != nil {
			return err
		}
	}
	return nil
}

// judge runs the back-test to its end, or says how to go on with it.
func (j *backtestJob) judge(ctx context.Context, kept tuning.Backtest) (string, error) {
	state, err := j.state(ctx, kept)
	if err != nil {
		return "", err
	}
	deps, err := j.dependencies(ctx, kept)
	if err != nil {
		return "", err
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	line := newProgressLine(j.errOut)
	ended := context.WithoutCancel(ctx)
	deps.Save = func(s backtest.State) error { return j.save(ended, kept.Number, s, stop) }
	deps.Progress = func(p backtest.Progress) {
		line.show(p)
		if goOn, err := j.book.SaveBacktest(ended, kept.Number, p.Done, p.Rate, nil); err == nil && !goOn {
			stop(errStopped)
		}
	}
	err = backtest.Run(running, state, deps)
	line.end()
	if err == nil && state.Done() {
		return j.finish(ended, kept.Number, state)
	}
	if ctx.Err() != nil || errors.Is(context.Cause(running), errStopped) {
		if err := j.book.EndBacktest(ended, kept.Number, tuning.BacktestStopped, "", ""); err != nil {
			return "", err
		}
		return "", &exitError{code: exitFails, err: fmt.Errorf("back-test %d was stopped; `netra backtest --number %d` goes on where it was", kept.Number, kept.Number)}
	}
	return "", errors.Join(err, j.book.EndBacktest(ended, kept.Number, tuning.BacktestFailed, "", err.Error()))
}

var errStopped = errors.New("stopped in the console")

func (j *backtestJob) save(ctx context.Context, number int64, s backtest.State, stop context.CancelCauseFunc) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	var done int64
	for _, p := range s.Partitions {
		done += p.Next - p.Range.First
	}
	goOn, err := j.book.SaveBacktest(ctx, number, done, 0, data)
	if err == nil && !goOn {
		stop(errStopped)
	}
	return err
}

func (j *backtestJob) state(ctx context.Context, kept tuning.Backtest) (backtest.State, error) {
	data, err := j.book.BacktestState(ctx, kept.Number)
	if err != nil {
		return backtest.State{}, err
	}
	if len(data) > 0 {
		var state backtest.State
		if err := json.Unmarshal(data, &state); err != nil {
			return state, fmt.Errorf("go on with back-test %d: %w", kept.Number, err)
		}
		return state, nil
	}
	var plan backtest.Plan
	if err := json.Unmarshal([]byte(kept.Plan), &plan); err != nil {
		return backtest.State{}, fmt.Errorf("read the plan of back-test %d: %w", kept.Number, err)
	}
	return backtest.NewState(plan), nil
}

func (j *backtestJob) dependencies(ctx context.Context, kept tuning.Backtest) (backtest.Dependencies, error) {
	deps := backtest.Dependencies{Log: j.queue, SaveEvery: 10 * time.Second, Processors: j.processors, Logger: j.log}
	for _, side := range []struct {
		version string
		judge   *classifiers.Classifier
	}{{kept.Published, &deps.Published}, {kept.Version, &deps.Draft}} {
		bundle, err := j.book.Bundle(ctx, side.version)
		if err != nil {
			return deps, err
		}
		compiled, err := j.book.Compiler().Compile(bundle)
		if err != nil {
			_, _ = fmt.Fprintln(j.errOut, err)
			return deps, fails()
		}
		*side.judge = compiled.Judge
	}
	holder := roster.NewHolder(j.cfg.Roster, j.store, j.log, nil)
	if err := j.loadRoster(ctx, holder); err != nil {
		return deps, err
	}
	deps.Roster = holder
	return deps, nil
}

// finish makes the report with the analysts' decisions, and keeps it.
func (j *backtestJob) finish(ctx context.Context, number int64, state backtest.State) (string, error) {
	rulings, err := j.store.Rulings(ctx, state.IDs())
	if err != nil {
		return "", err
	}
	known := make(map[string]review.Verdict, len(rulings))
	for _, ruling := range rulings {
		known[ruling.Item] = review.Verdict(ruling.Verdict)
	}
	data, err := json.Marshal(backtest.ReportOf(state, known))
	if err != nil {
		return "", err
	}
	return string(data), j.book.EndBacktest(ctx, number, tuning.BacktestDone, string(data), "")
}
