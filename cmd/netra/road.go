package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	evidencecapture "github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/health"
)

// road holds what the parts of one process share, and what must be closed.
type road struct {
	queue *queue.Queue
	store *store.Store
	// database is the console's, for all that keep something in it.
	database *database.DB
	// seal is the sealed log in that database, nil where there is none.
	seal *seal.Log
	// keeper keeps evidence in it, and evidence captures that; both are nil where
	// there is no console, evidence also where there is no queue.
	keeper   *evidence.Keeper
	evidence *evidencecapture.Worker
	// retention purges in the same database, nil where there is no console.
	retention *retention.Retention
	// desk is where people hand things in, nil where there is none.
	desk   *capture.Desk
	roster *roster.Holder
	// intake is the way into the queue of what people hand in, nil where there is
	// none.
	intake capture.Intake
	lists  *tuning.Follower
	// health is set where the process works out the health of the rules.
	health *health.Watch
	// probes ask the servers that the parts need; nil in commands that do not run on.
	probes  *monitor.Probes
	parts   []part
	closers []func()
}

// part is something that runs until its context ends.
type part struct {
	name string
	run  func(context.Context) error
	// ready may be nil.
	ready func(context.Context) error
}

// onClose adds what close does, before all that was added earlier.
func (r *road) onClose(do func()) { r.closers = append(r.closers, do) }

func (r *road) close() {
	for i := len(r.closers) - 1; i >= 0; i-- {
		r.closers[i]()
	}
	r.closers = nil
}

// await does a step of the start: how it bears a server that is away is its own
// business.
type await func(ctx context.Context, step string, try func(context.Context) error) error

// once does not wait: for commands that somebody looks at.
func once(ctx context.Context, _ string, try func(context.Context) error) error { return try(ctx) }

// patiently waits as long as it takes, unless waiting does not help.
func patiently(up *monitor.Startup) await {
	return func(ctx context.Context, step string, try func(context.Context) error) error {
		return up.Await(ctx, step, try, func(err error) bool {
			var wrong *exitError
			return errors.As(err, &wrong) || errors.Is(err, queue.ErrTopic)
		})
	}
}

// openRoad opens store, roster and queue. Prepare is done with the store before
// anything is read from it. What was opened is closed by r.close, also after an
// error.
func (a *app) openRoad(ctx context.Context, r *road, prepare func(context.Context, *store.Store) error, wait await) (err error) {
	if r.store, err = a.newStore(); err != nil {
		return err
	}
	r.onClose(func() { a.logged("the connection to ClickHouse did not close", r.store.Close()) })
	r.probe("clickhouse", r.store.Ping)
	if r.queue, err = a.newQueue(); err != nil {
		return err
	}
	r.onClose(r.queue.Close)
	r.probe("kafka", r.queue.Reach)
	err = wait(ctx, "reach ClickHouse", func(ctx context.Context) error { return refusal(prepare(ctx, r.store)) })
	if err != nil {
		return err
	}
	r.roster = roster.NewHolder(a.cfg.Roster, r.store, a.log, a.registry)
	err = wait(ctx, "load the roster", func(ctx context.Context) error { return a.loadRoster(ctx, r.roster) })
	if err != nil {
		return err
	}
	return wait(ctx, "reach Kafka", func(ctx context.Context) error { return ensureTopics(ctx, r.queue) })
}

// ping is how a command prepares that finds its tables made.
func ping(ctx context.Context, s *store.Store) error { return s.Ping(ctx) }

func migrate(ctx context.Context, s *store.Store) error { return s.Migrate(ctx) }

// serve opens the road and runs its parts until ctx ends or one of them fails.
// The monitor is there from the beginning, so that one can see what is waited
// for.
func (a *app) serve(ctx context.Context, open func(context.Context, *road, await) error) error {
	if err := a.refuseUnfinished(); err != nil {
		return err
	}
	a.watchBackup()
	up := monitor.NewStartup(a.log)
	monitor.RegisterDisks(a.registry, a.folders()...)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		checks := []monitor.Check{{Name: "netra", Ready: up.Ready}}
		return monitor.New(a.cfg.Monitor, a.registry, checks, a.log).Run(ctx)
	})
	group.Go(func() error {
		r := &road{probes: monitor.NewProbes(a.registry)}
		defer r.close()
		defer background(ctx, r.probes.Run)()
		if err := open(ctx, r, patiently(up)); err != nil {
			if ctx.Err() != nil {
				a.log.Info("told to end before everything was there", "error", err)
				return nil
			}
			return err
		}
		return r.run(ctx, up)
	})
	return group.Wait()
}

// background runs something until the function that it returns is called, which
// waits for its end.
func background(ctx context.Context, run func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	return func() { cancel(); <-done }
}

// probe lets a server be asked whether it is there, from now on.
func (r *road) probe(server string, reach func(context.Context) error) {
	if r.probes != nil {
		r.probes.Add(monitor.Check{Name: server, Ready: reach})
	}
}

// folders are those that a process may fill, the one that is always there first.
func (a *app) folders() []string {
	folders := []string{a.cfg.DataDir, a.cfg.Path("broker"), a.cfg.Path("engine"), a.cfg.Path("files"), a.cfg.Capture.Files.Dir}
	if path := a.cfg.Console.Database; path != "" && !database.IsPostgres(path) {
		folders = append(folders, filepath.Dir(path))
	}
	return folders
}

// run runs the parts and the roster's reload until ctx ends or one fails.
func (r *road) run(ctx context.Context, up *monitor.Startup) error {
	group, ctx := errgroup.WithContext(ctx)
	var checks []monitor.Check
	for _, p := range r.parts {
		if p.ready != nil {
			checks = append(checks, monitor.Check{Name: p.name, Ready: p.ready})
		}
		group.Go(func() error {
			if err := p.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			return nil
		})
	}
	if r.roster != nil {
		group.Go(func() error { return r.roster.Run(ctx) })
	}
	up.Done(checks...)
	return group.Wait()
}
