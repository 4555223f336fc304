package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/netra-id/netra/pipeline/post"
)

// ErrFresh says that a file was put too lately to be removed: somebody who put it
// may be about to say what for.
var ErrFresh = errors.New("the file was put a moment ago")

// freshFor is how long after it was last put a file cannot be removed.
const freshFor = 10 * time.Minute

// Remove removes a file for good; one that is not there is no error. Its error
// wraps ErrFresh where the file was put in the last minutes, also for another
// time. Whether something still needs the file is for the caller to know.
func (s *Store) Remove(ctx context.Context, sha256 string) error {
	if !IsSum(sha256) {
		return &post.FieldError{Key: "sha256", Value: fmt.Sprintf("%q", sha256), Allowed: "64 hexadecimal digits in lower case"}
	}
	if err := s.place.remove(ctx, sha256, time.Now().Add(-freshFor)); err != nil {
		return fmt.Errorf("remove the file %s: %w", sha256, err)
	}
	return nil
}

func (f *folder) remove(_ context.Context, sum string, before time.Time) error {
	path := f.path(sum)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.ModTime().After(before) {
		return ErrFresh
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func (b *bucket) remove(ctx context.Context, sum string, before time.Time) error {
	info, err := b.client.StatObject(ctx, b.name, b.key(sum), minio.StatObjectOptions{})
	if errors.Is(notFound(err), ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.LastModified.After(before) {
		return ErrFresh
	}
	return b.client.RemoveObject(ctx, b.name, b.key(sum), minio.RemoveObjectOptions{})
}
