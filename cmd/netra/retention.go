package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// newRetention builds what purges, on a road with store, database, keeper and
// sealed log.
func (a *app) newRetention(ctx context.Context, r *road, log retention.Audit) (*retention.Retention, error) {
	for _, migrate := range []func(context.Context, *database.DB) error{review.Migrate, retention.Migrate} {
		if err := migrate(ctx, r.database); err != nil {
			return nil, err
		}
	}
	files, err := blobs.New(a.evidenceFiles())
	if err != nil {
		return nil, usage(fmt.Errorf("key evidence.files: %w", err))
	}
	key, err := a.rosterKey()
	if err != nil {
		return nil, err
	}
	deps := retention.Dependencies{
		Database: r.database, Store: r.store, Keeper: r.keeper, Files: files, Seal: r.seal, Audit: log, Key: key,
		Remember: a.cfg.Kafka.Topics.Retention + 48*time.Hour, Logger: a.log, Registerer: a.registry,
	}
	maker, err := a.sketchMaker()
	if err != nil {
		return nil, err
	}
	if maker != nil {
		deps.Sketch = maker.PostHash
	}
	return retention.New(a.cfg.Retention, deps)
}

// addRetention adds the retention to the road, once.
func (a *app) addRetention(ctx context.Context, r *road, log retention.Audit) (err error) {
	if r.retention != nil || r.keeper == nil {
		return nil
	}
	if r.retention, err = a.newRetention(ctx, r, log); err != nil {
		return err
	}
	r.parts = append(r.parts, part{name: "retention", run: r.retention.Run})
	return nil
}

// retentionOf gives the console the road's retention, which the review was built
// with before.
func (a *app) retentionOf(r *road) func(context.Context, console.RetentionParts) (*retention.Retention, error) {
	return func(ctx context.Context, parts console.RetentionParts) (*retention.Retention, error) {
		return r.retention, a.addRetention(ctx, r, parts.Audit)
	}
}

// roadFlags are the store's flags without those that were purged.
type roadFlags struct {
	*store.Store
	road *road
}

func (f roadFlags) FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error) {
	if f.road.retention == nil {
		return f.Store.FlagsByID(ctx, ids)
	}
	return f.road.retention.Gate(f.Store).FlagsByID(ctx, ids)
}

// FlagVersions is for the evidence.
func (f roadFlags) FlagVersions(ctx context.Context, places []store.InsertCursor) ([]post.Flag, error) {
	if f.road.retention == nil {
		return f.Store.FlagVersions(ctx, places)
	}
	return f.road.retention.Gate(f.Store).FlagVersions(ctx, places)
}

// withRetention does something with the retention by a command. What it adds to
// the logs is sealed when it returns, where this machine has the keys.
func (a *app) withRetention(ctx context.Context, do func(*road, *audit.Log, access.Viewer) error) error {
	r := &road{}
	defer r.close()
	var err error
	if r.store, err = a.newStore(); err != nil {
		return err
	}
	r.onClose(func() { a.logged("the connection to ClickHouse did not close", r.store.Close()) })
	if err := a.openDatabase(ctx, r); err != nil {
		return err
	}
	if r.seal, err = a.newSeal(ctx, r.database); err != nil {
		return err
	}
	if r.keeper, err = a.newKeeper(ctx, r); err != nil {
		return err
	}
	log, err := console.OpenAudit(ctx, a.cfg.Console, r.database, audit.Options{Logger: a.log})
	if err != nil {
		return usage(err)
	}
	if r.retention, err = a.newRetention(ctx, r, log); err != nil {
		return err
	}
	err = do(r, log, access.Viewer{Name: "command " + operatorName(), Role: access.Supervisor})
	ending := context.WithoutCancel(ctx)
	_, sealed := r.seal.Seal(ending)
	if errors.Is(sealed, seal.ErrNoKey) {
		sealed = nil
	}
	_, chained := log.Seal(ending)
	return errors.Join(err, sealed, chained)
}
