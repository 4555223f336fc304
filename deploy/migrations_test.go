package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// takesAway are statements after which a version from before does not find what it
// reads or writes; see docs/upgrading.md.
var takesAway = regexp.MustCompile(`(?i)\b(DROP\s+(TABLE|COLUMN|VIEW|INDEX|CONSTRAINT|DATABASE)|RENAME|MODIFY\s+COLUMN|ALTER\s+COLUMN|EXCHANGE\s+TABLES|TRUNCATE\s+TABLE|SET\s+NOT\s+NULL|DETACH)\b`)

// bearable are the exceptions: file and why the version from before bears it.
var bearable = map[string]string{}

// added is a new column that old versions, which do not write it, could not fill.
var (
	added   = regexp.MustCompile(`(?i)ADD\s+COLUMN\s+(IF\s+NOT\s+EXISTS\s+)?[^,;]*`)
	notNull = regexp.MustCompile(`(?i)NOT\s+NULL`)
	filled  = regexp.MustCompile(`(?i)\bDEFAULT\b`)
)

func TestMigrationsOnlyAdd(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../pipeline", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".sql" || filepath.Base(filepath.Dir(path)) != "migrations" {
			return err
		}
		files++
		data, err := os.ReadFile(path) //nolint:gosec // of the checkout
		if err != nil {
			return err
		}
		if problem := worst(string(data)); problem != "" && bearable[filepath.ToSlash(path)] == "" {
			t.Errorf("%s: %q takes away what the version from before uses: allowed: to add; see docs/upgrading.md", path, problem)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 15 {
		t.Errorf("%d migrations are too few: are they elsewhere?", files)
	}
}

// worst is the first statement that the version from before does not bear, ""
// where there is none.
func worst(migration string) string {
	up, _, _ := strings.Cut(migration, "-- +goose Down")
	var lines []string
	for line := range strings.Lines(up) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			lines = append(lines, line)
		}
	}
	statements := strings.Join(lines, "")
	if found := takesAway.FindString(statements); found != "" {
		return found
	}
	for _, column := range added.FindAllString(statements, -1) {
		if notNull.MatchString(column) && !filled.MatchString(column) {
			return strings.TrimSpace(column)
		}
	}
	return ""
}

func TestAMigrationThatTakesAwayIsSeen(t *testing.T) {
	for migration, bad := range map[string]bool{
		"-- +goose Up\nALTER TABLE a DROP COLUMN b;\n":                                  true,
		"-- +goose Up\nALTER TABLE a RENAME COLUMN b TO c;\n":                           true,
		"-- +goose Up\nALTER TABLE a ADD COLUMN b TEXT NOT NULL;\n":                     true,
		"-- +goose Up\nALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT '';\n":          false,
		"-- +goose Up\nCREATE TABLE a (b TEXT NOT NULL);\n-- +goose Down\nDROP TABLE a": false,
		"-- +goose Up\n-- we may DROP TABLE a later\nCREATE TABLE b (c TEXT);\n":        false,
	} {
		if got := worst(migration); (got != "") != bad {
			t.Errorf("%q: %q", migration, got)
		}
	}
}
