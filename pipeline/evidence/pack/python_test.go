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

// run runs a program of Python that must succeed.
func (p *python) run(args ...string) {
	p.t.Helper()
	if out, err := exec.CommandContext(p.t.Context(), p.program, args...).CombinedOutput(); err != nil {
		p.t.Errorf("%v: %s", err, out)
	}
}
