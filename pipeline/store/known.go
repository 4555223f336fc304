package store

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// NewestMigration is the number and the name of the last migration that this
// version knows.
func NewestMigration() (number int64, name string) {
	names, _ := fs.Glob(migrationTemplates, "migrations/*.sql") // the pattern is right
	for _, file := range names {
		prefix, _, _ := strings.Cut(path.Base(file), "_")
		if n, err := strconv.ParseInt(prefix, 10, 64); err == nil && n > number {
			number, name = n, strings.TrimSuffix(path.Base(file), ".sql")
		}
	}
	return number, name
}
