package main

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/roster"
)

// openIntake gives a console that runs by itself its own way into the queue, with
// the roster that it needs for that. Kafka may come up later; where none is
// configured there are no pages to hand things in.
func (a *app) openIntake(ctx context.Context, r *road) error {
	queue, err := a.newQueue()
	if err != nil {
		a.log.Warn("nothing can be captured in this console: it knows no Kafka", "error", err)
		return nil
	}
	r.queue = queue
	r.onClose(r.queue.Close)
	r.probe("kafka", r.queue.Reach)
	r.roster = roster.NewHolder(a.cfg.Roster, r.store, a.log, a.registry)
	deps, closeAll, err := a.collectDependencies(ctx, r.queue, r.store, r.roster)
	if err != nil {
		return err
	}
	r.onClose(closeAll)
	r.intake = collect.NewIntake(a.cfg.Collect.Configuration, deps)
	return nil
}

// captureOf is how the console gets the desk where posts and tips are handed in;
// nil where the road has no way into the queue.
func (a *app) captureOf(r *road) func(context.Context, console.CaptureParts) (*capture.Desk, error) {
	if r.intake == nil {
		return nil
	}
	return func(ctx context.Context, parts console.CaptureParts) (*capture.Desk, error) {
		cfg := a.cfg.Capture
		if cfg.Files.Dir == "" {
			cfg.Files.Dir = a.cfg.Path("files")
		}
		files, err := blobs.New(cfg.Files)
		if err != nil {
			return nil, usage(fmt.Errorf("key capture.files: %w", err))
		}
		desk, err := capture.New(ctx, cfg, capture.Dependencies{
			Database: parts.Database, Audit: parts.Audit, Files: files, Intake: r.intake, Key: parts.Key,
			Roster: func() capture.Roster { return r.roster.Roster() }, Logger: a.log, Registerer: a.registry,
		})
		if err != nil {
			return nil, err
		}
		r.desk = desk
		r.parts = append(r.parts, part{name: "capture", run: desk.Run})
		return desk, nil
	}
}
