package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/tuning"
)

func (a *app) addWorker(ctx context.Context, r *road, configured classifiers.Classifier, wait await) error {
	classifier, err := a.follow(ctx, r, configured, wait)
	if err != nil {
		return err
	}
	w, err := a.newWorker(r.queue, r.store, r.roster, classifier)
	if err != nil {
		return err
	}
	r.lists.OnSwap(func(in tuning.InForce) { w.SetClassifier(in.Judge) })
	r.lists.OnShadow(func(draft *tuning.Compiled) {
		if draft == nil {
			w.SetShadow(nil)
			return
		}
		w.SetShadow(draft.Judge)
	})
	r.parts = append(r.parts, part{name: "worker", run: w.Run, ready: w.Ready})
	return nil
}

func (a *app) addCollector(ctx context.Context, r *road) error {
	collector, closeAll, err := a.newCollector(ctx, r.queue, r.store, r.roster)
	if err != nil {
		return err
	}
	r.onClose(closeAll)
	r.intake = collector.Intake()
	r.parts = append(r.parts, part{name: "collector", run: collector.Run}, part{name: "lag of the workers", run: r.queue.WatchGroup})
	return nil
}

// workerMemory is what the Go runtime of a worker aims to stay below, so that the
// process stays under 300 MB; GOMEMLIMIT sets another.
const workerMemory = 208 << 20

func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(workerMemory)
	}
}

func workCommand(a *app) *cobra.Command {
	return drains(&cobra.Command{
		Use:   "work",
		Short: "Classify the posts in the queue and store what is flagged",
		Long: `Work reads the posts topic as a member of the workers' group, classifies each post
and stores flagged posts and hourly counts. Start as many as there are partitions;
each on a machine needs its own monitor.listen, or none. Kafka and ClickHouse may
come up later: it waits for them. On SIGTERM it finishes the batch in hand,
commits and ends.`,
		Example: "  netra work --config netra.yaml\n  NETRA_MONITOR_LISTEN=127.0.0.1:9465 netra work --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			boundMemory()
			configured, err := a.configuredClassifier()
			if err != nil {
				return usage(err)
			}
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, wait await) error {
				if err := a.openRoad(ctx, r, ping, wait); err != nil {
					return err
				}
				return a.addWorker(ctx, r, configured, wait)
			})
		},
	})
}
