package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// units writes the units into a folder as systemd would find them installed, with a
// program in the place of netra that this machine has.
func units(t *testing.T) (dir string, names []string) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("systemd-analyze is missing; install it (Debian: sudo apt-get install systemd)")
	}
	files, err := filepath.Glob("systemd/netra*")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	dir = t.TempDir()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "/usr/bin/netra", "/bin/true")
		name := filepath.Base(file)
		names = append(names, strings.Replace(name, "@.", "@1.", 1))
		for _, as := range []string{name, names[len(names)-1]} {
			if err := os.WriteFile(filepath.Join(dir, as), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, names
}

func analyze(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", arguments...)
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "SYSTEMD_COLORS=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

func TestSystemdTakesTheUnits(t *testing.T) {
	dir, names := units(t)
	for _, name := range names {
		// What it says of units that are not ours is not about them.
		for line := range strings.Lines(analyze(t, dir, "verify", "--man=no", filepath.Join(dir, name))) {
			if strings.Contains(line, "netra") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	broken := filepath.Join(dir, "netra-broken.service")
	if err := os.WriteFile(broken, []byte("[Service]\nExecStart=/nowhere\nProtectEverything=yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", broken)
	if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "ProtectEverything") {
		t.Errorf("systemd-analyze finds nothing wrong in a broken unit: %s", out)
	}
}

func TestSystemdConfinesTheServices(t *testing.T) {
	dir, names := units(t)
	exposure := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)
	for _, name := range names {
		if !strings.HasSuffix(name, ".service") {
			continue
		}
		out := analyze(t, dir, "security", "--offline=yes", "--no-pager", filepath.Join(dir, name))
		found := exposure.FindStringSubmatch(out)
		if found == nil {
			t.Fatalf("%s: no exposure in\n%s", name, out)
		}
		if level, err := strconv.ParseFloat(found[1], 64); err != nil || level > 2 {
			t.Errorf("%s: exposure %s, want 2.0 at most\n%s", name, found[1], out)
		}
	}
}

func TestSystemdStartsWhatThereIs(t *testing.T) {
	files, err := filepath.Glob("systemd/*.service")
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case key == "ExecStart":
				commands = append(commands, strings.TrimPrefix(value, "/usr/bin/netra "))
			case key == "Environment" && strings.Contains(value, "_FILE=%d/"):
				_, credential, _ := strings.Cut(value, "=%d/")
				if !strings.Contains(string(data), "LoadCredential="+credential+":/etc/netra/secrets/"+credential+"\n") {
					t.Errorf("%s: %s is no credential that is loaded", file, credential)
				}
			case key == "Environment" && (strings.Contains(value, "PASSWORD=") || strings.Contains(value, "SECRET=")):
				t.Errorf("%s has a secret in %s", file, value)
			}
		}
	}
	slices.Sort(commands)
	if want := []string{"all", "collect", "console", "migrate", "work"}; !slices.Equal(commands, want) {
		t.Errorf("the units run %v, want %v", commands, want)
	}
}
