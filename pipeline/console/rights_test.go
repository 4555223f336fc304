package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

// expectation says who may use a route, independently of what the route says of
// itself. Each area has its own list in rights_AREA_test.go.
type expectation struct {
	pattern string // as in the routes
	path    string // what is asked for
	// open routes are everybody's; else action is needed, or where it is empty
	// only a login.
	open   bool
	action access.Action
	api    bool
	// hook routes want a signature, and nothing else counts.
	hook bool
	// nobody is the status for nobody, where the route is open.
	nobody int
	// ok is the status for those who may; of a form, with the proof and fields.
	ok     int
	fields url.Values
	// body is what a program sends.
	body string
	// outside is the status for those who may, but not in the region of the post;
	// 0 is ok. The posts tell of Sumarni, whom they must not find.
	outside int
}

// expectations are those of all areas.
func expectations() []expectation {
	return slices.Concat(baseExpectations, reviewExpectations, peopleExpectations, tuningExpectations, superviseExpectations, captureExpectations, coordinatedExpectations, retentionExpectations, casesExpectations, apiExpectations)
}

var baseExpectations = []expectation{
	{pattern: "GET /{$}", path: "/", ok: 303},
	{pattern: "GET /login", path: "/login", open: true, nobody: 200, ok: 303},
	{pattern: "POST /login", path: "/login", open: true, nobody: 401, ok: 401, fields: url.Values{"user": {"x"}, "password": {"salah sama sekali"}}},
	{pattern: "GET /login/code", path: "/login/code", open: true, nobody: 303, ok: 303},
	{pattern: "POST /login/code", path: "/login/code", open: true, nobody: 303, ok: 303},
	{pattern: "GET /login/oidc", path: "/login/oidc", open: true, nobody: 404, ok: 404},
	{pattern: "GET /login/oidc/callback", path: "/login/oidc/callback", open: true, nobody: 404, ok: 404},
	{pattern: "POST /logout", path: "/logout", ok: 303},
	{pattern: "GET /static/", path: "/static/netra.css", open: true, nobody: 200, ok: 200},
	{pattern: "GET /healthz", path: "/healthz", open: true, nobody: 200, ok: 200},
	{pattern: "GET /readyz", path: "/readyz", open: true, nobody: 200, ok: 200},
	{pattern: "GET /api/v1/me", path: "/api/v1/me", api: true, ok: 200},
}

// target is the path of the user on whom the administrators practise; the harness
// makes it the third.
const target = "/people/3"

var peopleExpectations = []expectation{
	{pattern: "GET /account", path: "/account", ok: 200},
	{pattern: "GET /account/password", path: "/account/password", ok: 200},
	{pattern: "POST /account/password", path: "/account/password", ok: 422, fields: url.Values{"old": {"bukan itu"}, "new": {"jendela biru 78"}, "again": {"jendela biru 78"}}},
	{pattern: "GET /account/totp", path: "/account/totp", ok: 200},
	{pattern: "POST /account/totp", path: "/account/totp", ok: 422, fields: url.Values{"code": {"000"}}},
	{pattern: "POST /account/totp/remove", path: "/account/totp/remove", ok: 422, fields: url.Values{"password": {"bukan itu"}}},
	{pattern: "POST /account/sessions/end", path: "/account/sessions/end", ok: 303},
	{pattern: "POST /account/sessions/{session}/end", path: "/account/sessions/abc/end", ok: 303},
	{pattern: "GET /account/tokens", path: "/account/tokens", ok: 200},
	{pattern: "POST /account/tokens", path: "/account/tokens", ok: 200, fields: url.Values{"name": {"laporan"}, "days": {"7"}}},
	{pattern: "POST /account/tokens/{token}/revoke", path: "/account/tokens/999/revoke", ok: 404},
	{pattern: "GET /people", path: "/people", action: access.Administer, ok: 200},
	{pattern: "GET /people/new", path: "/people/new", action: access.Administer, ok: 200},
	{pattern: "POST /people", path: "/people", action: access.Administer, ok: 422, fields: url.Values{"name": {"a b"}, "role": {"analyst"}}},
	{pattern: "GET /people/{user}", path: target, action: access.Administer, ok: 200},
	{pattern: "GET /people/{user}", path: "/people/9999", action: access.Administer, ok: 404},
	{pattern: "GET /people/{user}", path: "/people/x", action: access.Administer, ok: 404},
	{pattern: "POST /people/{user}", path: target, action: access.Administer, ok: 303, fields: url.Values{"role": {"analyst"}}},
	{pattern: "POST /people/{user}/password", path: target + "/password", action: access.Administer, ok: 200},
	{pattern: "POST /people/{user}/totp/reset", path: target + "/totp/reset", action: access.Administer, ok: 303},
	{pattern: "POST /people/{user}/sessions/end", path: target + "/sessions/end", action: access.Administer, ok: 303},
	{pattern: "POST /people/{user}/sessions/{session}/end", path: target + "/sessions/abc/end", action: access.Administer, ok: 303},
	{pattern: "POST /people/{user}/tokens/{token}/revoke", path: target + "/tokens/999/revoke", action: access.Administer, ok: 404},
	{pattern: "GET /audit", path: "/audit", action: access.Administer, ok: 200},
	{pattern: "POST /audit/verify", path: "/audit/verify", action: access.Administer, ok: 303},
}

// person is somebody of a role, with or without the post's region.
type person struct {
	name    string
	role    access.Role
	outside bool
	token   string
	v       *visitor
}

// persons makes somebody of each role inside the post's region, outside, and of
// all regions.
func persons(t *testing.T, s *site) []*person {
	t.Helper()
	var all []*person
	for _, role := range access.Roles {
		for where, regions := range map[string][]string{"inside": {"61"}, "outside": {"35", "62.08"}, "all": nil} {
			p := &person{name: string(role) + "-" + where, role: role, outside: where == "outside"}
			s.add(state.NewUser{Name: p.name, Role: role, Regions: regions, Password: s.password})
			p.v = s.visit()
			if got := p.v.login(p.name, s.password); got.status != http.StatusSeeOther {
				t.Fatalf("%s: log in: status %d", p.name, got.status)
			}
			p.token = p.v.newToken("tabel")
			all = append(all, p)
		}
	}
	return all
}

func (e expectation) method() string { return strings.Split(e.pattern, " ")[0] }

// want is the status for a person, who has the proof of a form.
func (e expectation) want(p *person) int {
	switch {
	case e.action != "" && !p.role.May(e.action):
		return http.StatusForbidden
	case p.outside && e.outside != 0:
		return e.outside
	}
	return e.ok
}

func (e expectation) ask(p *person) answer {
	switch {
	case e.api:
		return p.v.do(e.method(), e.path, strings.NewReader(e.body), http.Header{"Authorization": {"Bearer " + p.token}, "Content-Type": {"application/json"}})
	case e.method() == http.MethodGet:
		return p.v.get(e.path)
	}
	got := p.v.submit("/account", e.path, e.fields)
	if e.path == "/logout" {
		p.v.login(p.name, p.v.password)
	}
	return got
}

// TestWhoMayDoWhat asks for every route as nobody, and as each role inside, outside
// and without limits of regions, on both databases.
func TestWhoMayDoWhat(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) {
			d.Capture = withCapture(t, &road{}, nil)
			d.Cases = withCases(t, &archive{})
			d.Coordinated = withCoordinated(t, nil, nil, time.Now())
			c.Database, c.EncryptionSecret = address, strings.Repeat("rahasia ", 5)
			withEvidence(t, c, d)
			c.Login.Attempts = 1_000_000
		}})
		s.add(state.NewUser{Name: "sasaran", Role: access.Analyst, Password: s.password})
		nobody, all := s.visit(), persons(t, s)
		for _, e := range expectations() {
			t.Run(e.method()+" "+e.path, func(t *testing.T) {
				e.checkNobody(t, nobody)
				for _, p := range all {
					got := e.ask(p)
					if want := e.want(p); got.status != want {
						t.Errorf("%s: status %d, want %d", p.name, got.status, want)
					}
					if (p.outside || !p.role.May(access.Read)) && strings.Contains(got.body, "Sumarni") {
						t.Errorf("%s sees a post of another region or role", p.name)
					}
					checkHeaders(t, p.name, got)
				}
			})
		}
	})
}

func (e expectation) checkNobody(t *testing.T, nobody *visitor) {
	t.Helper()
	var got answer
	switch {
	case e.api:
		got = nobody.do(e.method(), e.path, strings.NewReader(e.body), http.Header{"Content-Type": {"application/json"}})
	case e.method() == http.MethodGet:
		got = nobody.get(e.path)
	default:
		got = nobody.submit("/login", e.path, e.fields)
	}
	switch {
	case e.open && got.status != e.nobody:
		t.Errorf("nobody: status %d, want %d", got.status, e.nobody)
	case e.api && !e.open && got.status != http.StatusUnauthorized:
		t.Errorf("nobody: status %d, want 401", got.status)
	case !e.open && !e.api && (got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/login")):
		t.Errorf("nobody: status %d, sent to %q", got.status, got.header.Get("Location"))
	}
	checkHeaders(t, "nobody", got)
}

func checkHeaders(t *testing.T, who string, got answer) {
	t.Helper()
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy", "Cache-Control"} {
		if values := got.header.Values(name); len(values) != 1 || values[0] == "" {
			t.Errorf("%s: header %s: %q, want it once", who, name, values)
		}
	}
}

// TestEveryRouteHasAnExpectation fails for a route that nobody thought of.
func TestEveryRouteHasAnExpectation(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	of := map[string]expectation{}
	for _, e := range expectations() {
		of[e.pattern] = e
	}
	for _, r := range s.Routes() {
		e, ok := of[r.Pattern]
		switch {
		case !ok:
			t.Errorf("no expectation says who may use the route %s", r.Pattern)
		case e.open != r.Open || e.api != r.API || e.hook != r.Hook || string(e.action) != r.Action:
			t.Errorf("%s: the route says open %v, api %v, action %q; the expectation %v, %v, %q", r.Pattern, r.Open, r.API, r.Action, e.open, e.api, e.action)
		case r.API != strings.HasPrefix(strings.Split(r.Pattern, " ")[1], "/api/"):
			t.Errorf("%s: paths below /api/ are for programs, and no others", r.Pattern)
		case r.Plain && !strings.HasPrefix(r.Pattern, "GET "):
			t.Errorf("%s: a plain route has no proof and may change nothing", r.Pattern)
		}
		delete(of, r.Pattern)
	}
	for pattern := range of {
		t.Errorf("there is no route %s", pattern)
	}
}

// TestNoFormWorksWithoutItsProof sends every form as somebody who may, with no
// proof, with one of another person, and from another site.
func TestNoFormWorksWithoutItsProof(t *testing.T) {
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, _ *console.Dependencies) { c.Login.Attempts = 1_000_000 }})
	s.add(state.NewUser{Name: "sasaran", Role: access.Analyst, Password: s.password})
	all := persons(t, s)
	foreign := hidden.FindStringSubmatch(s.loggedIn().get("/account").body)[2]
	for _, e := range expectations() {
		if e.method() == http.MethodGet || e.api || e.hook {
			continue
		}
		for _, p := range all {
			if e.action != "" && !p.role.May(e.action) || p.outside {
				continue
			}
			own := hidden.FindStringSubmatch(p.v.get("/account").body)[2]
			for name, test := range map[string]struct{ token, site string }{
				"no proof": {"", "same-origin"}, "another's proof": {foreign, "same-origin"}, "another site": {own, "cross-site"},
			} {
				form := url.Values{"csrf": {test.token}}
				for key, values := range e.fields {
					form[key] = values
				}
				got := p.v.do(e.method(), e.path, strings.NewReader(form.Encode()), http.Header{
					"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {test.site},
				})
				if got.status != http.StatusForbidden {
					t.Errorf("%s: %s with %s: status %d, want 403", p.name, e.pattern, name, got.status)
				}
			}
		}
	}
}

// TestAWideRegionHoldsItsRegencies asks as people of a province and of a regency.
func TestAWideRegionHoldsItsRegencies(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	for name, test := range map[string]struct {
		regions []string
		sees    bool
	}{
		"province": {[]string{"61"}, true}, "regency": {[]string{"61.08"}, true}, "other-regency": {[]string{"61.12"}, false},
		"several": {[]string{"35", "61.08"}, true}, "prefix": {[]string{"61.0"}, false},
	} {
		if name == "prefix" {
			continue // no such code can be given
		}
		s.add(state.NewUser{Name: name, Role: access.Analyst, Regions: test.regions, Password: s.password})
		v := s.visit()
		v.login(name, s.password)
		got := v.get("/items/mastodon:1093")
		if (got.status == http.StatusOK) != test.sees {
			t.Errorf("%s: status %d", name, got.status)
		}
		if list := v.get("/queue"); strings.Contains(list.body, "@sumarni") != test.sees {
			t.Errorf("%s: the list shows it: %v", name, !test.sees)
		}
		// What a filter offers tells of no other region either.
		if list := v.get("/queue?region=61.08"); !test.sees && strings.Contains(list.body, "@sumarni") {
			t.Errorf("%s: the filter shows it", name)
		}
	}
}

func TestPathsThatAreNoPages(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	for who, v := range map[string]*visitor{"nobody": s.visit(), "somebody": s.loggedIn()} {
		for request, want := range map[string]int{
			"GET /static/none.css": 404, "GET /static/vendor/README.txt": 404, "GET /static/../web.go": 404, "GET /nothing/here": 404,
			"GET /items/": 404, "GET /logout": 405, "DELETE /queue": 405, "PUT /login": 405, "GET /api/nothing": 404, "POST /api/v1/me": 405,
		} {
			method, path, _ := strings.Cut(request, " ")
			got := v.do(method, path, nil, nil)
			if got.status != want {
				t.Errorf("%s: %s: status %d, want %d", who, request, got.status, want)
			}
			if json := strings.HasPrefix(got.header.Get("Content-Type"), "application/problem+json"); json != strings.HasPrefix(path, "/api/") {
				t.Errorf("%s: %s: is answered in %s", who, request, got.header.Get("Content-Type"))
			}
			checkHeaders(t, who, got)
		}
	}
}

func TestTheAPITakesTokensOnly(t *testing.T) {
	now := time.Date(2024, 11, 21, 9, 0, 0, 0, time.UTC)
	s := newSite(t, options{stored: flags(), change: func(_ *console.Configuration, d *console.Dependencies) { d.Now = func() time.Time { return now } }})
	v := s.loggedIn()
	token := v.newToken("laporan")
	if got := v.get("/api/v1/me"); got.status != http.StatusUnauthorized || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") || len(got.header.Values("Set-Cookie")) != 0 {
		t.Errorf("with a cookie: status %d", got.status)
	}
	got := s.visit().api("GET", "/api/v1/me", token)
	want := `{"name":"rina","display_name":"rina","role":"supervisor","regions":[],"actions":["read","review","supervise","export","collect"]}` + "\n"
	if got.status != http.StatusOK || got.body != want {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	for name, bad := range map[string]string{"another": "netra_" + strings.Repeat("a", 36), "none": "", "cut": token[:30], "two": token + " " + token} {
		if got := s.visit().api("GET", "/api/v1/me", bad); got.status != http.StatusUnauthorized || !strings.Contains(got.body, `"error":"unauthorized"`) {
			t.Errorf("%s: status %d: %s", name, got.status, got.body)
		}
	}
	if strings.Contains(s.log.String(), token) || strings.Contains(v.get("/account/tokens").body, token) {
		t.Error("the token is in the log or on a page")
	}
	now = now.Add(8 * 24 * time.Hour)
	if got := s.visit().api("GET", "/api/v1/me", token); got.status != http.StatusUnauthorized {
		t.Errorf("an expired token: status %d", got.status)
	}
}
