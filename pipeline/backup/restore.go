package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

// ErrNotEmpty says that a restore would write over something.
var ErrNotEmpty = errors.New("the target is not empty")

// Targets are where a backup is restored to. Everything must be missing or
// empty, but for keys (*.key) in the data directory.
type Targets struct {
	DataDir, Broker string
	// Address is that of the console's database.
	Address string
	// Trees are the folders elsewhere, by the names that they had in Sources.
	Trees map[string]string
	Tell  func(format string, arguments ...any)
}

// place returns where a file of the backup belongs, empty where it has no place.
func (to Targets) place(path string) string {
	part, rest, _ := strings.Cut(path, "/")
	local := filepath.FromSlash(rest)
	switch {
	case path == sqliteFile && !database.IsPostgres(to.Address):
		return to.Address
	case part == dataPart:
		return filepath.Join(to.DataDir, local)
	case part == brokerPart && to.Broker != "":
		return filepath.Join(to.Broker, local)
	case part == treePart:
		name, inner, _ := strings.Cut(rest, "/")
		if dir := to.Trees[name]; dir != "" {
			return filepath.Join(dir, filepath.FromSlash(inner))
		}
	}
	return ""
}

// Empty says whether nothing stands where the files go.
func (to Targets) Empty() error {
	folders := []string{to.DataDir, to.Broker}
	for _, dir := range to.Trees {
		folders = append(folders, dir)
	}
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && (entry.IsDir() || strings.HasSuffix(path, ".key")) {
				return nil
			}
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: %s is there: allowed: a folder that is missing, or holds keys (*.key) only", ErrNotEmpty, path)
		})
		if dir != "" && err != nil {
			return err
		}
	}
	if database.IsPostgres(to.Address) {
		return nil
	}
	if _, err := os.Lstat(to.Address); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: the console's database %s is there", ErrNotEmpty, to.Address)
	}
	return nil
}

// Lay lays the files out.
func (m *Manifest) Lay(ctx context.Context, dir string, to Targets) error {
	laid, bytes := 0, int64(0)
	for _, file := range m.Files {
		place := to.place(file.Path)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if place == "" {
			continue
		}
		if err := lay(filepath.Join(dir, filepath.FromSlash(file.Path)), place); err != nil {
			return fmt.Errorf("restore %s: %w", place, err)
		}
		laid, bytes = laid+1, bytes+file.Bytes
	}
	to.Tell("files: %d laid out (%d bytes)", laid, bytes)
	if m.Database != string(database.Postgres) {
		return nil
	}
	dump := filepath.Join(dir, filepath.FromSlash(dumpFile))
	if err := postgres(ctx, to.Address, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", dump); err != nil {
		return err
	}
	to.Tell("console: the database is restored by pg_restore")
	return nil
}

// lay copies a file to where nothing is.
func lay(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from) //nolint:gosec // of the backup
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	mode := fs.FileMode(0o600)
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode) //nolint:gosec // the target that the operator names
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// Join makes what was taken one after the other fit together again, when the
// tables and the console's database are there: see the package's comment.
func (m *Manifest) Join(ctx context.Context, s *store.Store, db *database.DB, tell func(string, ...any)) error {
	if err := review.Migrate(ctx, db); err != nil {
		return err
	}
	left, err := leaveOut(ctx, s, db)
	if err != nil {
		return err
	}
	tell("decisions: %d left out that the console's database sends again or does not know", left)
	publication, err := numberOf(ctx, s, "SELECT max(number) FROM list_publications")
	if err != nil {
		return err
	}
	shadow, err := numberOf(ctx, s, "SELECT max(number) FROM list_shadows")
	if err != nil {
		return err
	}
	return tuning.Undeliver(ctx, db, publication, shadow)
}

// Rewind puts the workers' group to where it was. No worker may run.
func (m *Manifest) Rewind(ctx context.Context, q *queue.Queue, tell func(string, ...any)) error {
	if len(m.Queue.Positions) == 0 {
		tell("queue: the workers had acknowledged nothing; they begin at the oldest record")
		return nil
	}
	if err := q.SetPositions(ctx, m.Queue.Positions); err != nil {
		return err
	}
	standings, err := q.Standings(ctx)
	if err != nil {
		return err
	}
	waiting := int64(0)
	for _, s := range standings {
		waiting += max(s.Lag(), 0)
	}
	tell("queue: group %s of topic %s is at the offsets of the backup; %d records follow", m.Queue.Group, m.Queue.Topic, waiting)
	return nil
}
