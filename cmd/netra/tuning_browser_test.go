package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestTuningInBrowser runs web/e2e/tuning.test.mjs, the operator's day, in a real
// Chromium against a whole demo. NETRA_CHROMIUM is the browser's path; the scripts
// that npm brings (make web) must be there. NETRA_ONLY, a pattern, chooses tests.
func TestTuningInBrowser(t *testing.T) {
	if chromium == "" {
		t.Skip("set NETRA_CHROMIUM to the path of a Chromium to run the browser tests")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	demo := start(t, []string{"NETRA_MONITOR_LISTEN=" + freeAddress(t), "NETRA_CONSOLE_LOGIN_HASH_MEMORY_KIB=1024"},
		"demo", "--dir", dir, "--spread", "0s", "--listen", freeAddress(t), "--fresh")
	said := func(pattern string) (found string) {
		demo.eventually("it prints "+pattern, func() bool {
			m := regexp.MustCompile(pattern).FindStringSubmatch(demo.said())
			if m != nil {
				found = m[1]
			}
			return m != nil
		})
		return found
	}
	url, analyst, operator := said(`console: +(http://\S+)`), said(`password: +(\S+)`), said(`operator +(\S+)`)
	posts, feed := expectedPosts(t)
	demo.eventually("all posts are counted", func() bool { return count(t, engine(t, dir), allPosts) >= posts+feed })
	artifacts, err := filepath.Abs(cmp.Or(artifacts, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-concurrency=1", "--test-name-pattern="+cmp.Or(only, "."), "e2e/tuning.test.mjs")
	command.Dir = filepath.Join("..", "..", "pipeline", "console", "web")
	command.Env = append(os.Environ(), "NETRA_CHROMIUM="+chromium, "NETRA_ARTIFACTS="+artifacts, "NETRA_URL="+url, "NETRA_DIR="+dir,
		"NETRA_PROGRAM="+program, "NETRA_PASSWORD="+operator, "NETRA_ANALYST_PASSWORD="+analyst)
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Errorf("the browser tests of the tuning failed: %s", err)
	}
}

// What the environment says of browsers, before TestMain clears what is Netra's.
var chromium, artifacts, only = os.Getenv("NETRA_CHROMIUM"), os.Getenv("NETRA_ARTIFACTS"), os.Getenv("NETRA_ONLY")
