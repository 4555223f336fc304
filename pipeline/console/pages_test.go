package console_test

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// changing are the parts of a page that differ from run to run, or with the
// scripts that npm brings.
var changing = []*regexp.Regexp{
	regexp.MustCompile(`(name="csrf" value=")[^"]+`), regexp.MustCompile(`(\?v=)[0-9a-f]+`),
	regexp.MustCompile(`((?:Nomor permintaan|Request) )[A-Z0-9]{10}`), regexp.MustCompile(`()\n<script src="/static/vendor/htmx[^\n]*`),
}

// TestGoldenPages compares every page with testdata/golden; -update writes them
// anew.
func TestGoldenPages(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	empty := newSite(t, options{})
	user, nobody, idle := s.loggedIn(), s.visit(), empty.loggedIn()
	english := s.loggedIn()
	english.get("/posts?lang=en")
	pages := []struct {
		name string
		v    *visitor
		path string
	}{
		{"login", nobody, "/login"}, {"login-ended", nobody, "/login?ended=1&next=/posts"},
		{"posts", user, "/posts"}, {"posts-english", english, "/posts"},
		{"posts-filtered", user, "/posts?region=61&label=support&from=2024-11-19&until=2024-11-20"},
		{"posts-nothing", user, "/posts?label=hate_speech&contestant=unknown-9"},
		{"posts-none", idle, "/posts"},
		{"post", user, "/posts/mastodon:1093"}, {"post-english", english, "/posts/mastodon:1093"},
		{"post-quoted", user, "/posts/facebook:55102"}, {"post-two-labels", user, "/posts/x:90210"},
		{"post-overlap", user, "/posts/facebook:41190"}, {"post-claim", user, "/posts/telegram:3301"},
		{"not-found", user, "/posts/none"}, {"not-found-nobody", nobody, "/nothing"},
	}
	for _, page := range pages {
		t.Run(page.name, func(t *testing.T) {
			got := page.v.get(page.path).body
			for _, pattern := range changing {
				got = pattern.ReplaceAllString(got, "$1")
			}
			path := filepath.Join("testdata", "golden", page.name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s changed (-want +got); look at it, then run with -update:\n%s", path, diff)
			}
		})
	}
}

// TestHostilePostsStayText shows posts whose every field tries to become markup
// or a link.
func TestHostilePostsStayText(t *testing.T) {
	evil := hostile()
	s := newSite(t, options{stored: append(flags(), evil)})
	v := s.loggedIn()
	attack := url.QueryEscape(`"><script>alert(9)</script>`)
	for _, path := range []string{
		"/posts", "/posts/" + url.PathEscape(evil.Post.ID), "/nothing/" + attack, "/login?next=" + attack,
		"/posts?label=" + attack + "&contestant=" + attack + "&region=" + attack + "&agency=" + attack + "&platform=" + attack +
			"&language=" + attack + "&from=" + attack + "&until=" + attack + "&after=" + attack + "&lang=" + attack,
		"/posts?region=%00%ff'%20OR%201=1--&agency=%7Bx:String%7D&contestant=%5C%27",
	} {
		got := v.get(path)
		if got.status >= 500 {
			t.Errorf("%s: status %d", path, got.status)
		}
		checkMarkup(t, path, got.body)
	}
	page := v.get("/posts/" + url.PathEscape(evil.Post.ID)).body
	if !strings.Contains(page, "&lt;script&gt;alert(") || !strings.Contains(page, "Tidak ada tautan yang aman") {
		t.Error("the post's text or the missing link is not shown")
	}
}

// checkMarkup parses a page and fails on anything that only an injection could
// have put there.
func checkMarkup(t *testing.T, path, body string) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		src := ""
		for _, attribute := range node.Attr {
			if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" || attribute.Key == "srcdoc" {
				t.Errorf("%s: <%s> has %s=%q", path, node.Data, attribute.Key, attribute.Val)
			}
			if attribute.Key == "href" || attribute.Key == "src" || attribute.Key == "action" {
				src = attribute.Val
				if !strings.HasPrefix(src, "/") && !strings.HasPrefix(src, "#main") && !strings.HasPrefix(src, "https://") || strings.HasPrefix(src, "//") {
					t.Errorf("%s: <%s> leads to %q", path, node.Data, src)
				}
			}
		}
		if (node.Data == "script" || node.Data == "img" || node.Data == "iframe") && !strings.HasPrefix(src, "/static/") {
			t.Errorf("%s: <%s src=%q>", path, node.Data, src)
		}
	}
}

func TestNoPageIsOver200KB(t *testing.T) {
	huge := hostile()
	huge.Post.ID, huge.Verdict.ID = "web:huge", "web:huge"
	huge.Post.Text = strings.Repeat(`"'<é>& `, 100_000)
	huge.Post.Quoted = strings.Repeat(`"`, 500_000)
	huge.Post.URL = "https://example.org/" + strings.Repeat("a", 100_000)
	huge.Post.Account.Name = strings.Repeat("n", 100_000)
	huge.Person.Name = strings.Repeat("<n>", 100_000)
	huge.Verdict.Labels = nil
	for i, label := range append(post.Labels, post.Labels...) {
		score := post.LabelScore{Label: label, Score: 0.9, Contestant: strings.Repeat("c", i)}
		for j := range 400 {
			score.Reasons = append(score.Reasons, post.Reason{
				Kind: post.ReasonKeyword, Source: strings.Repeat("rule", j%5) + string(rune('a'+j%26)), Start: j*40 + i, End: j*40 + i + 21,
				Text: strings.Repeat("<x>", 200), Quoted: j%3 == 0, Weight: 0.5,
			})
		}
		huge.Verdict.Labels = append(huge.Verdict.Labels, score)
	}
	stored := []post.Flag{huge}
	for i := range 25 {
		next := huge // a long one, but a whole page of the longest is no batch
		next.Post.Text, next.Post.Quoted = huge.Post.Text[:50_000], huge.Post.Quoted[:50_000]
		next.Verdict.Labels = huge.Verdict.Labels[:2]
		next.Post.ID = "web:huge" + string(rune('a'+i))
		next.Verdict.ID = next.Post.ID
		stored = append(stored, next)
	}
	s := newSite(t, options{stored: stored})
	v := s.loggedIn()
	for _, path := range []string{"/posts", "/posts/web:huge"} {
		got := v.get(path)
		if got.status != 200 || len(got.body) > 200<<10 {
			t.Errorf("%s: status %d, %d KB", path, got.status, len(got.body)>>10)
		}
		checkMarkup(t, path, got.body)
	}
	if got := v.get("/posts/web:huge/text"); !strings.HasPrefix(got.body, huge.Post.Text) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Error("the whole text is not to be had")
	}
}

func TestPagingWalksEveryPostOnce(t *testing.T) {
	s := newSite(t, options{stored: append(flags(), manyFlags(40)...), change: func(c *console.Configuration, _ *console.Dependencies) { c.PageSize = 10 }})
	v := s.loggedIn()
	link := regexp.MustCompile(`<h2><a href="(/posts/[^"]+)"`)
	older := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	seen := map[string]int{}
	path := "/posts?from=2024-11-01"
	for range 10 {
		body := v.get(path).body
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			seen[m[1]]++
		}
		next := older.FindStringSubmatch(body)
		if next == nil {
			break
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	if len(seen) != 47 {
		t.Errorf("%d posts on all pages, want 47", len(seen))
	}
	for post, times := range seen {
		if times != 1 {
			t.Errorf("%s is there %d times", post, times)
		}
	}
	if got := v.get("/posts?after=nonsense"); got.status != 200 || !strings.Contains(got.body, "tidak berlaku lagi") {
		t.Errorf("a bad cursor: status %d", got.status)
	}
}

func TestLanguageIsChosenAndKept(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.visit()
	steps := []struct{ path, lang string }{
		{"/login", "id"}, {"/login?lang=en", "en"}, {"/login", "en"}, {"/nothing", "en"}, {"/login?lang=xx", "en"}, {"/login?lang=id", "id"}, {"/login", "id"},
	}
	for _, step := range steps {
		if got := v.get(step.path); !strings.Contains(got.body, `<html lang="`+step.lang+`">`) || got.header.Get("Content-Language") != step.lang {
			t.Errorf("%s is in %s, want %s", step.path, got.header.Get("Content-Language"), step.lang)
		}
	}
}

func TestThePostLeadsBackToTheFilteredList(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	v := s.loggedIn()
	for referer, want := range map[string]string{
		s.url + "/posts?region=61&label=support": "/posts?region=61&amp;label=support",
		s.url + "/posts/other":                   "/posts",
		"https://evil.example/posts?x=1":         "/posts",
		"":                                       "/posts",
	} {
		got := v.do(http.MethodGet, "/posts/mastodon:1093", nil, http.Header{"Referer": {referer}})
		if !strings.Contains(got.body, `<p class="back"><a href="`+want+`">`) {
			t.Errorf("from %q it does not lead to %s", referer, want)
		}
	}
}

// TestStoreIsAway asks a console whose ClickHouse does not answer.
func TestStoreIsAway(t *testing.T) {
	config := store.DefaultConfiguration()
	config.Address = "http://127.0.0.1:1" // nothing listens on tcpmux
	nowhere, err := store.New(config, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nowhere.Close() })
	s := newSite(t, options{data: nowhere, change: func(c *console.Configuration, _ *console.Dependencies) { c.QueryTimeout = 5 * time.Second }})
	v := s.loggedIn()
	for _, path := range []string{"/posts", "/posts/x:1"} {
		got := v.get(path)
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "tidak dapat dijangkau") || strings.Contains(got.body, "127.0.0.1:1") {
			t.Errorf("%s: status %d: %s", path, got.status, got.body)
		}
	}
	if got := v.get("/readyz"); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, "127.0.0.1:1") {
		t.Errorf("readyz: status %d: %s", got.status, got.body)
	}
	if got := v.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("healthz: status %d", got.status)
	}
	if !strings.Contains(s.log.String(), "127.0.0.1:1") {
		t.Error("the cause is not in the log")
	}
}

func TestRunServesAndDrains(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	wait, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	address, err := s.Address(wait)
	if err != nil {
		t.Fatal(err)
	}
	v := s.visit()
	v.site = &site{t: t, url: address}
	if got := v.get("/healthz"); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if _, err := http.Get(address + "/healthz"); err == nil { //nolint:bodyclose,noctx // it must fail
		t.Error("it serves still")
	}
}
