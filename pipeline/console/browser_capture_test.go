package console_test

import (
	"testing"

	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/console"
)

// TestCaptureInBrowser runs the pages on which posts and tips are handed in in a
// real Chromium.
func TestCaptureInBrowser(t *testing.T) {
	needsBrowser(t)
	q := &road{}
	s := newSite(t, options{stored: flags(), change: func(_ *console.Configuration, d *console.Dependencies) {
		d.Capture = withCapture(t, q, func(c *capture.Configuration) {
			c.Tips.ProofBits, c.Tips.PerHour = 15, 20
		})
	}})
	inBrowser(t, "capture.test.mjs", "NETRA_URL="+s.url, "NETRA_USER="+s.user, "NETRA_PASSWORD="+s.password)
	posts := q.sent()
	if len(posts) != 2 || posts[0].Source != "capture" || len(posts[0].Media) != 1 || posts[1].Account.ID != "77" {
		t.Errorf("the road has %+v", posts)
	}
}
