// Package backtest judges the posts kept in Kafka again: by the lists in force
// and by a draft, with the worker's own code, and says what the draft adds, what
// it drops and, above all, which posts that analysts confirmed it would lose and
// which dismissed ones it would bring back.
//
// It reads the partitions beside the workers, in no consumer group of theirs,
// commits nothing, and runs in a process of its own at a low priority (StepBack).
// It can be stopped at any time and goes on where it was. The same posts,
// versions and decisions give the same report. It is called by the backtest
// command, also on behalf of the console.
package backtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/worker"
)

// Plan is what a back-test is about. It stays the same when the back-test goes
// on after a stop.
type Plan struct {
	Topic string `json:"topic"`
	// Published and Draft are the versions of the lists.
	Published string `json:"published"`
	Draft     string `json:"draft"`
	// From (inclusive) and Until (exclusive) bound when a post reached the
	// broker; zero times are open.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Ranges are the records, fixed when the back-test began.
	Ranges []queue.Range `json:"ranges"`
	// RepeatWindow is the workers'.
	RepeatWindow int `json:"repeat_window"`
}

// Records is how many offsets the plan has.
func (p Plan) Records() int64 {
	var n int64
	for _, r := range p.Ranges {
		n += r.Records()
	}
	return n
}

// NewPlan fixes which records a back-test reads.
func NewPlan(ctx context.Context, q *queue.Queue, published, draft string, from, until time.Time, repeatWindow int) (Plan, error) {
	topic := q.Configuration().Topic
	ranges, err := q.Ranges(ctx, topic, from, until)
	if err != nil {
		return Plan{}, fmt.Errorf("plan the back-test: %w", err)
	}
	return Plan{
		Topic: topic, Published: published, Draft: draft, From: from.UTC(), Until: until.UTC(), Ranges: ranges, RepeatWindow: repeatWindow,
	}, nil
}

// Log is where the posts are kept. The queue implements it.
type Log interface {
	ReplayRange(ctx context.Context, topic string, of queue.Range, each func(records []queue.Record, next int64) error) error
}

// Progress is how far a back-test is.
type Progress struct {
	// Done and Total count records.
	Done, Total int64
	// Rate is posts a second since the back-test began or went on.
	Rate float64
}

// Left is about how long it still takes, 0 where that cannot be told yet.
func (p Progress) Left() time.Duration {
	if p.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(p.Total-p.Done) / p.Rate * float64(time.Second))
}

// Dependencies of a back-test. Save, Progress and Logger may be nil.
type Dependencies struct {
	Log    Log
	Roster worker.Roster
	// Published and Draft judge by the versions of the plan.
	Published, Draft classifiers.Classifier
	// Save keeps the state from which the back-test can go on; it is called every
	// SaveEvery and when the context ends.
	Save      func(State) error
	SaveEvery time.Duration
	// Progress is called about every second.
	Progress func(Progress)
	// Processors is how many goroutines judge, 0 for one a processor.
	Processors int
	Logger     *slog.Logger
}

// State is how far a back-test is, and what it found until there.
type State struct {
	Plan       Plan         `json:"plan"`
	Partitions []*partition `json:"partitions"`
}

// NewState is the state of a back-test that has not begun.
func NewState(plan Plan) State {
	s := State{Plan: plan}
	for _, r := range plan.Ranges {
		s.Partitions = append(s.Partitions, &partition{Range: r, Next: r.First, Found: map[string]*Finding{}})
	}
	return s
}

// Done says whether every record was judged.
func (s State) Done() bool {
	for _, p := range s.Partitions {
		if p.Next < p.Range.End {
			return false
		}
	}
	return true
}

// Run judges what the state has not judged yet, until all is done or ctx ends.
// The state is changed; when Run returns, with or without an error, it can be
// handed to Run again.
func Run(ctx context.Context, state State, deps Dependencies) error {
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if deps.Processors <= 0 {
		deps.Processors = runtime.GOMAXPROCS(0)
	}
	run := &run{deps: deps, plan: state.Plan, pool: newPool(deps.Processors)}
	defer run.pool.close()
	stopped := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { run.watch(state, stopped) })

	errs := make([]error, len(state.Partitions))
	var reading sync.WaitGroup
	for i, p := range state.Partitions {
		reading.Go(func() { errs[i] = run.partition(ctx, p) })
	}
	reading.Wait()
	close(stopped)
	watching.Wait()
	return errors.Join(errors.Join(errs...), run.save(state))
}

// run is a back-test under way.
type run struct {
	deps Dependencies
	plan Plan
	pool *pool
}

// watch tells the progress and saves the state until stopped.
func (r *run) watch(state State, stopped chan struct{}) {
	began, before := time.Now(), state.done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	saved := time.Now()
	for {
		select {
		case <-stopped:
			r.tell(state, before, time.Since(began))
			return
		case <-tick.C:
		}
		r.tell(state, before, time.Since(began))
		if r.deps.SaveEvery > 0 && time.Since(saved) >= r.deps.SaveEvery {
			if err := r.save(state); err != nil {
				r.deps.Logger.Error("the back-test's state is not saved; stopped, it would begin again", "error", err)
			}
			saved = time.Now()
		}
	}
}

func (r *run) tell(state State, before int64, took time.Duration) {
	if r.deps.Progress == nil {
		return
	}
	done := state.done()
	r.deps.Progress(Progress{Done: done, Total: state.Plan.Records(), Rate: float64(done-before) / max(took.Seconds(), 1e-3)})
}

func (s State) done() int64 {
	var n int64
	for _, p := range s.Partitions {
		p.mu.Lock()
		n += p.Next - p.Range.First
		p.mu.Unlock()
	}
	return n
}

// save hands over the state with every partition between two runs of records.
func (r *run) save(state State) error {
	if r.deps.Save == nil {
		return nil
	}
	for _, p := range state.Partitions {
		p.mu.Lock()
		defer p.mu.Unlock()
	}
	return r.deps.Save(state)
}

// judged is one record with both verdicts.
type judged struct {
	worker.Reading
	record           *queue.Record
	pass, counts     bool
	published, draft post.Verdict
}
