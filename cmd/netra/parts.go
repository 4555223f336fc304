package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

// road holds what the parts share.
type road struct {
	queue  *queue.Queue
	store  *store.Store
	roster *roster.Holder
}

// openRoad opens queue, store and roster. Prepare is done with the store before
// anything is read from it.
func (a *app) openRoad(ctx context.Context, prepare func(context.Context, *store.Store) error) (*road, error) {
	s, err := a.openStore()
	if err != nil {
		return nil, err
	}
	r := &road{store: s}
	if err := prepare(ctx, s); err != nil {
		r.close()
		return nil, err
	}
	if r.roster, err = a.openRoster(ctx, s); err != nil {
		r.close()
		return nil, err
	}
	if r.queue, err = a.openQueue(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// ping is how a part prepares that finds its tables made.
func ping(ctx context.Context, s *store.Store) error { return s.Ping(ctx) }

func migrate(ctx context.Context, s *store.Store) error { return s.Migrate(ctx) }

func (r *road) close() {
	if r.queue != nil {
		r.queue.Close()
	}
	_ = r.store.Close()
}

// part is something that runs until its context ends.
type part struct {
	name  string
	run   func(context.Context) error
	check monitor.Check
}

// serve runs parts, the roster's reload and the monitor until ctx ends or one
// of them fails.
func (a *app) serve(ctx context.Context, holder *roster.Holder, parts ...part) error {
	group, ctx := errgroup.WithContext(ctx)
	var checks []monitor.Check
	for _, p := range parts {
		if p.check.Ready != nil {
			checks = append(checks, p.check)
		}
		group.Go(func() error {
			if err := p.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			return nil
		})
	}
	if holder != nil {
		group.Go(func() error { return holder.Run(ctx) })
	}
	group.Go(func() error { return monitor.New(a.cfg.Monitor, a.registry, checks, a.log).Run(ctx) })
	return group.Wait()
}

func (a *app) workPart(r *road) (part, error) {
	w, err := a.newWorker(r.queue, r.store, r.roster)
	if err != nil {
		return part{}, err
	}
	return part{name: "work", run: w.Run, check: monitor.Check{Name: "worker", Ready: w.Ready}}, nil
}

func (a *app) collectPart(ctx context.Context, r *road) (part, error) {
	collector, closeAll, err := a.newCollector(ctx, r.queue, r.store, r.roster)
	if err != nil {
		return part{}, err
	}
	return part{name: "collect", run: func(ctx context.Context) error {
		defer closeAll()
		return collector.Run(ctx)
	}}, nil
}

func workCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Classify the posts in the queue and store what is flagged",
		Long: `Work reads the posts topic as a member of the workers' group, classifies each post
and stores flagged posts and hourly counts. Start as many as there are partitions.
On SIGTERM it finishes the batch in hand, commits and ends.`,
		Example: "  netra work --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.openRoad(cmd.Context(), ping)
			if err != nil {
				return err
			}
			defer r.close()
			work, err := a.workPart(r)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), r.roster, work)
		},
	}
}

func collectCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "collect",
		Short:   "Bring new posts from the configured sources into the queue",
		Example: "  netra collect --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(a.cfg.Collect.Sources) == 0 {
				return usage(fmt.Errorf("key collect.sources is empty; allowed: one source or more, such as {name: exports, files: {paths: [inbox]}}"))
			}
			r, err := a.openRoad(cmd.Context(), ping)
			if err != nil {
				return err
			}
			defer r.close()
			collect, err := a.collectPart(cmd.Context(), r)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), r.roster, collect)
		},
	}
}
