package keyword

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed lists
var defaultLists embed.FS

// Default returns the lists that are built into the binary.
func Default() (*Set, error) {
	files, err := DefaultFiles()
	if err != nil {
		return nil, err
	}
	return Parse(files...)
}

// DefaultFiles returns the files of the lists that are built into the binary.
func DefaultFiles() ([]File, error) { return readFS(defaultLists, "lists", "lists") }

// LoadDir returns the lists in a folder: every .yaml and .yml file directly in
// it. A folder without any is an error.
func LoadDir(dir string) (*Set, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("read keyword lists: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("read keyword lists: %s is not a folder; allowed: a folder of .yaml files", dir)
	}
	files, err := readFS(os.DirFS(dir), ".", dir)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read keyword lists: %s holds no .yaml file", dir)
	}
	return Parse(files...)
}

// readFS reads the YAML files of a folder, in the order of their names; shown
// is the folder's name in messages.
func readFS(fsys fs.FS, dir, shown string) ([]File, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("read keyword lists: %w", err)
	}
	var files []File
	for _, entry := range entries {
		if extension := path.Ext(entry.Name()); entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || extension != ".yaml" && extension != ".yml" {
			continue
		}
		data, err := fs.ReadFile(fsys, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read keyword list %s: %w", entry.Name(), err)
		}
		files = append(files, File{Name: filepath.Join(shown, entry.Name()), Data: data})
	}
	return files, nil
}
