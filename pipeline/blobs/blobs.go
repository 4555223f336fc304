// Package blobs keeps files by what is in them: a file is known by the SHA-256
// of its bytes, is written once and never changed, and is verified whenever it is
// read. The files lie in a folder or in an S3-compatible storage. It knows
// neither what a file shows nor who may see it, and decodes nothing. It is called
// by the capture of posts, by the evidence and its packs, and by the retention,
// which alone removes files.
package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Ref names a file that is kept.
type Ref struct {
	// SHA256 is the hash of the bytes, 64 hexadecimal digits in lower case.
	SHA256 string
	// Size is in bytes.
	Size int64
	// Type is what the bytes begin like, such as image/jpeg, whatever the sender
	// called it.
	Type string
}

// Limits are what a file must keep to.
type Limits struct {
	// MaxBytes is the largest size; 0 is none.
	MaxBytes int64
	// Types are the types that are taken; none stands for Types.
	Types []string
}

// Errors of files that are not taken or not given.
var (
	// ErrNotFound says that there is no such file.
	ErrNotFound = errors.New("there is no such file")
	// ErrDamaged says that what is kept is not what was put there.
	ErrDamaged = errors.New("the file is not what was kept: its SHA-256 is another one")
	// ErrTooLarge says that a file is larger than its limit.
	ErrTooLarge = errors.New("the file is too large")
	// ErrType says that a file is of a type that is not taken.
	ErrType = errors.New("the file is of a type that is not taken")
	// ErrEmpty says that a file has no bytes.
	ErrEmpty = errors.New("the file is empty")
)

// Store keeps files. It is safe for concurrent use.
type Store struct {
	place place
	// scratch is the folder of files on their way, empty for the system's.
	scratch string
}

// place is where the bytes of a store are. The file that a place is given has
// been read to its end once; its name stays the store's to remove.
type place interface {
	// put keeps the whole file under the hash; one that is there already stays.
	put(ctx context.Context, file *os.File, ref Ref) error
	// get returns the bytes under the hash, or ErrNotFound.
	get(ctx context.Context, sum string) (*os.File, error)
	// has says whether there are bytes under the hash.
	has(ctx context.Context, sum string) (bool, error)
	// remove removes the bytes under the hash, where there are any; ErrFresh where
	// they were put after before.
	remove(ctx context.Context, sum string, before time.Time) error
}

// New opens the store of the configuration; a folder is made where it is missing.
func New(cfg Configuration) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.S3.Endpoint != "" {
		bucket, err := newBucket(cfg.S3)
		if err != nil {
			return nil, err
		}
		return &Store{place: bucket}, nil
	}
	folder, err := newFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	return &Store{place: folder, scratch: folder.incoming()}, nil
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// IsSum says whether a text is a hash as this package writes it.
func IsSum(text string) bool { return sum.MatchString(text) }

// Put keeps what r gives, and returns only when it is safely there. The same
// bytes are kept once, however often they come. Its errors wrap ErrTooLarge,
// ErrType or ErrEmpty where the file is refused.
func (s *Store) Put(ctx context.Context, r io.Reader, limits Limits) (ref Ref, err error) {
	file, err := os.CreateTemp(s.scratch, ".incoming-*") // 0600
	if err != nil {
		return Ref{}, fmt.Errorf("keep a file: %w", err)
	}
	defer func() {
		if closed := file.Close(); closed != nil && !errors.Is(closed, fs.ErrClosed) && err == nil {
			err = fmt.Errorf("keep a file: %w", closed)
		}
		if gone := os.Remove(file.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) && err == nil {
			err = fmt.Errorf("keep a file: %w", gone)
		}
	}()
	if ref, err = spool(file, r, limits); err != nil {
		return Ref{}, err
	}
	if err := s.place.put(ctx, file, ref); err != nil {
		return Ref{}, fmt.Errorf("keep the file %s: %w", ref.SHA256, err)
	}
	return ref, nil
}

// Blob is an open file whose bytes have been verified.
type Blob struct {
	Ref
	*os.File
}

// Open returns the file with the hash, after its bytes have been read once and
// found to be those that were put there. The caller closes it. Its error wraps
// ErrNotFound or ErrDamaged.
func (s *Store) Open(ctx context.Context, sha256 string) (*Blob, error) {
	if !IsSum(sha256) {
		return nil, &post.FieldError{Key: "sha256", Value: fmt.Sprintf("%q", sha256), Allowed: "64 hexadecimal digits in lower case"}
	}
	file, err := s.place.get(ctx, sha256)
	if err != nil {
		return nil, fmt.Errorf("open the file %s: %w", sha256, err)
	}
	ref, err := measure(file)
	if err == nil && ref.SHA256 != sha256 {
		err = ErrDamaged
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the file %s: %w", sha256, err), file.Close())
	}
	return &Blob{Ref: ref, File: file}, nil
}

// Has says whether there is a file with the hash, without verifying it.
func (s *Store) Has(ctx context.Context, sha256 string) (bool, error) {
	if !IsSum(sha256) {
		return false, nil
	}
	has, err := s.place.has(ctx, sha256)
	if err != nil {
		return false, fmt.Errorf("look for the file %s: %w", sha256, err)
	}
	return has, nil
}
