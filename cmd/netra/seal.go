package main

import (
	"context"
	"fmt"
	"os"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// openSeal opens the sealed log of the road's database, for all parts that add
// to it.
func (a *app) openSeal(ctx context.Context, r *road) error {
	if r.seal != nil {
		return nil
	}
	log, err := a.newSeal(ctx, r.database)
	if err != nil {
		return err
	}
	r.seal = log
	r.parts = append(r.parts, part{name: "sealed log", run: log.Run})
	return nil
}

func (a *app) newSeal(ctx context.Context, db *database.DB) (*seal.Log, error) {
	cfg := a.sealConfiguration()
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	return seal.New(ctx, cfg, seal.Dependencies{Database: db, Logger: a.log, Registerer: a.registry})
}

// sealConfiguration has the files of the data directory filled in.
func (a *app) sealConfiguration() seal.Configuration {
	cfg := a.cfg.Evidence.Seal
	if cfg.KeyFile == "" {
		cfg.KeyFile = a.cfg.Path("evidence.key")
	}
	if cfg.HeadFile == "" {
		cfg.HeadFile = a.cfg.Path("evidence.head")
	}
	return cfg
}
