package console_test

import "testing"

// TestPeopleInBrowser runs the pages about people in a real Chromium.
func TestPeopleInBrowser(t *testing.T) {
	needsBrowser(t)
	s := newSite(t, options{stored: flags()})
	inBrowser(t, "people.test.mjs", "NETRA_URL="+s.url, "NETRA_ADMIN="+s.admin, "NETRA_SECRET="+s.secret)
}
