package pack_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is the second verifier: another program in another language.
type python struct {
	t        testing.TB
	program  string
	dir      string
	key      string
	withRoot bool
}

func newPython(t testing.TB, o *office, withRoot bool) *python {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is not installed: apt-get install python3")
	}
	p := &python{t: t, program: program, dir: t.TempDir(), key: o.log.PublicKey(), withRoot: withRoot}
	if err := os.WriteFile(filepath.Join(p.dir, "root.pem"), o.authority.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// verify returns what it prints, and whether the pack holds.
func (p *python) verify(data []byte) (string, bool) {
	p.t.Helper()
	path := filepath.Join(p.dir, "pack.zip")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	args := []string{"-B", "netra_verify.py", path, p.key}
	if p.withRoot {
		args = append(args, filepath.Join(p.dir, "root.pem"))
	}
	out, err := exec.CommandContext(p.t.Context(), p.program, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		p.t.Fatalf("%v: %s", err, out)
	}
	if bytes.Contains(out, []byte("Traceback")) || (err == nil) != strings.HasPrefix(string(out), "HOLDS") {
		p.t.Fatalf("%v: %s", err, out)
	}
	return string(out), err == nil
}

func TestTheSecondVerifierIsShort(t *testing.T) {
	data, err := os.ReadFile("netra_verify.py")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(data, []byte("\n")); lines >= 200 {
		t.Errorf("it has %d lines, not less than 200", lines)
	}
}

func TestTheSecondVerifierTellsWrongUsageFromAPackThatDoesNotHold(t *testing.T) {
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	dir := t.TempDir()
	pack, bad := filepath.Join(dir, "a.zip"), filepath.Join(dir, "key")
	const key = "netra-evidence+76a432fd+ATfvP4zpXF9Lrz4CSM+ELnhAJOz2x+m5HtlZLaN2/b85"
	for path, text := range map[string]string{pack: "PK", bad: "PRIVATE+KEY+netra-evidence+76a432fd+AAAA\n" + key, bad + ".bom": "\ufeff" + key + "\r\n", bad + ".bin": "\xa4\x00"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		pack, key string
		code      int
	}{
		{pack, key, 1}, {pack, bad + ".bom", 1}, {pack, bad, 2}, {pack, bad + ".bin", 2}, {pack, dir, 2}, {pack, "/nowhere", 2},
		{pack, "", 2}, {dir, key, 2}, {"/nowhere.zip", key, 2},
	} {
		cmd := exec.CommandContext(t.Context(), program, "-B", "netra_verify.py", test.pack, test.key)
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != test.code || bytes.Contains(out, []byte("Traceback")) || bytes.Contains(out, []byte("PRIVATE")) {
			t.Errorf("%q %q: exit code %d, want %d: %s", test.pack, test.key, cmd.ProcessState.ExitCode(), test.code, out)
		}
	}
}

// run runs a program of Python that must succeed.
func (p *python) run(args ...string) {
	p.t.Helper()
	if out, err := exec.CommandContext(p.t.Context(), p.program, args...).CombinedOutput(); err != nil {
		p.t.Errorf("%v: %s", err, out)
	}
}
