package tuning

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
)

// The files of a bundle. A bundle without a file, or without any keyword list,
// has the one that is built into Netra in its place; without contestants there
// is nobody whom a post could support.
const (
	// KeywordsFolder holds keyword lists, a YAML file a list.
	KeywordsFolder = "keywords"
	// ContestantsFile holds elections and contestants.
	ContestantsFile = "contestants.yaml"
	// ThresholdsFile says from which score on a label flags.
	ThresholdsFile = "thresholds.yaml"
	// ClaimsFile holds debunked claims.
	ClaimsFile = "claims.csv"
	// WeightsFile and FusionFile are linear models and how they count together
	// with the rules; both or none.
	WeightsFile = "models/linear.weights"
	FusionFile  = "models/fusion.json"
)

// MaxFileBytes bounds one file of a bundle.
const MaxFileBytes = 256 << 20

const allowedFiles = KeywordsFolder + "/NAME.yaml, " + ContestantsFile + ", " + ThresholdsFile + ", " + ClaimsFile + ", " + WeightsFile + ", " + FusionFile

// Bundle is all that operators can change of a verdict, as files by their paths.
// It is not changed once it is made: With and Without make another.
type Bundle struct {
	files map[string][]byte
}

// NewBundle makes a bundle of files by path. Its error names a path that a
// bundle does not have.
func NewBundle(files map[string][]byte) (Bundle, error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := checkPath(name); err != nil {
			errs = append(errs, err)
		}
		if len(files[name]) > MaxFileBytes {
			errs = append(errs, fmt.Errorf("%s: %d bytes; allowed: at most %d", name, len(files[name]), MaxFileBytes))
		}
	}
	return Bundle{files: maps.Clone(files)}, errors.Join(errs...)
}

func checkPath(name string) error {
	switch name {
	case ContestantsFile, ThresholdsFile, ClaimsFile, WeightsFile, FusionFile:
		return nil
	}
	folder, file := path.Split(name)
	if folder == KeywordsFolder+"/" && !strings.HasPrefix(file, ".") && isYAML(file) && path.Clean(name) == name {
		return nil
	}
	return &post.FieldError{Key: name, Value: "a file", Allowed: allowedFiles}
}

func isYAML(name string) bool {
	extension := path.Ext(name)
	return extension == ".yaml" || extension == ".yml"
}

// ID is "sha256:" and the digest of all files with their paths.
func (b Bundle) ID() string {
	digest := sha256.New()
	for _, file := range b.Manifest() {
		_, _ = fmt.Fprintf(digest, "%d:%s %s\n", len(file.Path), file.Path, file.Hash)
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil))
}

// File is one file of a manifest.
type File struct {
	Path string `json:"path"`
	// Hash is the SHA-256 of the content in hexadecimal digits.
	Hash string `json:"hash"`
	Size int    `json:"size"`
}

// Manifest lists the files in the order of their paths.
func (b Bundle) Manifest() []File {
	files := make([]File, 0, len(b.files))
	for name, data := range b.files {
		files = append(files, File{Path: name, Hash: hashOf(data), Size: len(data)})
	}
	slices.SortFunc(files, func(a, c File) int { return cmp.Compare(a.Path, c.Path) })
	return files
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Paths lists the paths in order.
func (b Bundle) Paths() []string { return slices.Sorted(maps.Keys(b.files)) }

// Read returns a file; false where there is none. The bytes must not be changed.
func (b Bundle) Read(name string) ([]byte, bool) {
	data, ok := b.files[name]
	return data, ok
}

// With returns the bundle with a file added or replaced.
func (b Bundle) With(name string, data []byte) (Bundle, error) {
	files := maps.Clone(b.files)
	if files == nil {
		files = map[string][]byte{}
	}
	files[name] = data
	return NewBundle(files)
}

// Without returns the bundle without a file.
func (b Bundle) Without(name string) Bundle {
	files := maps.Clone(b.files)
	delete(files, name)
	return Bundle{files: files}
}

// ReadFolder reads a bundle from a folder. Hidden files, and those that Markdown
// and text editors leave, are passed over; any other file that a bundle does not
// have is an error.
func ReadFolder(folder string) (Bundle, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		inside = filepath.ToSlash(inside)
		switch {
		case inside == ".":
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir(), passedOver(entry.Name()):
			return nil
		}
		if err := checkPath(inside); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if files[inside], err = os.ReadFile(name); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return Bundle{}, fmt.Errorf("read the lists in %s: %w", folder, err)
	}
	if len(files) == 0 {
		return Bundle{}, fmt.Errorf("read the lists in %s: no file; allowed: %s", folder, allowedFiles)
	}
	return NewBundle(files)
}

// WithLists returns the bundle with the keyword lists of a folder (every .yaml
// and .yml file directly in it) in place of its own.
func (b Bundle) WithLists(folder string) (Bundle, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return Bundle{}, fmt.Errorf("read keyword lists: %w", err)
	}
	files := maps.Clone(b.files)
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, KeywordsFolder+"/") })
	none := true
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || !isYAML(entry.Name()) {
			continue
		}
		none = false
		if files[KeywordsFolder+"/"+entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			return Bundle{}, fmt.Errorf("read keyword lists: %w", err)
		}
	}
	if none {
		return Bundle{}, fmt.Errorf("read keyword lists: %s holds no .yaml file", folder)
	}
	return NewBundle(files)
}

func passedOver(name string) bool {
	return strings.HasSuffix(name, "~") || strings.EqualFold(path.Ext(name), ".md")
}

// ErrInTheWay is returned by WriteFolder where files would be lost.
var ErrInTheWay = errors.New("files in the folder would be overwritten or removed")

// WriteFolder writes the bundle into a folder, so that ReadFolder gives the same
// bundle. Where the folder holds other content, it is written over only with
// force; what is not a bundle's file is never touched.
func (b Bundle) WriteFolder(folder string, force bool) error {
	present := map[string][]byte{}
	if _, err := os.Stat(folder); err == nil {
		before, err := ReadFolder(folder)
		if err == nil {
			present = before.files
		} else if !force && !isEmptyFolder(folder) {
			return err
		}
	}
	var lost []string
	for name, data := range present {
		if own, ok := b.files[name]; !ok || !bytes.Equal(own, data) {
			lost = append(lost, name)
		}
	}
	if len(lost) > 0 && !force {
		slices.Sort(lost)
		return fmt.Errorf("write the lists into %s: %w: %s", folder, ErrInTheWay, strings.Join(lost, ", "))
	}
	for _, name := range lost {
		if _, ok := b.files[name]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("write the lists into %s: %w", folder, err)
		}
	}
	for name, data := range b.files {
		if err := writeFile(filepath.Join(folder, filepath.FromSlash(name)), data); err != nil {
			return fmt.Errorf("write the lists into %s: %w", folder, err)
		}
	}
	return nil
}

func isEmptyFolder(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == 0
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // lists are no secret
		return err
	}
	return os.WriteFile(name, data, 0o644) //nolint:gosec // lists are no secret
}
