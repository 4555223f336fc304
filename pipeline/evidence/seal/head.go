package seal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// keepHead writes a checkpoint into the head file, where it is ahead of what is
// there. That the log grows does not depend on it.
func (l *Log) keepHead(signed string) {
	if l.cfg.HeadFile == "" {
		return
	}
	l.heading.Lock()
	defer l.heading.Unlock()
	kept, err := l.readHead()
	if err == nil && kept != "" {
		old, bad := OpenCheckpoint([]byte(kept), l.keys...)
		fresh, worse := OpenCheckpoint([]byte(signed), l.keys...)
		if bad == nil && worse == nil && old.N >= fresh.N {
			return
		}
	}
	if err == nil {
		err = replaceFile(l.cfg.HeadFile, []byte(signed))
	}
	if err != nil {
		l.metrics.errors.WithLabelValues("head").Inc()
		l.deps.Logger.Error("the last checkpoint of the sealed log was not kept apart", "error", err)
	}
}

// readHead returns what the head file holds, empty where there is none.
func (l *Log) readHead() (string, error) {
	if l.cfg.HeadFile == "" {
		return "", nil
	}
	data, err := os.ReadFile(l.cfg.HeadFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the head file of the sealed log: %w", err)
	}
	return string(data), nil
}

func replaceFile(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".head-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(path)
}

// CheckHead says whether the tree agrees with its last checkpoint and with the
// one in the head file. Its error wraps a *RewrittenError where it does not.
func (l *Log) CheckHead(ctx context.Context) error {
	err := l.checkHead(ctx)
	if err == nil {
		l.metrics.holds.Set(1)
	}
	return l.noticed(err)
}

func (l *Log) checkHead(ctx context.Context) error {
	kept, err := l.readHead() // before the database, which may go on growing
	if err != nil {
		return err
	}
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil {
		return err
	}
	tree := newHashes(ctx, l.db)
	if last != nil {
		if err := l.agrees(tree, last.note, last.size); err != nil {
			return err
		}
	}
	if kept == "" {
		return nil
	}
	if err := l.CheckKept(ctx, []byte(kept)); err != nil {
		return fmt.Errorf("by the head file %s: %w", l.cfg.HeadFile, err)
	}
	return nil
}

// CheckKept says whether the tree agrees with a checkpoint of it that was kept
// elsewhere. Its error wraps a *RewrittenError where it does not.
func (l *Log) CheckKept(ctx context.Context, signed []byte) error {
	var size int64
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil {
		return err
	}
	if last != nil {
		size = last.size
	}
	return l.agrees(newHashes(ctx, l.db), string(signed), size)
}

// Head is where the log stands.
type Head struct {
	// Checkpoint is the last one, with its signature; Size and Root are what it
	// says.
	Checkpoint string
	Size       int64
	Root       tlog.Hash
	// Waiting is how many statements are committed but not yet in the log.
	Waiting int64
}

// Head returns where the log stands.
func (l *Log) Head(ctx context.Context) (Head, error) {
	var h Head
	if err := l.db.QueryRow(ctx, `SELECT count(*) FROM seal_waiting`).Scan(&h.Waiting); err != nil {
		return h, fmt.Errorf("look for what waits to be sealed: %w", err)
	}
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil || last == nil {
		return h, err
	}
	c, err := OpenCheckpoint([]byte(last.note), l.keys...)
	if err != nil {
		return h, fmt.Errorf("the last checkpoint of the sealed log: %w", err)
	}
	h.Checkpoint, h.Size, h.Root = last.note, c.N, c.Hash
	return h, nil
}
