package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/netra-id/netra/pipeline/queue"
)

// Format is the form of the manifest and of what lies beside it.
const Format = 1

const (
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
)

// ErrDamaged says that a backup is not what was written.
var ErrDamaged = errors.New("the backup is damaged")

// Manifest says what a backup holds. It is written last: a folder without one
// is no backup.
type Manifest struct {
	Format int `json:"format"`
	// Netra is the version that wrote it.
	Netra string    `json:"netra"`
	Begun time.Time `json:"begun"`
	Ended time.Time `json:"ended"`
	// Queue is how far the workers had come in the moment of the tables.
	Queue QueuePart `json:"queue"`
	// Tables is what is kept of ClickHouse.
	Tables TablesPart `json:"clickhouse"`
	// Database is sqlite or postgres, the console's.
	Database string `json:"console_database"`
	// Trees are the folders that are kept beside the data directory, by name.
	Trees map[string]string `json:"trees,omitempty"`
	// Without says what is not in it, and where that is to be kept.
	Without []string `json:"not_included"`
	// Damaged are files that were damaged before they were copied.
	Damaged []string `json:"damaged_before,omitempty"`
	Files   []File   `json:"files"`
}

// QueuePart is the workers' group at the moment of the backup.
type QueuePart struct {
	Topic     string                 `json:"topic"`
	Group     string                 `json:"group"`
	Positions map[int]queue.Position `json:"positions"`
	// Later says that the tables may hold some more than the positions say.
	Later bool `json:"tables_are_later,omitempty"`
	// Log says that the broker's records are in the backup, too.
	Log bool `json:"log"`
}

// TablesPart is what is kept of ClickHouse.
type TablesPart struct {
	Database  string `json:"database"`
	Server    string `json:"server"`
	Migration int64  `json:"migration"`
	// Destination is where the server itself has written its backup, in its own
	// words; then there are no Tables.
	Destination string  `json:"destination,omitempty"`
	Tables      []Table `json:"tables,omitempty"`
}

// Table is one table in ClickHouse's Native format, compressed by Zstandard.
type Table struct {
	Name    string   `json:"name"`
	Engine  string   `json:"engine"`
	Columns []string `json:"columns"`
	Create  string   `json:"create"`
	File    string   `json:"file"`
}

// File is one file of the backup.
type File struct {
	// Path has slashes, from the backup's folder.
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Bytes is the size of all files.
func (m *Manifest) Bytes() int64 {
	var sum int64
	for _, file := range m.Files {
		sum += file.Bytes
	}
	return sum
}

// write writes the manifest, and the sums of all files in the form that
// `sha256sum --check` reads.
func (m *Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if err := writeFile(filepath.Join(dir, manifestName), data); err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, file := range m.Files {
		_, _ = fmt.Fprintf(&sums, "%s  %s\n", file.SHA256, file.Path)
	}
	own := sha256.Sum256(data)
	_, _ = fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(own[:]), manifestName)
	return writeFile(filepath.Join(dir, sumsName), sums.Bytes())
}

func writeFile(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600) //nolint:gosec // in the backup's folder
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

// Check reads a backup's manifest and every file that it names. Its error wraps
// ErrDamaged and names each file that is missing or not what was written.
func Check(ctx context.Context, dir string) (*Manifest, error) {
	m, err := read(dir)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, file := range m.Files {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := file.check(dir); err != nil {
			wrong = append(wrong, err)
		}
	}
	if len(wrong) > 0 {
		return m, fmt.Errorf("%w: %w", ErrDamaged, errors.Join(wrong...))
	}
	return m, nil
}

func read(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	data, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is not there: allowed: a folder that `netra backup` has written to its end", ErrDamaged, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	sum := sha256.Sum256(data)
	sums, err := os.ReadFile(filepath.Join(dir, sumsName)) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !bytes.Contains(sums, []byte(hex.EncodeToString(sum[:])+"  "+manifestName+"\n")) {
		return nil, fmt.Errorf("%w: %s is not the one whose SHA-256 is in %s", ErrDamaged, path, sumsName)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("%s: key format: value %d: allowed: %d; it was written by Netra %s", path, m.Format, Format, m.Netra)
	}
	return &m, nil
}

func (f File) check(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(f.Path))
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
		return fmt.Errorf("%s: the manifest names a file outside of the backup", f.Path)
	}
	sum, size, err := sumOf(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing", path)
	case err != nil:
		return err
	case size != f.Bytes:
		return fmt.Errorf("%s has %d bytes; it was written with %d", path, size, f.Bytes)
	case sum != f.SHA256:
		return fmt.Errorf("%s has the SHA-256 %s; it was written with %s", path, sum, f.SHA256)
	}
	return nil
}

func sumOf(path string) (sum string, size int64, err error) {
	file, err := os.Open(path) //nolint:gosec // in the backup's folder
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	size, err = io.Copy(hash, file)
	return hex.EncodeToString(hash.Sum(nil)), size, err
}
