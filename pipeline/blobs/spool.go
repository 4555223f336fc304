package blobs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
)

// spool writes what r gives into the file, refuses what is over the limits as
// soon as that is known, and syncs it to the disk.
func spool(file *os.File, r io.Reader, limits Limits) (Ref, error) {
	head := make([]byte, headBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Ref{}, fmt.Errorf("read the file: %w", err)
	}
	head = head[:n]
	if n == 0 {
		return Ref{}, ErrEmpty
	}
	ref := Ref{Type: sniff(head)}
	if err := limits.takes(ref.Type); err != nil {
		return Ref{}, err
	}
	most := limits.MaxBytes
	if most <= 0 {
		most = math.MaxInt64 - 1
	}
	hash := sha256.New()
	whole := io.MultiReader(strings.NewReader(string(head)), r)
	if ref.Size, err = io.Copy(io.MultiWriter(file, hash), io.LimitReader(whole, most+1)); err != nil {
		return Ref{}, fmt.Errorf("read the file: %w", err)
	}
	if ref.Size > most {
		return Ref{}, fmt.Errorf("%w: allowed: at most %d bytes", ErrTooLarge, most)
	}
	ref.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if err := file.Sync(); err != nil {
		return Ref{}, fmt.Errorf("write the file: %w", err)
	}
	return ref, nil
}

func (l Limits) takes(kind string) error {
	allowed := l.Types
	if len(allowed) == 0 {
		allowed = Types
	}
	if slices.Contains(allowed, kind) {
		return nil
	}
	return fmt.Errorf("%w: it begins like %s; allowed: %s", ErrType, kind, strings.Join(allowed, ", "))
}

// measure reads a file from its start, and goes back there.
func measure(file *os.File) (Ref, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Ref{}, err
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Ref{}, err
	}
	hash := sha256.New()
	hash.Write(head[:n])
	rest, err := io.Copy(hash, file)
	if err != nil {
		return Ref{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Ref{}, err
	}
	return Ref{SHA256: hex.EncodeToString(hash.Sum(nil)), Size: int64(n) + rest, Type: sniff(head[:n])}, nil
}
