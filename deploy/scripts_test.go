package deploy_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

func TestShellScriptsHoldNoTraps(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Fatal("shellcheck is missing; install it (Debian: sudo apt-get install shellcheck)")
	}
	var scripts []string
	for _, pattern := range []string{"*.sh", "*/*.sh", "../.ci/run"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, found...)
	}
	if len(scripts) < 4 {
		t.Errorf("only the scripts %v", scripts)
	}
	if out, err := exec.CommandContext(t.Context(), "shellcheck", scripts...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
