package console_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/netra-id/netra/pipeline/post"
)

// TestInBrowser runs what all pages share in a real Chromium; the other areas
// have tests of their own.
func TestInBrowser(t *testing.T) {
	needsBrowser(t)
	s := newSite(t, options{stored: flags()})
	inBrowser(t, "console.test.mjs", "NETRA_URL="+s.url, "NETRA_USER="+s.user, "NETRA_PASSWORD="+s.password)
}

// inBrowser runs one file of web/e2e with what it needs in its environment.
// NETRA_CHROMIUM is the browser's path; the scripts that npm brings (npm ci &&
// npm run build in pipeline/console/web) must be there. NETRA_ONLY, a pattern,
// chooses tests of the file by their names.
func inBrowser(t *testing.T, file string, environment ...string) {
	t.Helper()
	artifacts := os.Getenv("NETRA_ARTIFACTS")
	if artifacts == "" {
		artifacts = t.TempDir()
	}
	artifacts, err := filepath.Abs(artifacts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-concurrency=1",
		"--test-name-pattern="+cmp.Or(os.Getenv("NETRA_ONLY"), "."), "e2e/"+file)
	command.Dir = "web"
	command.Env = append(append(os.Environ(), "NETRA_ARTIFACTS="+artifacts), environment...)
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Errorf("the browser tests of %s failed: %s", file, err)
	}
}

// needsBrowser skips a test where there is no Chromium.
func needsBrowser(t *testing.T) {
	t.Helper()
	if os.Getenv("NETRA_CHROMIUM") == "" {
		t.Skip("set NETRA_CHROMIUM to the path of a Chromium to run the browser tests")
	}
}

// manyFlags are enough posts for several pages.
func manyFlags(n int) []post.Flag {
	many := make([]post.Flag, n)
	for i := range many {
		text := fmt.Sprintf("Catatan ke-%d: jangan lupa coblos nomor 2 ya", i)
		many[i] = flagged(fmt.Sprintf("youtube:%d", i), text, at(1, 0, i), wulan, "id", post.LabelScore{
			Label: post.Support, Score: 0.6, Contestant: "madiun-2", Reasons: []post.Reason{said(text, "coblos nomor 2", "support/vote-for", 0.6)},
		})
	}
	return many
}
