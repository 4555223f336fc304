package console_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/suggest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m, databasetest.Stop) }

// newStore returns the real store on the real engine, with the posts in it.
func newStore(t testing.TB, stored []post.Flag) *store.Store {
	t.Helper()
	engine := embeddedtest.Engine(t)
	config := store.DefaultConfiguration()
	config.Address, config.User, config.Password, config.Database = "http://"+engine.Address, engine.User, engine.Password, engine.Database
	s, err := store.New(config, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(stored) > 0 {
		if err := s.Insert(t.Context(), store.Batch{Token: "test/0/0-1", Flags: stored, Counts: counts()}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// options change what a test's console is.
type options struct {
	stored []post.Flag
	data   console.Data
	review func(*review.Configuration)
	tuning tuning.Configuration
	change func(*console.Configuration, *console.Dependencies)
}

// site is a console that serves, with an administrator and a user who reads.
type site struct {
	*console.Console
	t        testing.TB
	url      string
	user     string
	password string
	admin    string
	secret   string // of admin
	config   console.Configuration
	registry *prometheus.Registry
	log      *lockedBuffer
	desk     desk
}

func newSite(t testing.TB, o options) *site {
	t.Helper()
	s := &site{t: t, registry: prometheus.NewRegistry(), log: &lockedBuffer{}}
	s.config = console.DefaultConfiguration()
	s.config.Listen = "127.0.0.1:0"
	s.config.Database = filepath.Join(t.TempDir(), "console.db")
	s.config.Login.HashMemoryKiB = 1024 // the tests log in often
	deps := console.Dependencies{
		Data: o.data, Contestants: pairs, RegionName: func(code string) string { return regionNames[code] },
		Rule: ruleWords, Registerer: s.registry, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	if deps.Data == nil {
		deps.Data = newStore(t, o.stored)
	}
	if o.change != nil {
		o.change(&s.config, &deps)
	}
	if deps.Review == nil {
		deps.Review = reviewOf(t, &deps, o.review)
	}
	if deps.Tuning == nil {
		posts, _ := deps.Data.(suggest.Data)
		deps.Tuning = tuningOf(t, &s.desk, posts, o.tuning)
	}
	c, err := console.New(s.config, deps)
	if err != nil {
		t.Fatal(err)
	}
	s.Console = c
	t.Cleanup(func() { _ = c.Close() })
	user, password, _, err := c.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.admin, s.secret = user, password
	s.user, s.password = "rina", "kata sandi rahasia rina"
	s.add(state.NewUser{Name: s.user, Role: access.Supervisor, Password: s.password})
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// add makes a user.
func (s *site) add(user state.NewUser) {
	s.t.Helper()
	if err := s.AddUser(s.t.Context(), user); err != nil {
		s.t.Fatal(err)
	}
}

// counter returns the value of a counter with the given labels and values.
func (s *site) counter(name string, labels ...string) float64 {
	s.t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			values := map[string]string{}
			for _, label := range metric.GetLabel() {
				values[label.GetName()] = label.GetValue()
			}
			matches := family.GetName() == name
			for i := 0; i+1 < len(labels); i += 2 {
				matches = matches && values[labels[i]] == labels[i+1]
			}
			if matches {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}

// visitor is one browser without scripts.
type visitor struct {
	*site
	client *http.Client
}

// visit returns a new browser that follows no redirect by itself.
func (s *site) visit() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{site: s, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// loggedIn returns a browser that has logged in.
func (s *site) loggedIn() *visitor {
	s.t.Helper()
	v := s.visit()
	if got := v.login(s.user, s.password); got.status != http.StatusSeeOther {
		s.t.Fatalf("log in: status %d: %s", got.status, got.body)
	}
	return v
}

// answer is what a visitor gets.
type answer struct {
	status int
	body   string
	header http.Header
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil, nil)
}

func (v *visitor) login(user, password string) answer {
	v.t.Helper()
	return v.submit("/login", "/login", url.Values{"user": {user}, "password": {password}})
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// submit posts a form as a browser does that has the page open: with the page's
// hidden fields.
func (v *visitor) submit(page, action string, fields url.Values) answer {
	v.t.Helper()
	form := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(v.get(page).body, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	for name, values := range fields {
		form[name] = values
	}
	return v.do(http.MethodPost, action, strings.NewReader(form.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {v.url}, "Sec-Fetch-Site": {"same-origin"},
	})
}

// api asks as a program does, with a token.
func (v *visitor) api(method, path, token string) answer {
	v.t.Helper()
	return v.do(method, path, nil, http.Header{"Authorization": {"Bearer " + token}})
}

var shownSecret = regexp.MustCompile(`<code class="secret">([^<]+)</code>`)

// newToken makes a token for seven days.
func (v *visitor) newToken(name string) string {
	v.t.Helper()
	got := v.submit("/account/tokens", "/account/tokens", url.Values{"name": {name}, "days": {"7"}})
	found := shownSecret.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || found == nil {
		v.t.Fatalf("make a token: status %d", got.status)
	}
	return found[1]
}

func (v *visitor) do(method, path string, body io.Reader, header http.Header) answer {
	v.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, v.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{status: response.StatusCode, body: string(data), header: response.Header}
}

// lockedBuffer takes logs from many goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
