package console_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/netra-id/netra/pipeline/post"
)

// TestInBrowser runs web/e2e in a real Chromium against a console on the real
// engine. NETRA_CHROMIUM is the browser's path; the scripts that npm brings
// (npm ci && npm run build in pipeline/console/web) must be there.
func TestInBrowser(t *testing.T) {
	browser := os.Getenv("NETRA_CHROMIUM")
	if browser == "" {
		t.Skip("set NETRA_CHROMIUM to the path of a Chromium to run the browser tests")
	}
	s := newSite(t, options{stored: append(flags(), manyFlags(60)...)})
	empty := newSite(t, options{})
	artifacts := os.Getenv("NETRA_ARTIFACTS")
	if artifacts == "" {
		artifacts = t.TempDir()
	}
	artifacts, err := filepath.Abs(artifacts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-concurrency=1", "e2e/console.test.mjs")
	command.Dir = "web"
	command.Env = append(os.Environ(), "NETRA_URL="+s.url, "NETRA_USER="+s.user, "NETRA_PASSWORD="+s.password,
		"NETRA_EMPTY_URL="+empty.url, "NETRA_EMPTY_PASSWORD="+empty.password, "NETRA_ARTIFACTS="+artifacts)
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	if err != nil {
		t.Errorf("the browser tests failed: %s", err)
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
