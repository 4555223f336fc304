package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
)

// Where the parts lie in a backup.
const (
	dataPart    = "data"
	brokerPart  = "broker"
	consolePart = "console"
	treePart    = "trees"
	sqliteFile  = consolePart + "/console.db"
	dumpFile    = consolePart + "/console.dump"
)

// sqliteMark begins every SQLite file.
const sqliteMark = "SQLite format 3\x00"

func isSQLite(path string) bool {
	file, err := os.Open(path) //nolint:gosec // below the data directory
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, len(sqliteMark))
	_, err = io.ReadFull(file, head)
	return err == nil && string(head) == sqliteMark
}

// ours visits the files of the data directory that have no part of their own.
func (t *taking) ours(ctx context.Context, visit func(path, relative string, size int64) error) error {
	apart := map[string]bool{}
	for _, dir := range []string{t.from.Broker, t.from.Engine, filepath.Join(t.from.DataDir, "broker"), filepath.Join(t.from.DataDir, "engine")} {
		apart[clean(dir)] = true
	}
	for _, dir := range t.from.Trees {
		apart[clean(dir)] = true
	}
	console := clean(t.from.Address)
	return each(ctx, t.from.DataDir, func(path, relative string, entry fs.DirEntry) error {
		if entry.IsDir() {
			if apart[clean(path)] {
				return fs.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil || passing(relative) || clean(path) == console {
			return nil //nolint:nilerr // gone meanwhile
		}
		return visit(path, relative, info.Size())
	})
}

func clean(path string) string {
	if path == "" {
		return ""
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return absolute
}

// passing says whether a file is of a running process, half written, or a key.
func passing(relative string) bool {
	name := filepath.Base(relative)
	for _, ending := range []string{".key", ".addr", ".tmp", ".part", ".lock", "-wal", "-shm", "-journal"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return name == "running.json" || strings.HasPrefix(name, ".incoming-")
}

// cursors copies what changes in the data directory beside the console's database:
// SQLite files and all files that are not named by their content.
func (t *taking) cursors(ctx context.Context) error {
	return t.ours(ctx, func(path, relative string, size int64) error {
		switch {
		case blobs.IsSum(filepath.Base(path)):
			return nil
		case isSQLite(path):
			return t.copySQLite(ctx, path, dataPart+"/"+relative)
		default:
			return t.keep(dataPart+"/"+relative, path, size)
		}
	})
}

func (t *taking) copySQLite(ctx context.Context, path, to string) (err error) {
	db, err := database.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return t.copyOf(ctx, db, to)
}

func (t *taking) copyOf(ctx context.Context, db *database.DB, to string) error {
	file := filepath.Join(t.to.dir, filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := db.Backup(ctx, file); err != nil {
		return err
	}
	return t.to.adopt(to)
}

// log copies the log of the embedded broker. Its files only grow, and one that is
// cut off in the middle of a record is what a crash leaves, which the broker
// mends.
func (t *taking) log(ctx context.Context) error {
	if t.from.Broker == "" {
		t.manifest.Without = append(t.manifest.Without, "the posts in Kafka: its replicas and its retention keep them, or a mirror of the topics")
		return nil
	}
	t.manifest.Queue.Log = true
	return each(ctx, t.from.Broker, func(path, relative string, entry fs.DirEntry) error {
		if entry.IsDir() || passing(relative) {
			return nil
		}
		_, err := t.to.copyFile(brokerPart+"/"+relative, path)
		return err
	})
}

// console copies the console's database.
func (t *taking) console(ctx context.Context) error {
	if t.from.Database.Dialect() == database.SQLite {
		return t.copyOf(ctx, t.from.Database, sqliteFile)
	}
	file := filepath.Join(t.to.dir, filepath.FromSlash(dumpFile))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := postgres(ctx, t.from.Address, "pg_dump", "--format=custom", "--no-owner", "--file="+file); err != nil {
		return err
	}
	return t.to.adopt(dumpFile)
}

// postgres runs one of PostgreSQL's programs on a database. The password goes by
// the environment: others on the machine can read a command line.
func postgres(ctx context.Context, address, program string, arguments ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("%s is not on the PATH (Debian: postgresql-client): %w", program, err)
	}
	command := exec.CommandContext(ctx, path, arguments...) //nolint:gosec // PostgreSQL's own
	shown, password := database.WithoutPassword(address)
	command.Args = append(command.Args, "--dbname="+shown)
	command.Env = os.Environ()
	if password != "" {
		command.Env = append(command.Env, "PGPASSWORD="+password)
	}
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(said))
	}
	return nil
}

// others copies files that are named by their content, folders elsewhere, and the
// configuration.
func (t *taking) others(ctx context.Context) error {
	err := t.ours(ctx, func(path, relative string, size int64) error {
		if !blobs.IsSum(filepath.Base(path)) {
			return nil
		}
		return t.keep(dataPart+"/"+relative, path, size)
	})
	if err != nil {
		return err
	}
	for _, name := range t.manifest.treeNames() {
		err := each(ctx, t.from.Trees[name], func(path, relative string, entry fs.DirEntry) error {
			info, err := entry.Info()
			if err != nil || entry.IsDir() || passing(relative) {
				return nil //nolint:nilerr // gone meanwhile
			}
			return t.keep(treePart+"/"+name+"/"+relative, path, info.Size())
		})
		if err != nil {
			return err
		}
	}
	_, err = t.to.put("netra.yaml", bytes.NewReader(t.from.Configuration))
	return err
}

// keep copies a file, and notes where one that is named by its content has
// another content.
func (t *taking) keep(path, from string, size int64) error {
	name := filepath.Base(path)
	if blobs.IsSum(name) && t.to.link(path, size) {
		return nil
	}
	file, err := t.to.copyFile(path, from)
	if err == nil && file.Path != "" && blobs.IsSum(name) && file.SHA256 != name {
		t.manifest.Damaged = append(t.manifest.Damaged, path)
	}
	return err
}
