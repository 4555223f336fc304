package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// folder is a place on disk: dir/ab/cd/abcd….
type folder struct{ dir string }

func newFolder(dir string) (*folder, error) {
	f := &folder{dir: dir}
	if err := os.MkdirAll(f.incoming(), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	return f, nil
}

// incoming is where files are written, on the disk on which they stay.
func (f *folder) incoming() string { return filepath.Join(f.dir, "incoming") }

func (f *folder) path(sum string) string { return filepath.Join(f.dir, sum[:2], sum[2:4], sum) }

// put renames the file, which is whole and on the disk, to its place, so that
// there is never a part of a file under a hash.
func (f *folder) put(_ context.Context, file *os.File, ref Ref) error {
	to := f.path(ref.SHA256)
	if f.whole(to, ref) {
		now := time.Now()
		return os.Chtimes(to, now, now) // so that it is not removed just now
	}
	if err := file.Chmod(0o400); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), to); err != nil {
		return err
	}
	// The names are synced from the new one up, so that none is lost with the power.
	for _, dir := range []string{filepath.Dir(to), filepath.Dir(filepath.Dir(to)), f.dir} {
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// whole says whether the file is there and undamaged; a damaged one is replaced.
func (f *folder) whole(path string, ref Ref) bool {
	file, err := os.Open(path) //nolint:gosec // the name is a hash
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	have, err := measure(file)
	return err == nil && have.SHA256 == ref.SHA256
}

func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // of the store
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) get(_ context.Context, sum string) (*os.File, error) {
	file, err := os.Open(f.path(sum)) //nolint:gosec // the name is a hash
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return file, err
}

func (f *folder) has(_ context.Context, sum string) (bool, error) {
	_, err := os.Stat(f.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
