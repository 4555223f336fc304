package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// folder is a backup on its way: it grows under another name, and gets its own
// when it is whole.
type folder struct {
	final, dir string
	// base are the files of an older backup by path; what is the same is linked.
	base    map[string]File
	baseDir string

	mutex sync.Mutex
	files []File
}

const unfinished = ".unfinished"

func newFolder(dir, base string) (*folder, error) {
	f := &folder{final: dir, dir: dir + unfinished, baseDir: base, base: map[string]File{}}
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s: %w: allowed: a folder that is not there yet", dir, fs.ErrExist)
	}
	if base != "" {
		m, err := read(base)
		if err != nil {
			return nil, fmt.Errorf("the older backup: %w", err)
		}
		for _, file := range m.Files {
			f.base[file.Path] = file
		}
	}
	if err := os.RemoveAll(f.dir); err != nil { // of a run that was broken off
		return nil, err
	}
	return f, os.MkdirAll(f.dir, 0o700)
}

func (f *folder) finish(m *Manifest) error {
	slices.SortFunc(f.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m.Files = f.files
	if err := m.write(f.dir); err != nil {
		return err
	}
	return os.Rename(f.dir, f.final)
}

func (f *folder) add(file File) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.files = append(f.files, file)
}

// create opens a new file of the backup.
func (f *folder) create(path string) (*counted, error) {
	to := filepath.Join(f.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600) //nolint:gosec // in the backup's folder
	if err != nil {
		return nil, err
	}
	return &counted{folder: f, file: file, path: path, hash: sha256.New()}, nil
}

// counted is a file that is being written and counted.
type counted struct {
	folder *folder
	file   *os.File
	path   string
	hash   hash.Hash
	bytes  int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.file.Write(p)
	_, _ = c.hash.Write(p[:n]) // never fails
	c.bytes += int64(n)
	return n, err
}

// done closes the file and adds it to the manifest.
func (c *counted) done() (File, error) {
	if err := errors.Join(c.file.Sync(), c.file.Close()); err != nil {
		return File{}, err
	}
	file := File{Path: c.path, Bytes: c.bytes, SHA256: hex.EncodeToString(c.hash.Sum(nil))}
	c.folder.add(file)
	return file, nil
}

// put writes everything from r.
func (f *folder) put(path string, r io.Reader) (File, error) {
	to, err := f.create(path)
	if err != nil {
		return File{}, err
	}
	if _, err := io.Copy(to, r); err != nil {
		return File{}, errors.Join(fmt.Errorf("copy to %s: %w", path, err), to.file.Close())
	}
	return to.done()
}

// putCompressed is put with compression.
func (f *folder) putCompressed(path string, r io.Reader) error {
	to, err := f.create(path)
	if err != nil {
		return err
	}
	packer, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	if err == nil {
		_, err = io.Copy(packer, r)
	}
	if err = errors.Join(err, packer.Close()); err != nil {
		return errors.Join(fmt.Errorf("copy to %s: %w", path, err), to.file.Close())
	}
	_, err = to.done()
	return err
}

// adopt counts a file that another program has written into the folder.
func (f *folder) adopt(path string) error {
	sum, size, err := sumOf(filepath.Join(f.dir, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	f.add(File{Path: path, Bytes: size, SHA256: sum})
	return nil
}

// copyFile copies a file. One that grows is copied up to the size that it has
// now; one that is gone meanwhile is left out.
func (f *folder) copyFile(path, from string) (File, error) {
	file, err := os.Open(from) //nolint:gosec // the parts' own files
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	if err != nil {
		return File{}, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return File{}, err
	}
	return f.put(path, io.LimitReader(file, info.Size()))
}

// link takes a file over from the older backup, whose name is its content's hash
// and so cannot have changed.
func (f *folder) link(path string, size int64) bool {
	old, ok := f.base[path]
	if !ok || old.Bytes != size || old.SHA256 != filepath.Base(path) {
		return false
	}
	to := filepath.Join(f.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return false
	}
	if err := os.Link(filepath.Join(f.baseDir, filepath.FromSlash(path)), to); err != nil {
		return false // another disk: it is copied
	}
	f.add(old)
	return true
}

// each visits the regular files below a folder; one that is not there has none.
func each(ctx context.Context, dir string, visit func(path, relative string, entry fs.DirEntry) error) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if !entry.IsDir() && !entry.Type().IsRegular() {
			return nil
		}
		return visit(path, filepath.ToSlash(relative), entry)
	})
	return err
}
