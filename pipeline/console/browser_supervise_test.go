package console_test

import (
	"testing"
	"time"
)

// TestSuperviseInBrowser runs the supervisors' pages in a real Chromium.
func TestSuperviseInBrowser(t *testing.T) {
	needsBrowser(t)
	s := newSupervised(t, time.Now().Truncate(time.Second), nil)
	empty := newSite(t, options{})
	inBrowser(t, "supervise.test.mjs", "NETRA_URL="+s.url, "NETRA_EMPTY_URL="+empty.url, "NETRA_PASSWORD="+secret,
		"NETRA_EMPTY_USER="+empty.user, "NETRA_EMPTY_PASSWORD="+empty.password)
	if t.Failed() {
		t.Logf("the console's log:\n%s", s.log.String())
	}
}
