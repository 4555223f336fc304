package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// firstStart runs the script of the service first-start on an empty folder.
func firstStart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	runFirstStart(t, dir)
	return dir
}

func runFirstStart(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "compose/first-start.sh", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// secretsOf lists the files below a folder.
func secretsOf(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	files := map[string]os.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[name] = info
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFirstStartMakesSecretsForTheirOwnersOnly(t *testing.T) {
	dir := firstStart(t)
	owners := map[string]uint32{"clickhouse": 101, "postgres": 999, "grafana": 472}
	files := secretsOf(t, dir)
	if len(files) < 13 {
		t.Errorf("%d files: %v", len(files), files)
	}
	for name, info := range files {
		if info.Mode().Perm() != 0o400 {
			t.Errorf("%s has the mode %o, want 400", name, info.Mode().Perm())
		}
		folder, err := os.Stat(filepath.Join(dir, filepath.Dir(name)))
		if err != nil || folder.Mode().Perm() != 0o700 {
			t.Errorf("the folder of %s has the mode %o (%v), want 700", name, folder.Mode().Perm(), err)
		}
		want, ok := owners[filepath.Dir(name)]
		if !ok {
			want = 65532 // netra
		}
		if stat := info.Sys().(*syscall.Stat_t); os.Getuid() == 0 && stat.Uid != want {
			t.Errorf("%s belongs to %d, want %d", name, stat.Uid, want)
		}
		if info.Size() < 40 {
			t.Errorf("%s has only %d bytes", name, info.Size())
		}
	}
}

func TestFirstStartMakesOtherSecretsEachTime(t *testing.T) {
	one, two := firstStart(t), firstStart(t)
	seen := map[string]string{}
	for name := range secretsOf(t, one) {
		if content(t, one, name) == content(t, two, name) {
			t.Errorf("%s is the same on two machines", name)
		}
		seen[content(t, one, name)] = name
	}
	// A password is in the place of its user and in that of the administrator.
	if len(seen) != len(secretsOf(t, one))-4 {
		t.Errorf("%d different secrets in %d files", len(seen), len(secretsOf(t, one)))
	}
}

func TestFirstStartKeepsWhatIsThere(t *testing.T) {
	dir := firstStart(t)
	before := map[string]string{}
	for name := range secretsOf(t, dir) {
		before[name] = content(t, dir, name)
	}
	if out := runFirstStart(t, dir); out != "" {
		t.Errorf("the second run says %q", out)
	}
	for name, want := range before {
		if got := content(t, dir, name); got != want {
			t.Errorf("%s changed", name)
		}
	}
	// One that got lost is made again; the others stay.
	if err := os.Remove(filepath.Join(dir, "grafana/admin-password")); err != nil {
		t.Fatal(err)
	}
	if out := runFirstStart(t, dir); out != "first-start: made secrets/grafana/admin-password\n" {
		t.Errorf("the third run says %q", out)
	}
	if content(t, dir, "road/clickhouse-password") != before["road/clickhouse-password"] {
		t.Error("another secret changed")
	}
}

func TestFirstStartFitsTogether(t *testing.T) {
	dir := firstStart(t)
	hash := sha256.Sum256([]byte(content(t, dir, "admin/admin-password")))
	var server struct {
		Default *struct{} `xml:"users>default"`
		Hash    string    `xml:"users>admin>password_sha256_hex"`
		Access  string    `xml:"users>admin>access_management"`
	}
	if err := xml.Unmarshal([]byte(content(t, dir, "clickhouse/netra.xml")), &server); err != nil {
		t.Fatal(err)
	}
	if server.Hash != hex.EncodeToString(hash[:]) || server.Default == nil || server.Access != "1" {
		t.Errorf("ClickHouse's users: %+v", server)
	}
	if !strings.Contains(content(t, dir, "clickhouse/netra.xml"), `<default remove="remove"/>`) {
		t.Error("ClickHouse keeps its user without a password")
	}
	for name, as := range map[string]string{"road/clickhouse-password": "admin/road-password", "migrate/clickhouse-password": "admin/migrator-password", "grafana/clickhouse-password": "admin/grafana-password", "console/clickhouse-password": "admin/console-password"} {
		if content(t, dir, name) != content(t, dir, as) {
			t.Errorf("%s is not %s", name, as)
		}
	}
	if want := "postgres://netra:" + content(t, dir, "postgres/password") + "@postgres:5432/netra?sslmode=disable"; content(t, dir, "console/database-url") != want {
		t.Error("the console's address does not have PostgreSQL's password")
	}
}

// Every file that ClickHouse reads is well formed.
func TestXMLIsWellFormed(t *testing.T) {
	files, err := filepath.Glob("*/*/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	more, _ := filepath.Glob("clickhouse/*.xml")
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := xml.NewDecoder(bytes.NewReader(data)); ; {
			if _, err := decoder.Token(); err == io.EOF { //nolint:errorlint // the decoder gives it as it is
				break
			} else if err != nil {
				t.Errorf("%s: %v", file, err)
				break
			}
		}
	}
}
