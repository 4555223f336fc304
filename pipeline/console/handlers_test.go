package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/netra-id/netra/pipeline/console"
)

func TestAnonymousIsSentToTheLoginAndBack(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.visit()
	got := v.get("/queue?region=61&label=support")
	login := got.header.Get("Location")
	if want := "/login?next=" + url.QueryEscape("/queue?region=61&label=support"); login != want {
		t.Fatalf("sent to %s, want %s", login, want)
	}
	got = v.submit(login, "/login", url.Values{"user": {s.user}, "password": {s.password}})
	if back := got.header.Get("Location"); got.status != http.StatusSeeOther || back != "/queue?region=61&label=support" {
		t.Errorf("after the login: status %d, sent to %s", got.status, back)
	}
	if got := v.get("/queue?region=61&label=support"); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/%2f/evil.example/\r\nx", "posts", "/login", "", "/\t/evil.example", "http:/queue", "%"} {
		v := s.visit()
		got := v.submit("/login", "/login", url.Values{"user": {s.user}, "password": {s.password}, "next": {next}})
		if to := got.header.Get("Location"); got.status != http.StatusSeeOther || to != "/" {
			t.Errorf("next %q: status %d, sent to %q", next, got.status, to)
		}
	}
}

func TestForgedRequestsAreRefused(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	user := s.loggedIn()
	token := hidden.FindStringSubmatch(user.get("/queue").body)[2]
	other := s.loggedIn()
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	with := func(extra ...string) http.Header {
		header := form.Clone()
		for i := 0; i < len(extra); i += 2 {
			header.Set(extra[i], extra[i+1])
		}
		return header
	}
	tests := map[string]struct {
		v      *visitor
		body   string
		header http.Header
	}{
		"no token":             {user, "", form},
		"empty token":          {user, "csrf=", form},
		"wrong token":          {user, "csrf=AAAA", form},
		"token in the address": {user, "", with("X-Test", token)},
		"other's token":        {other, "csrf=" + token, form},
		"another site":         {user, "csrf=" + token, with("Sec-Fetch-Site", "cross-site")},
		"another subdomain":    {user, "csrf=" + token, with("Sec-Fetch-Site", "same-site")},
		"another origin":       {user, "csrf=" + token, with("Origin", "https://evil.example")},
		"origin of a sandbox":  {user, "csrf=" + token, with("Origin", "null")},
		"no form":              {user, "{\"csrf\":\"" + token + "\"}", http.Header{"Content-Type": {"application/json"}}},
		"malformed form":       {user, "csrf=%zz", form},
		"oversized form":       {user, "csrf=" + token + "&x=" + strings.Repeat("x", 100_000), form},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := "/logout"
			if name == "token in the address" {
				path += "?csrf=" + url.QueryEscape(token)
			}
			got := test.v.do("POST", path, strings.NewReader(test.body), test.header)
			want := map[string]int{"oversized form": 413, "malformed form": 400}[name]
			if want == 0 {
				want = http.StatusForbidden
			}
			if got.status != want {
				t.Errorf("status %d, want %d", got.status, want)
			}
			if test.v.get("/queue").status != 200 {
				t.Error("it logged the user out")
			}
		})
	}
	if got := user.submit("/queue", "/logout", nil); got.status != http.StatusSeeOther {
		t.Errorf("the real form: status %d", got.status)
	}
	if user.get("/queue").status != http.StatusSeeOther {
		t.Error("the session is still open after the logout")
	}
}

func TestLoginIsLimitedByUserAndAddress(t *testing.T) {
	now := time.Date(2024, 11, 21, 9, 0, 0, 0, time.UTC)
	s := newSite(t, options{stored: flags(), change: func(_ *console.Configuration, d *console.Dependencies) {
		d.Now = func() time.Time { return now }
	}})
	v := s.visit()
	for i := range s.config.Login.Attempts {
		if got := v.login(s.user, "salah sama sekali"); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "tidak cocok") {
			t.Fatalf("attempt %d: status %d", i, got.status)
		}
	}
	for _, name := range []string{s.user, "RINA"} {
		got := v.login(name, s.password)
		if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "60" || !strings.Contains(got.body, "60 detik") {
			t.Errorf("%s: status %d, Retry-After %s", name, got.status, got.header.Get("Retry-After"))
		}
	}
	if got := v.login("somebody", "salah sama sekali"); got.status != http.StatusUnauthorized {
		t.Errorf("another user from the same address: status %d", got.status)
	}
	now = now.Add(time.Minute)
	if got := v.login(s.user, s.password); got.status != http.StatusSeeOther {
		t.Errorf("a minute later: status %d", got.status)
	}
	for result, want := range map[string]float64{"ok": 1, "wrong": 6, "limited": 2} {
		if got := s.counter("netra_console_logins_total", "result", result); got != want {
			t.Errorf("logins %s: %v, want %v", result, got, want)
		}
	}
	if strings.Contains(s.log.String(), s.password) || strings.Contains(s.log.String(), "salah sama sekali") {
		t.Error("the log holds a password")
	}
}

func TestWrongLoginsSayNothingOfUsers(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.visit()
	known, unknown := v.login(s.user, "salah sama sekali"), v.login("tidakada", "salah sama sekali")
	if known.status != unknown.status || strings.ReplaceAll(known.body, s.user, "") != strings.ReplaceAll(unknown.body, "tidakada", "") {
		t.Error("a wrong password and an unknown user are answered differently")
	}
	if got := v.login("", ""); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty form: status %d", got.status)
	}
	if got := v.login(strings.Repeat("a", 5000), strings.Repeat("b", 50_000)); got.status != http.StatusUnauthorized {
		t.Errorf("a long form: status %d", got.status)
	}
}

func TestMetricsNameRoutesNotPaths(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.loggedIn()
	v.get("/items/mastodon:1093")
	v.get("/items/none")
	v.get("/nothing")
	for labels, want := range map[[2]string]float64{{"item", "200"}: 1, {"item", "404"}: 1, {"unknown", "404"}: 1, {"login", "303"}: 1} {
		if got := s.counter("netra_console_requests_total", "route", labels[0], "status", labels[1]); got != want {
			t.Errorf("requests %v: %v, want %v", labels, got, want)
		}
	}
	if problems, err := testutil.GatherAndLint(s.registry); err != nil || len(problems) > 0 {
		t.Errorf("metrics: %v %v", problems, err)
	}
}
