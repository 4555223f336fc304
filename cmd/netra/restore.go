package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/backup"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
)

// restoreRun is one run of the restore command.
type restoreRun struct {
	*app
	keepOffsets, tablesAreThere bool
}

func restoreCommand(a *app) *cobra.Command {
	r := &restoreRun{app: a}
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Make an empty machine what a backup holds, and go on from there",
		Long: `Restore checks every file of the backup first. Then it fills what the configuration
names: data directory, console's database and ClickHouse's tables must be missing or
empty; keys (*.key) may be in the data directory, and should be. No part of Netra may
run. The workers' group is put to the offsets of the backup: with a real Kafka whose
log is still there, the posts since the backup are classified again.`,
		Example: "  netra restore /srv/backup/2026-11-22 --config /etc/netra/netra.yaml",
		Args:    takes(1, 1),
		RunE:    func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().BoolVar(&r.keepOffsets, "keep-offsets", false, "leave the workers' group in Kafka where it is")
	cmd.Flags().BoolVar(&r.tablesAreThere, "tables-restored", false, "ClickHouse's tables were restored by the server itself (RESTORE DATABASE)")
	return cmd
}

const restoreMark = "restore.unfinished"

func (r *restoreRun) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(r.out, "restore: "+format+"\n", arguments...)
}

func (r *restoreRun) run(ctx context.Context, dir string) (err error) {
	m, err := checkedBackup(ctx, dir)
	if err != nil {
		return err
	}
	r.say("%s is whole: %d files of %s by Netra %s", dir, len(m.Files), m.Begun.Format("2006-01-02 15:04:05 MST"), m.Netra)
	to, err := r.targets(ctx, m)
	if err != nil {
		return err
	}
	mark := r.cfg.Path(restoreMark)
	if err := errors.Join(os.MkdirAll(r.cfg.DataDir, 0o700), os.WriteFile(mark, []byte(dir+"\n"), 0o600)); err != nil {
		return fmt.Errorf("begin the restore: %w", err)
	}
	if err := r.fill(ctx, dir, m, to); err != nil {
		return fmt.Errorf("%w\nnetra: the restore is not whole: empty %s and ClickHouse's database %s before the next try", err, r.cfg.DataDir, r.cfg.ClickHouse.Database)
	}
	if err := os.Remove(mark); err != nil {
		return fmt.Errorf("end the restore: %w", err)
	}
	r.say("done; start Netra, and look at `netra audit verify`")
	return nil
}

// targets are the empty places of the configuration.
func (r *restoreRun) targets(ctx context.Context, m *backup.Manifest) (backup.Targets, error) {
	to := backup.Targets{DataDir: r.cfg.DataDir, Address: r.cfg.Console.Database, Trees: r.treesElsewhere(), Tell: r.say}
	if to.Address == "" {
		to.Address = r.cfg.Path("console.db")
	}
	if r.cfg.EmbeddedBroker() {
		to.Broker = r.cfg.Path("broker")
	}
	if kind := (map[bool]string{true: string(database.Postgres), false: string(database.SQLite)})[database.IsPostgres(to.Address)]; kind != m.Database {
		return to, usage(fmt.Errorf("key console.database: it is for %s: allowed: %s, as in the backup", kind, m.Database))
	}
	for name := range m.Trees {
		if to.Trees[name] == "" {
			to.Trees[name] = filepath.Join(r.cfg.DataDir, "files")
		}
	}
	if err := to.Empty(); err != nil {
		return to, usage(err)
	}
	if database.IsPostgres(to.Address) {
		return to, r.emptyPostgres(ctx, to.Address)
	}
	if keys := r.keyFiles(); len(keys) == 1 && filepath.Ext(keys[0]) != ".key" {
		r.say("no key is in %s: without the file of the console's secret, second factors and single sign-on must be set up again; put it there before the first start", r.cfg.DataDir)
	}
	return to, nil
}

func (r *restoreRun) emptyPostgres(ctx context.Context, address string) error {
	db, err := database.Open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { r.logged("the console's database did not close", db.Close()) }()
	var tables int
	err = db.QueryRow(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')").Scan(&tables)
	if err == nil && tables > 0 {
		err = usage(fmt.Errorf("%w: the console's PostgreSQL database has %d tables", backup.ErrNotEmpty, tables))
	}
	return err
}

func (r *restoreRun) fill(ctx context.Context, dir string, m *backup.Manifest, to backup.Targets) (err error) {
	if err := m.Lay(ctx, dir, to); err != nil {
		return err
	}
	open := &road{}
	defer open.close()
	if err := r.reachEmbedded(ctx, open); err != nil {
		return err
	}
	s, err := r.newStore()
	if err != nil {
		return err
	}
	open.onClose(func() { r.logged("the connection to ClickHouse did not close", s.Close()) })
	if !r.tablesAreThere {
		if err := m.Refill(ctx, dir, s, r.say); err != nil {
			return refusal(err)
		}
	}
	if err := r.join(ctx, m, s); err != nil {
		return err
	}
	if r.keepOffsets {
		return nil
	}
	q, err := r.newQueue()
	if err != nil {
		return err
	}
	open.onClose(q.Close)
	if err := ensureTopics(ctx, q); err != nil {
		return err
	}
	return m.Rewind(ctx, q, r.say)
}

func (r *restoreRun) join(ctx context.Context, m *backup.Manifest, s *store.Store) error {
	if err := r.prepareConsole(); err != nil {
		return err
	}
	db, err := console.OpenDatabase(ctx, r.cfg.Console)
	if err != nil {
		return err
	}
	defer func() { r.logged("the console's database did not close", db.Close()) }()
	return m.Join(ctx, s, db, r.say)
}

// refuseUnfinished does not let Netra start on what a restore has left half done.
func (a *app) refuseUnfinished() error {
	if _, err := os.Stat(a.cfg.Path(restoreMark)); err == nil {
		return usage(fmt.Errorf("%s: a restore was broken off here: empty the data directory and restore again", a.cfg.Path(restoreMark)))
	}
	return nil
}
