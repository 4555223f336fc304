package console_test

import (
	"context"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/post"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// changing are the parts of a page that differ from run to run, or with the
// scripts that npm brings.
var changing = []*regexp.Regexp{
	regexp.MustCompile(`(name="csrf" value=")[^"]+`), regexp.MustCompile(`(\?v=)[0-9a-f]+`),
	regexp.MustCompile(`((?:Nomor permintaan|Request) )[A-Z0-9]{10}`), regexp.MustCompile(`()\n<script src="/static/vendor/[^\n]*`),
}

// TestGoldenPages compares every page with testdata/golden; -update writes them
// anew.
func TestGoldenPages(t *testing.T) {
	noon := func(_ *console.Configuration, d *console.Dependencies) {
		d.Now = func() time.Time { return at(24, 12, 0) }
	}
	s := newSite(t, options{stored: flags(), change: noon})
	empty := newSite(t, options{change: noon})
	user, nobody, idle := s.loggedIn(), s.visit(), empty.loggedIn()
	english := s.loggedIn()
	english.get("/queue?lang=en")
	pages := []struct {
		name string
		v    *visitor
		path string
	}{
		{"login", nobody, "/login"}, {"login-ended", nobody, "/login?ended=1&next=/queue"},
		{"queue", user, "/queue"}, {"queue-english", english, "/queue"},
		{"queue-filtered", user, "/queue?region=61&label=support&from=2024-11-19&until=2024-11-20&sort=oldest"},
		{"queue-nothing", user, "/queue?label=hate_speech&contestant=unknown-9"},
		{"queue-done", idle, "/queue"},
		{"item", user, "/items/mastodon:1093"}, {"item-english", english, "/items/mastodon:1093"},
		{"item-quoted", user, "/items/facebook:55102"}, {"item-two-labels", user, "/items/x:90210"},
		{"item-overlap", user, "/items/facebook:41190"}, {"item-claim", user, "/items/telegram:3301"},
		{"not-found", user, "/items/none"}, {"not-found-nobody", nobody, "/nothing"},
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
	item := "/items/" + url.PathEscape(evil.Post.ID)
	v.submit("/queue", "/queue/filters", url.Values{"name": {`"><script>alert(9)</script>`}, "query": {"q=" + attack}})
	for _, path := range []string{
		"/queue", item, "/nothing/" + attack, "/login?next=" + attack, item + "?correct=" + attack + "&q=" + attack,
		"/queue?label=" + attack + "&contestant=" + attack + "&region=" + attack + "&agency=" + attack + "&platform=" + attack + "&status=" + attack +
			"&language=" + attack + "&lists=" + attack + "&rule=" + attack + "&account=" + attack + "&holder=" + attack + "&assignee=" + attack +
			"&q=" + attack + "&sort=" + attack + "&from=" + attack + "&until=" + attack + "&after=" + attack + "&lang=" + attack,
		"/queue?region=%00%ff'%20OR%201=1--&agency=%7Bx:String%7D&contestant=%5C%27&q=%27%20OR%201=1--%20%22",
	} {
		got := v.get(path)
		if got.status >= 500 {
			t.Errorf("%s: status %d", path, got.status)
		}
		checkMarkup(t, path, got.body)
	}
	note := `<script>alert("n")</script>'; DROP TABLE review_items; --`
	if got := v.decide(evil.Post.ID, "violation", url.Values{"note": {note}, "rule": {`KE-2"><script>`}}); got.status != http.StatusUnprocessableEntity && got.status != http.StatusConflict {
		t.Errorf("a rule of markup: status %d", got.status)
	}
	if got := v.decide(evil.Post.ID, "no_violation:other", url.Values{"note": {note}}); got.status != http.StatusSeeOther {
		t.Errorf("a note of markup: status %d", got.status)
	}
	page := v.get(item).body
	checkMarkup(t, item, page)
	if !strings.Contains(page, "&lt;script&gt;alert(") || !strings.Contains(page, "Tidak ada tautan yang aman") || !strings.Contains(page, "DROP TABLE review_items") {
		t.Error("the post's text, the note or the missing link is not shown")
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
	for _, path := range []string{"/queue", "/items/web:huge"} {
		got := v.get(path)
		if got.status != 200 || len(got.body) > 200<<10 {
			t.Errorf("%s: status %d, %d KB", path, got.status, len(got.body)>>10)
		}
		checkMarkup(t, path, got.body)
	}
	if got := v.get("/items/web:huge/text"); !strings.HasPrefix(got.body, huge.Post.Text) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Error("the whole text is not to be had")
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

// TestStoreIsAway asks a console whose ClickHouse no longer answers: the queue is
// there, and the posts themselves are not.
func TestStoreIsAway(t *testing.T) {
	data := newStore(t, flags())
	s := newSite(t, options{data: data, change: func(c *console.Configuration, _ *console.Dependencies) { c.QueryTimeout = 5 * time.Second }})
	v := s.loggedIn()
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	if got := v.get("/queue"); got.status != http.StatusOK || !strings.Contains(got.body, "@sumarni1093") {
		t.Errorf("queue: status %d", got.status)
	}
	if got := v.get("/items/mastodon:1093"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "tidak dapat dijangkau") || strings.Contains(got.body, "ClickHouse") {
		t.Errorf("item: status %d: %s", got.status, got.body)
	}
	if got := v.get("/readyz"); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, "ClickHouse") {
		t.Errorf("readyz: status %d: %s", got.status, got.body)
	}
	if got := v.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("healthz: status %d", got.status)
	}
	if !strings.Contains(s.log.String(), "ClickHouse") {
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
