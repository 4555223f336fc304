package main

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

// namesInterval is how often it is looked whether other elections are in force.
const namesInterval = 30 * time.Second

// nameKeeper keeps the names of regions, elections and contestants in ClickHouse,
// where dashboards take them from.
type nameKeeper struct {
	*app
	store   *store.Store
	regions []roster.Region
	// configured are the elections of the configured file; current those in force,
	// where lists are published.
	configured *roster.Elections
	current    func() *tuning.InForce
}

func (k *nameKeeper) elections() *roster.Elections {
	if k.current != nil {
		if in := k.current(); in != nil && in.Elections != nil {
			return in.Elections
		}
	}
	return k.configured
}

// run saves the names at the start and whenever the elections change. Where it
// cannot, it tries again later: nothing but words hangs on it.
func (k *nameKeeper) run(ctx context.Context) error {
	tick := time.NewTicker(namesInterval)
	defer tick.Stop()
	var saved *roster.Elections
	for first := true; ; {
		if elections := k.elections(); first || elections != saved {
			if err := k.save(ctx, elections); err != nil {
				k.log.WarnContext(ctx, "the names for dashboards are not saved and are tried again", "error", err)
			} else {
				first, saved = false, elections
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (k *nameKeeper) save(ctx context.Context, elections *roster.Elections) error {
	names := store.Names{Regions: k.regions}
	if elections != nil {
		names.Elections = elections.Elections
	}
	return k.store.SaveNames(ctx, names)
}
