package tuning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// InForce is what a process works with.
type InForce struct {
	Publication Publication
	*Compiled
}

// Follower keeps a process at the version in force: it looks at the board, makes
// a new version ready beside the old one, and then hands it over at once. A
// version that cannot be made ready, or fails its own examples, is refused: the
// old one stays, and the metrics say so.
type Follower struct {
	cfg      Configuration
	board    Board
	compiler *Compiler
	log      *slog.Logger
	metrics  *metrics
	current  atomic.Pointer[InForce]
	// refused is the publication that could not be made ready; it is not tried
	// again.
	refused int64
	// shadow is the number of the shadow that runs.
	shadow   int64
	onSwap   []func(InForce)
	onShadow []func(*Compiled)
}

// NewFollower builds a follower. Without a publication on the board nothing is
// in force, and Current is nil.
func NewFollower(cfg Configuration, board Board, compiler *Compiler, logger *slog.Logger, registerer prometheus.Registerer) *Follower {
	return &Follower{cfg: cfg, board: board, compiler: compiler, log: logger, metrics: newMetrics(registerer)}
}

// OnSwap adds what is called with each version that comes in force, in the order
// of the calls. It must not be called while Run runs.
func (f *Follower) OnSwap(do func(InForce)) { f.onSwap = append(f.onSwap, do) }

// Current is what is in force in this process, nil where nothing is.
func (f *Follower) Current() *InForce { return f.current.Load() }

// keptTries is how many publications back a process that starts looks for one
// that it can make ready.
const keptTries = 5

// Load takes the version in force, once, and says whether there is one. Where
// the newest cannot be made ready, it takes the newest that can be: a process
// that starts has no old one to stay with.
func (f *Follower) Load(ctx context.Context) (bool, error) {
	list, err := f.board.Publications(ctx, keptTries)
	if err != nil {
		return false, fmt.Errorf("look for published lists: %w", err)
	}
	for i, p := range list {
		err := f.take(ctx, p)
		if err == nil {
			return true, nil
		}
		var refusal *refusal
		if !errors.As(err, &refusal) {
			return false, err
		}
		if i == 0 {
			f.refuse(p, err)
		}
	}
	if len(list) > 0 {
		return false, fmt.Errorf("none of the last %d published versions of the lists can be used by this process", len(list))
	}
	return false, nil
}

// Run follows the board until ctx ends.
func (f *Follower) Run(ctx context.Context) error {
	for {
		if err := errors.Join(f.look(ctx), f.lookShadow(ctx)); err != nil && ctx.Err() == nil {
			f.metrics.loads.WithLabelValues("unreachable").Inc()
			f.log.Warn("cannot look for published lists; staying with what is in force", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(f.cfg.Poll):
		}
	}
}

// look takes the newest publication where it is another than the one in force.
func (f *Follower) look(ctx context.Context) error {
	p, err := f.board.Latest(ctx)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if now := f.Current(); now != nil && now.Publication.Number >= p.Number || f.refused == p.Number {
		return nil
	}
	err = f.take(ctx, p)
	var refusal *refusal
	if errors.As(err, &refusal) {
		f.refuse(p, err)
		return nil
	}
	return err
}

func (f *Follower) refuse(p Publication, err error) {
	f.refused = p.Number
	f.metrics.loads.WithLabelValues("refused").Inc()
	f.log.Error("a published version of the lists is refused; the one before stays in force", "publication", p.Number, "version", Short(p.Version), "error", err)
}

// refusal is an error of the version itself: it will not pass.
type refusal struct{ cause error }

func (r *refusal) Error() string { return r.cause.Error() }
func (r *refusal) Unwrap() error { return r.cause }

// take makes a publication ready and puts it in force.
func (f *Follower) take(ctx context.Context, p Publication) error {
	began := time.Now()
	bundle, err := f.board.Bundle(ctx, p.Version)
	if err != nil {
		return fmt.Errorf("fetch version %s: %w", Short(p.Version), err)
	}
	report, compiled := f.compiler.Check(bundle)
	if !report.Passed() {
		return &refusal{report.Err()}
	}
	in := InForce{Publication: p, Compiled: compiled}
	f.current.Store(&in)
	for _, do := range f.onSwap {
		do(in)
	}
	f.metrics.took(p, time.Since(began))
	f.log.Info("lists in force", "publication", p.Number, "version", Short(p.Version), "kind", p.Kind, "by", p.By, "rules", report.Rules, "took", time.Since(began))
	return nil
}
