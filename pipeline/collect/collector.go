// Package collect brings public posts of known accounts to the queue: sources
// find posts, the scheduler decides when each is visited, the gate lets only
// posts of roster accounts through, and the state file remembers how far each
// source is and what was sent, over restarts and crashes. A post is sent at
// least once; one that was collected twice with the same content is sent once,
// as far as no crash comes between, and the worker drops what is left.
//
// The package knows no platform and no queue: the sources are packages below
// it, built by the package sources, and the queue, the roster and the store are
// interfaces that cmd/netra fills. It does not classify.
package collect

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Collector visits all sources by their schedules.
type Collector struct {
	cfg       Configuration
	schedules []Schedule
	intake    *Intake
	state     *State
	coverage  *coverageBook
	watch     *watchBook
	calendar  Calendar
	ready     func() bool
	version   func() string // of the roster, may be nil
	logger    *slog.Logger
	metrics   *metrics
}

// New builds a collector for the sources. It fails where two have one name.
func New(cfg Configuration, schedules []Schedule, deps Dependencies) (*Collector, error) {
	names := map[string]bool{}
	for _, s := range schedules {
		name := s.Source.Name()
		if name == "" || names[name] {
			return nil, &post.FieldError{Key: "name", Value: name, Allowed: "a name that no other source has"}
		}
		names[name] = true
	}
	ready := deps.Ready
	if ready == nil {
		ready = func() bool { return true }
	}
	intake := NewIntake(cfg, deps)
	return &Collector{
		cfg: cfg, schedules: schedules, intake: intake, state: deps.State, logger: deps.Logger,
		calendar: deps.Calendar, version: deps.Version,
		coverage: newCoverageBook(deps.Coverage, deps.Logger), metrics: intake.metrics, ready: ready,
		watch: newWatchBook(deps.Listed, len(schedules)),
	}, nil
}

// Intake is how what others bring, such as what people capture by hand, goes the
// same way as what is collected.
func (c *Collector) Intake() *Intake { return c.intake }

// Run collects until ctx ends. Then it fetches nothing more, hands on what was
// fetched, for at most the configured stop timeout, saves the cursors and
// returns.
func (c *Collector) Run(ctx context.Context) error {
	delivery, endDelivery := Outlive(ctx, c.cfg.StopTimeout)
	defer endDelivery()

	var lanes, helpers sync.WaitGroup
	helpers.Go(func() { c.coverage.run(ctx, c.cfg.CoverageInterval) })
	helpers.Go(func() { c.forget(ctx) })
	helpers.Go(func() { c.keepTellingUnwatched(ctx) })
	c.untilReady(ctx)
	failures := make([]error, len(c.schedules))
	for n, s := range c.schedules {
		lanes.Go(func() { failures[n] = newLane(c, s).run(ctx, delivery) })
	}
	lanes.Wait()
	<-ctx.Done() // without sources there is still a collector that runs
	helpers.Wait()
	c.coverage.flush(delivery)
	return errors.Join(failures...)
}

// silent says whether accounts of the region are to be visited more often.
func (c *Collector) silent(region string, at time.Time) bool {
	return c.calendar != nil && c.calendar.Silent(region, at)
}

// untilReady waits for the roster, or the end of ctx.
func (c *Collector) untilReady(ctx context.Context) {
	if c.ready() {
		return
	}
	c.logger.Warn("nothing is collected until there is a roster with accounts")
	for !c.ready() && sleep(ctx, time.Second) == nil {
		continue
	}
}

// Outlive returns a context that ends when ctx has ended for as long as grace:
// what was fetched until then can still be handed on. The function it returns
// ends it at once and must be called.
func Outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	outliving, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if sleep(outliving, grace) == nil {
			end()
		}
	})
	return outliving, func() { stop(); end() }
}

// targetsKept is how long the cursor of a target is kept that is not visited: a
// small quota may not reach a quiet account for long.
const targetsKept = 180 * 24 * time.Hour

// forget removes what is too old from the state, every hour.
func (c *Collector) forget(ctx context.Context) {
	for {
		if err := c.forgetOnce(ctx); err != nil && ctx.Err() == nil {
			c.logger.Error("old entries of the collector's state are not removed", "error", err)
		}
		if sleep(ctx, time.Hour) != nil {
			return
		}
	}
}

func (c *Collector) forgetOnce(ctx context.Context) error {
	before := time.Now().Add(-c.cfg.SeenFor)
	n, err := c.state.expire(ctx, before)
	c.metrics.expired.Add(float64(n))
	if err != nil {
		return err
	}
	if err := c.state.forgetTargets(ctx, time.Now().Add(-max(c.cfg.SeenFor, targetsKept))); err != nil {
		return err
	}
	count, err := c.state.seenPosts(ctx)
	if err == nil {
		c.metrics.seen.Set(float64(count))
	}
	return err
}
