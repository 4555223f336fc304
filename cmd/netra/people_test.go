package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
)

// peopleHome is a data directory of its own for the commands about people.
func peopleHome(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	t.Setenv("NETRA_DATA_DIR", dir)
	t.Setenv("NETRA_CONSOLE_LOGIN_HASH_MEMORY_KIB", "1024")
	return dir
}

func TestUsersByCommand(t *testing.T) {
	peopleHome(t)
	netra(t, nil, "console", "user", "add", "rina", "--region", "61,63.05", "--name", "Rina Wati").expect(t, exitDone, "user rina (analyst) is added with the temporary password ")
	netra(t, nil, "console", "user", "add", "RINA").expect(t, exitFails, "the user exists already")
	netra(t, strings.NewReader("jendela biru 77\n"), "console", "user", "add", "joko", "--role", "administrator", "--password-stdin").expect(t, exitDone, "user joko (administrator) is added\n")
	netra(t, strings.NewReader("administrator1\n"), "console", "user", "add", "siti", "--password-stdin").expect(t, exitFails, "one of the first that somebody tries")
	netra(t, nil, "console", "user", "set", "joko", "--disable").expect(t, exitFails, "this is the last administrator")
	netra(t, nil, "console", "user", "set", "joko", "--role", "analyst").expect(t, exitFails, "this is the last administrator")
	netra(t, nil, "console", "user", "set", "nobody", "--disable").expect(t, exitFails, "user nobody: no such user")
	list := netra(t, nil, "console", "user", "list")
	list.expect(t, exitDone, "61,63.05")
	netra(t, nil, "console", "user", "set", "rina", "--role", "supervisor", "--all-regions", "--disable", "--reset-totp").expect(t, exitDone)
	netra(t, nil, "console", "user", "list").expect(t, exitDone, "rina  supervisor     all      disabled  no")
	netra(t, nil, "audit", "verify").expect(t, exitDone, "audit log: 4 entries hold; head 4:")
}

func TestTamperingWithTheAuditLogIsFound(t *testing.T) {
	dir := peopleHome(t)
	netra(t, nil, "audit", "verify").expect(t, exitUsage, `key "console.database"`, "there is no such file")
	for _, name := range []string{"satu", "dua", "tiga", "empat"} {
		netra(t, nil, "console", "user", "add", name).expect(t, exitDone)
	}
	head := strings.TrimSpace(netra(t, nil, "audit", "head").out)
	if !regexp.MustCompile(`^4:[0-9a-f]{64}$`).MatchString(head) {
		t.Fatalf("head %q", head)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for name, test := range map[string]struct {
		statements []string
		head       string
		want       string
		code       int
	}{
		"nothing":                {nil, head, "4 entries hold; head " + head, exitDone},
		"an entry is changed":    {[]string{"DROP TRIGGER audit_entries_no_update", "UPDATE audit_entries SET subject = 'user x' WHERE number = 2"}, "", "entry 2 does not hold: its content is not what was recorded", exitFails},
		"an entry is gone":       {[]string{"DROP TRIGGER audit_entries_no_delete", "DELETE FROM audit_entries WHERE number = 3"}, "", "entry 3 does not hold: it is missing", exitFails},
		"the end is cut off":     {[]string{"DROP TRIGGER audit_entries_no_delete", "DELETE FROM audit_entries WHERE number > 2"}, head, "entry 3 does not hold: it is missing: the log ends before the head", exitFails},
		"the end is, unknown to": {[]string{"DROP TRIGGER audit_entries_no_delete", "DELETE FROM audit_entries WHERE number > 2"}, "", "2 entries hold", exitDone},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.RemoveAll(copied); err != nil {
				t.Fatal(err)
			}
			t.Setenv("NETRA_CONSOLE_DATABASE", filepath.Join(dir, "console.db"))
			netra(t, nil, "console", "backup", copied).expect(t, exitDone, copied)
			db, err := database.Open(t.Context(), copied)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range test.statements {
				if _, err := db.Exec(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			t.Setenv("NETRA_CONSOLE_DATABASE", copied)
			args := []string{"audit", "verify"}
			if test.head != "" {
				args = append(args, "--head", test.head)
			}
			if name == "nothing" { // the backups of the other cases are recorded, too
				netra(t, nil, args...).expect(t, exitDone, "entries hold; head ")
				return
			}
			netra(t, nil, args...).expect(t, test.code, test.want)
		})
	}
}

func TestABackupIsNoOverwriting(t *testing.T) {
	dir := peopleHome(t)
	netra(t, nil, "console", "user", "add", "satu").expect(t, exitDone)
	target := write(t, dir, "precious.db", "keep me")
	netra(t, nil, "console", "backup", target).expect(t, exitUsage, target, "allowed: a file that is not there yet")
}
