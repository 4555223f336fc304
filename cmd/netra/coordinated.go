package main

import (
	"context"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/worker"
)

// sketchMaker returns what makes and compares sketches of posts, nil where none
// are kept.
func (a *app) sketchMaker() (*sketch.Maker, error) {
	cfg := a.cfg.Coordinated
	if !cfg.Enabled {
		return nil, nil
	}
	key := []byte(cfg.HashKey)
	if len(key) == 0 {
		var err error
		if key, err = a.rosterKey(); err != nil {
			return nil, err
		}
	}
	return sketch.NewMaker(key, cfg.Keep), nil
}

// tellOwnKey warns where sketches are kept by a key that other machines may not
// have. Commands that only look at them need not say it.
func (a *app) tellOwnKey() {
	if a.cfg.Coordinated.HashKey == "" && a.cfg.Roster.HashKey == "" && !a.cfg.EmbeddedEngine() {
		a.log.Warn("sketches of posts are made with a key of this machine: where there are several, set coordinated.hash_key to the same on all")
	}
}

// sketcher is sketchMaker for the worker, which works without, too.
func (a *app) sketcher() worker.Sketcher {
	maker, err := a.sketchMaker()
	if err != nil {
		a.log.Warn("no sketches of posts are kept, so that coordinated posting is not found: there is no key (coordinated.hash_key)", "error", err)
		return nil
	}
	if maker == nil {
		return nil
	}
	a.tellOwnKey()
	return maker
}

// coordinatedOf builds what looks for copies of posts and shows them, as a part of
// the road.
func (a *app) coordinatedOf(r *road) func(context.Context, console.CoordinatedParts) (*coordinated.Finder, error) {
	if !a.cfg.Coordinated.Enabled {
		return nil
	}
	return func(ctx context.Context, parts console.CoordinatedParts) (*coordinated.Finder, error) {
		maker, err := a.sketchMaker()
		if err != nil {
			return nil, err
		}
		a.tellOwnKey()
		if err := coordinated.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		finder, err := coordinated.New(a.cfg.Coordinated, coordinated.Dependencies{
			Database: parts.Database, Sketches: r.store, Maker: maker, Logger: a.log, Registerer: a.registry,
		})
		if err != nil {
			return nil, err
		}
		r.parts = append(r.parts, part{name: "coordinated", run: finder.Run})
		return finder, nil
	}
}
