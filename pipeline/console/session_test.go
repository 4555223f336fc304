package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/console"
)

func sessionCookie(v *visitor) *http.Cookie {
	v.t.Helper()
	request := httptest.NewRequest(http.MethodGet, v.url, nil)
	for _, c := range v.client.Jar.Cookies(request.URL) {
		if c.Name == "netra_session" {
			return c
		}
	}
	return nil
}

func TestSessionsSurviveARestart(t *testing.T) {
	data := newStore(t, flags())
	s := newSite(t, options{data: data})
	v := s.loggedIn()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := console.New(s.config, console.Dependencies{Data: data, Review: reviewOf(t, &console.Dependencies{Data: data}, nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	if _, _, created, err := again.Bootstrap(t.Context()); err != nil || created {
		t.Errorf("a second bootstrap: created %v, error %v", created, err)
	}
	server := httptest.NewServer(again.Handler())
	t.Cleanup(server.Close)
	request := httptest.NewRequest(http.MethodGet, server.URL+"/queue", nil)
	request.AddCookie(sessionCookie(v))
	recorder := httptest.NewRecorder()
	again.Handler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Errorf("status %d after a restart, want 200", recorder.Code)
	}
}

func TestLoginChangesTheSession(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.visit()
	v.get("/login")
	if sessionCookie(v) != nil {
		t.Error("nobody has a session")
	}
	v.login(s.user, s.password)
	first := sessionCookie(v).Value
	v.submit("/queue", "/logout", nil)
	v.login(s.user, s.password)
	if second := sessionCookie(v).Value; first == second || second == "" {
		t.Error("two logins have one session token")
	}
}

func TestSessionEndsWhenIdle(t *testing.T) {
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, _ *console.Dependencies) { c.Session.Idle = 2 * time.Second }})
	v := s.loggedIn()
	if got := v.get("/queue"); got.status != http.StatusOK {
		t.Fatalf("status %d", got.status)
	}
	time.Sleep(3200 * time.Millisecond)
	got := v.get("/queue")
	if got.status != http.StatusSeeOther || !strings.Contains(got.header.Get("Location"), "ended=1") {
		t.Errorf("status %d, sent to %s", got.status, got.header.Get("Location"))
	}
	if got := v.do(http.MethodGet, "/queue", nil, http.Header{"Hx-Request": {"true"}}); got.status != http.StatusUnauthorized || got.header.Get("HX-Redirect") == "" {
		t.Errorf("a part of a page: status %d", got.status)
	}
}

func TestSessionEndsWithItsLifetime(t *testing.T) {
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, _ *console.Dependencies) { c.Session.Lifetime = 3 * time.Second }})
	v := s.loggedIn()
	for began := time.Now(); time.Since(began) < 4500*time.Millisecond; time.Sleep(500 * time.Millisecond) {
		if v.get("/queue").status == http.StatusSeeOther {
			return
		}
	}
	t.Error("the session outlives its lifetime while it is used")
}

func TestPasswordChangeEndsSessions(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.loggedIn()
	if err := s.SetPassword(t.Context(), s.user, "kata sandi yang baru"); err != nil {
		t.Fatal(err)
	}
	if got := v.get("/queue"); got.status != http.StatusSeeOther {
		t.Errorf("the old session is open: status %d", got.status)
	}
	if got := v.login(s.user, s.password); got.status != http.StatusUnauthorized {
		t.Errorf("the old password: status %d", got.status)
	}
	if got := v.login(s.user, "kata sandi yang baru"); got.status != http.StatusSeeOther {
		t.Errorf("the new password: status %d", got.status)
	}
}

func TestCookiesAreKeptToTheConsole(t *testing.T) {
	for name, publicURL := range map[string]string{"plain": "", "secure": "https://netra.example"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, _ *console.Dependencies) { c.PublicURL = publicURL }})
			recorder := httptest.NewRecorder()
			s.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/login?lang=en", nil))
			cookies := recorder.Result().Cookies()
			if len(cookies) != 2 {
				t.Errorf("%d cookies, want those of forms and language", len(cookies))
			}
			for _, c := range cookies {
				if !c.HttpOnly || c.SameSite < http.SameSiteLaxMode || c.Secure != (publicURL != "") || c.Domain != "" || c.Path != "/" {
					t.Errorf("cookie %+v", c)
				}
			}
			if got := recorder.Header().Get("Strict-Transport-Security") != ""; got != (publicURL != "") {
				t.Errorf("Strict-Transport-Security is there: %v", got)
			}
			if policy := recorder.Header().Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("policy %q", policy)
			}
		})
	}
}
