package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// archive packs dir/name, with all times the same and nobody as the owner, in the
// order of the names.
func archive(dir, name, to string, at time.Time) (err error) {
	file, err := os.Create(to) //nolint:gosec // it is handed out
	if err != nil {
		return err
	}
	packer, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	out := tar.NewWriter(packer)
	defer func() { err = errors.Join(err, out.Close(), packer.Close(), file.Close()) }()
	return filepath.WalkDir(filepath.Join(dir, name), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return pack(out, dir, path, entry, at)
	})
}

func pack(out *tar.Writer, dir, path string, entry fs.DirEntry, at time.Time) error {
	relative, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.ToSlash(relative), ModTime: at, Mode: int64(modeOf(path, entry.IsDir())), Format: tar.FormatPAX}
	if entry.IsDir() {
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return out.WriteHeader(header)
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	header.Typeflag, header.Size = tar.TypeReg, info.Size()
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	file, err := os.Open(path) //nolint:gosec // of the tree that is handed out
	if err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return errors.Join(err, file.Close())
}

// modeOf is what a file may be used for: programs run, the rest is read.
func modeOf(path string, folder bool) fs.FileMode {
	if folder || filepath.Base(path) == "netra" || filepath.Ext(path) == ".sh" {
		return 0o755
	}
	return 0o644
}
