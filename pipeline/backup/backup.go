// Package backup takes what Netra keeps into one folder while it runs, checks
// such a folder, and makes a machine from it that goes on where the backup was
// taken: nothing lost, nothing twice. It knows neither what is in the tables nor
// in the files, but for what joins them (below). Package cmd calls it.
//
// What the parts hold refers to each other, so the order counts:
//
//  1. What changes in the data directory beside the console's database: the
//     collector's cursors, which may be older than the queue, since what is
//     collected again is recognised by its id (were they newer, posts would be
//     missing); the head of the sealed log, which may be older than the log.
//  2. The tables of ClickHouse but the decisions, all of one moment in which no
//     batch is under way (queue.AskForRest), with the workers' offsets of that
//     moment. A restored group begins at these offsets, so that each post is
//     counted once.
//  3. The log of the embedded broker, which has at least those offsets. A real
//     Kafka keeps its own.
//  4. The console's database. It may know flags that step 2 does not: they come
//     again from the log. What it published since is laid out again.
//  5. The decisions in ClickHouse: at least those that the database has sent. A
//     restore leaves out the others, which are not in the database, or wait in its
//     outbox and will be sent.
//  6. Files that are named by their content (evidence, captures), to which the
//     database refers and which are written before that.
//
// Keys are not in a backup: who has both can read what is encrypted.
package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/version"
)

// Sources are what is backed up.
type Sources struct {
	Queue *queue.Queue
	Store *store.Store
	// Destination has the ClickHouse server write its backup itself, such as
	// Disk('backups', 'netra-1') or S3(…); empty copies the tables into the folder.
	Destination string
	// Database is the console's, at Address.
	Database *database.DB
	Address  string
	// DataDir is the data directory. The embedded broker's log is below Broker,
	// which is empty for a real Kafka; Engine is the embedded engine's folder.
	DataDir, Broker, Engine string
	// Trees are folders elsewhere that are kept under a name.
	Trees map[string]string
	// Configuration is kept for people, without its secrets.
	Configuration []byte
	// Without says what else is not in the backup.
	Without []string
	// Base is an older backup: files that cannot change are linked from it. Empty
	// is none.
	Base string
	Log  *slog.Logger
}

// taking is a backup under way.
type taking struct {
	from     Sources
	to       *folder
	manifest *Manifest
}

// Take writes a backup into a folder that is not there yet. It appears when it is
// whole. Damaged files are copied as they are and named in the manifest.
func Take(ctx context.Context, dir string, from Sources) (*Manifest, error) {
	to, err := newFolder(dir, from.Base)
	if err != nil {
		return nil, fmt.Errorf("begin the backup: %w", err)
	}
	t := &taking{from: from, to: to, manifest: &Manifest{
		Format: Format, Netra: version.Version, Begun: time.Now().UTC(), Trees: from.Trees,
		Without: from.Without, Database: string(from.Database.Dialect()),
	}}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"cursors", t.cursors},
		{"tables", t.tables},
		{"log", t.log},
		{"console", t.console},
		{"decisions", t.decisions},
		{"files", t.others},
	} {
		begin := time.Now()
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("back up the %s: %w", step.name, err)
		}
		from.Log.Info("backed up", "part", step.name, "files", len(to.files), "took", time.Since(begin).Round(time.Millisecond))
	}
	t.manifest.Ended = time.Now().UTC()
	if err := to.finish(t.manifest); err != nil {
		return nil, fmt.Errorf("end the backup: %w", err)
	}
	return t.manifest, nil
}

// tables copies all tables but the decisions.
func (t *taking) tables(ctx context.Context) error {
	cfg := t.from.Store.Configuration()
	q := t.from.Queue.Configuration()
	t.manifest.Queue = QueuePart{Topic: q.Topic, Group: q.Consumer.Group}
	part := &t.manifest.Tables
	part.Database = cfg.Database
	migrations, err := t.from.Store.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	for _, m := range migrations {
		if !m.AppliedAt.IsZero() {
			part.Migration = max(part.Migration, m.Version)
		}
	}
	if t.from.Destination != "" {
		return t.byServer(ctx)
	}
	if cfg.Cluster != "" {
		return fmt.Errorf(`key "clickhouse.cluster" is %q, and a machine of a cluster has a part of the rows only: let the server write the backup: --clickhouse-to "S3(…)" or "Disk(…)"`, cfg.Cluster)
	}
	tables, err := tablesOf(ctx, t.from.Store)
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		return errors.New("there are no tables: allowed: a database that `netra migrate` has made")
	}
	part.Tables = tables
	now := slices.DeleteFunc(slices.Clone(tables), func(table Table) bool { return table.Name == decisionsTable })
	t.manifest.Queue.Positions, err = t.moment(ctx, now)
	return err
}

// decisions copies the decisions.
func (t *taking) decisions(ctx context.Context) error {
	for _, table := range t.manifest.Tables.Tables {
		if table.Name != decisionsTable {
			continue
		}
		stream, err := open(ctx, t.from.Store, table)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }() // read to its end
		return t.to.putCompressed(table.File, stream)
	}
	return nil
}

// treeNames are the names of the folders elsewhere.
func (m *Manifest) treeNames() []string { return slices.Sorted(maps.Keys(m.Trees)) }
