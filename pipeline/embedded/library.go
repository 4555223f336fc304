package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoLibrary says that libchdb.so was found in none of the usual places.
var ErrNoLibrary = errors.New("the ClickHouse engine library is missing")

// LibraryVariable is the environment variable that names the library's path.
const LibraryVariable = "NETRA_ENGINE_LIBRARY"

// LibraryVersion is the version of the library's npm package that Netra is tried
// with; deploy/engine has the same.
const LibraryVersion = "26.7.3-stable.1"

// Where npm puts the library: from the root of a checkout, and from /usr where
// Netra is a package of the system.
const (
	libraryPath   = "deploy/engine/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
	installedPath = "lib/netra/engine/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
)

// howToFetch are the commands that fetch the library.
const howToFetch = "in a checkout: make engine; where Netra is installed as a package: npm ci --prefix /usr/lib/netra/engine"

// FindLibrary returns the path of libchdb.so: the configured one, else that of
// NETRA_ENGINE_LIBRARY, else deploy/engine/node_modules/… or
// lib/netra/engine/node_modules/… under the working directory, the executable's
// directory, or a parent of either (so /usr/lib/netra for /usr/bin/netra). The error
// wraps ErrNoLibrary, and names the places and the command that fetches it.
func FindLibrary(configured string) (string, error) {
	for _, named := range []struct{ from, path string }{{"the configuration", configured}, {LibraryVariable, os.Getenv(LibraryVariable)}} {
		if named.path == "" {
			continue
		}
		if !isFile(named.path) {
			return "", fmt.Errorf("%w: there is no file %s, which %s names; fetch it (%s)", ErrNoLibrary, named.path, named.from, howToFetch)
		}
		return filepath.Abs(named.path)
	}
	var looked []string
	for _, directory := range searchDirectories() {
		for _, inside := range []string{libraryPath, installedPath} {
			if path := filepath.Join(directory, inside); isFile(path) {
				return path, nil
			}
		}
		looked = append(looked, directory)
	}
	return "", fmt.Errorf("%w: no %s under %s; fetch it (%s), or name it in %s",
		ErrNoLibrary, libraryPath, strings.Join(looked, ", "), howToFetch, LibraryVariable)
}

// searchDirectories are the working and the executable's directory, each
// followed by its parents.
func searchDirectories() []string {
	var starts []string
	if directory, err := os.Getwd(); err == nil {
		starts = append(starts, directory)
	}
	if executable, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(executable); err == nil {
			executable = resolved
		}
		starts = append(starts, filepath.Dir(executable))
	}
	var directories []string
	seen := map[string]bool{}
	for _, directory := range starts {
		for ; !seen[directory]; directory = filepath.Dir(directory) {
			seen[directory] = true
			directories = append(directories, directory)
		}
	}
	return directories
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
