package feed

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// page keeps what a visit emits.
type page struct {
	items  []collect.Item
	cursor collect.Cursor
}

func (p *page) Wait(context.Context) error { return nil }

func (p *page) WaitFor(context.Context, int) error { return nil }

func (p *page) Limit(collect.Limit) {}

func (p *page) Emit(_ context.Context, page collect.Page) error {
	p.items = append(p.items, page.Items...)
	if page.Cursor != nil {
		p.cursor = page.Cursor
	}
	return nil
}

func (p *page) texts() []string {
	var all []string
	for _, item := range p.items {
		if item.Err != nil {
			all = append(all, "! "+string(item.Err.Cause))
			continue
		}
		all = append(all, item.Post.Text)
	}
	return all
}

func sourceOf(t *testing.T, address string, change func(*Configuration)) *Source {
	t.Helper()
	cfg := Configuration{Feeds: []Feed{{URL: address, AccountID: "humas", Handle: "@humas", Name: "Humas"}}}
	cfg.Fetch.AllowPrivate = true
	cfg = cfg.WithDefaults()
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("feed"); err != nil {
		t.Fatal(err)
	}
	s := New("berita", cfg, fetch.NewMetrics(prometheus.NewRegistry()))
	t.Cleanup(s.Close)
	return s
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/feed"
}

func visit(t *testing.T, s *Source, cursor collect.Cursor) (*page, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) != 1 {
		t.Fatal(targets, err)
	}
	p := &page{cursor: cursor}
	_, err = s.Collect(t.Context(), targets[0], cursor, p)
	return p, err
}

func rss(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Humas</title><link>https://humas.example</link>` +
		strings.Join(items, "") + `</channel></rss>`
}

func rssItem(id, date, content string) string {
	return fmt.Sprintf(`<item><title>Judul %s</title><guid isPermaLink="false">%s</guid><link>/berita/%s</link>%s<description><![CDATA[%s]]></description></item>`, id, id, id, date, content)
}

const monday = `<pubDate>Mon, 18 Nov 2024 08:00:00 +0700</pubDate>`
const tuesday = `<pubDate>Tue, 19 Nov 2024 08:00:00 +0700</pubDate>`

func TestFormats(t *testing.T) {
	tests := map[string]string{
		"RSS": rss(rssItem("1", monday, `<p>Isi &amp; <b>tebal</b></p>`)),
		"Atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>Humas</title><entry><id>1</id><title>Judul 1</title>
			<link href="/berita/1"/><published>2024-11-18T08:00:00+07:00</published><updated>2024-11-20T08:00:00+07:00</updated>
			<content type="html">&lt;p&gt;Isi &amp;amp; &lt;b&gt;tebal&lt;/b&gt;&lt;/p&gt;</content></entry></feed>`,
		"JSON Feed": `{"version":"https://jsonfeed.org/version/1.1","title":"Humas","items":[{"id":"1","url":"/berita/1","title":"Judul 1",
			"content_html":"<p>Isi &amp; <b>tebal</b></p>","date_published":"2024-11-18T08:00:00+07:00"}]}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.UserAgent(), "netra") {
					t.Errorf("user agent %q", r.UserAgent())
				}
				fmt.Fprint(w, body)
			})
			p, err := visit(t, sourceOf(t, address, nil), nil)
			if err != nil || len(p.items) != 1 || p.items[0].Err != nil {
				t.Fatalf("%+v, %v", p.items, err)
			}
			got := p.items[0].Post
			if err := got.Validate(time.Now()); err != nil {
				t.Error(err)
			}
			if want := "Judul 1\n\nIsi & tebal"; got.Text != want {
				t.Errorf("text %q, want %q", got.Text, want)
			}
			if !got.CreatedAt.Equal(time.Date(2024, 11, 18, 1, 0, 0, 0, time.UTC)) {
				t.Errorf("created_at %s", got.CreatedAt)
			}
			if !strings.HasPrefix(got.ID, "rss:") || got.Key() != "rss:humas" || got.Account.Handle != "@humas" {
				t.Errorf("post %+v", got)
			}
			if want := strings.TrimSuffix(address, "/feed") + "/berita/1"; got.URL != want {
				t.Errorf("url %q, want %q", got.URL, want)
			}
		})
	}
}

func TestOnlyWhatIsNewOrChangedIsEmitted(t *testing.T) {
	var body atomic.Pointer[string]
	set := func(items ...string) { s := rss(items...); body.Store(&s) }
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, *body.Load()) })
	s := sourceOf(t, address, nil)
	set(rssItem("2", tuesday, "dua"), rssItem("1", monday, "satu"))
	p, err := visit(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Judul 1\n\nsatu", "Judul 2\n\ndua"}, p.texts()); diff != "" {
		t.Errorf("oldest first:\n%s", diff)
	}
	id := p.items[0].Post.ID
	set(rssItem("3", tuesday, "tiga"), rssItem("2", tuesday, "dua"), rssItem("1", monday, "satu, disunting"))
	if p, err = visit(t, s, p.cursor); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Judul 1\n\nsatu, disunting", "Judul 3\n\ntiga"}, p.texts()); diff != "" {
		t.Error(diff)
	}
	if p.items[0].Post.ID != id {
		t.Error("an edited item has another id")
	}
}

func TestServersAreAskedConditionally(t *testing.T) {
	var asked, full atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Mon, 18 Nov 2024 01:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		full.Add(1)
		fmt.Fprint(w, rss(rssItem("1", monday, "satu")))
	})
	s := sourceOf(t, address, nil)
	p, err := visit(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := visit(t, s, p.cursor)
	if err != nil || len(again.items) != 0 || asked.Load() != 2 || full.Load() != 1 {
		t.Errorf("%v, %d items, asked %d, full %d", err, len(again.items), asked.Load(), full.Load())
	}
}

func TestItemsThatAreNoPosts(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, rss(rssItem("1", "", "tanpa tanggal"), rssItem("2", "<pubDate>kemarin</pubDate>", "x"), `<item>`+monday+`</item>`, rssItem("4", monday, "sah")))
	})
	p, err := visit(t, sourceOf(t, address, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, text := range p.texts() {
		counts[text]++
	}
	if diff := cmp.Diff(map[string]int{"! no_date": 2, "! malformed": 1, "Judul 4\n\nsah": 1}, counts); diff != "" {
		t.Error(diff)
	}
}

func TestFailuresHaveTheirKind(t *testing.T) {
	good := rss(rssItem("1", monday, "satu"))
	tests := map[string]struct {
		handler    http.HandlerFunc
		change     func(*Configuration)
		kind       collect.Kind
		retryAfter time.Duration
	}{
		"429 with seconds": {kind: collect.KindRateLimited, retryAfter: 2 * time.Minute, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		"429 with nonsense": {kind: collect.KindRateLimited, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "-7 bananas")
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		"503 with seconds": {kind: collect.KindTemporary, retryAfter: 24 * time.Hour, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999")
			w.WriteHeader(http.StatusServiceUnavailable)
		}},
		"500": {kind: collect.KindTemporary, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		"404": {kind: collect.KindTemporary, handler: http.NotFound},
		"403": {kind: collect.KindRefused, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }},
		"410": {kind: collect.KindGone, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }},
		"not a feed": {kind: collect.KindMalformed, handler: func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<html><body>masuk dulu</body></html>")
		}},
		"broken XML": {kind: collect.KindMalformed, handler: func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, good[:len(good)/2])
		}},
		"empty": {kind: collect.KindMalformed, handler: func(http.ResponseWriter, *http.Request) {}},
		"a huge answer": {kind: collect.KindMalformed, change: func(c *Configuration) { c.Fetch.MaxBodyBytes = 10_000 }, handler: func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, rss(rssItem("1", monday, strings.Repeat("x", 20_000))))
		}},
		"a decompression bomb": {kind: collect.KindMalformed, change: func(c *Configuration) { c.Fetch.MaxBodyBytes = 100_000 }, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			for range 1000 {
				if _, err := packed.Write(make([]byte, 10_000)); err != nil {
					return
				}
			}
			_ = packed.Close()
		}},
		"a slow answer": {kind: collect.KindTemporary, change: func(c *Configuration) { c.Fetch.Timeout = time.Second }, handler: func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}},
		"an endless redirect": {kind: collect.KindRefused, handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String()+"x", http.StatusFound)
		}},
		"a redirect to a file": {kind: collect.KindRefused, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}},
		"a redirect to another host": {kind: collect.KindRefused, handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := visit(t, sourceOf(t, serve(t, test.handler), test.change), nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || typed.RetryAfter != test.retryAfter {
				t.Errorf("got %v (%T), want %s and %s", err, err, test.kind, test.retryAfter)
			}
			if len(p.items) != 0 {
				t.Errorf("items %v", p.texts())
			}
		})
	}
}

func TestInternalAddressesAreRefused(t *testing.T) {
	asked := false
	address := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{u.Host, "localhost:" + u.Port(), "[::ffff:127.0.0.1]:" + u.Port(), "0.0.0.0:" + u.Port()} {
		_, err = visit(t, sourceOf(t, "http://"+host+"/feed", func(c *Configuration) { c.Fetch.AllowPrivate = false }), nil)
		var typed *collect.Error
		if !errors.As(err, &typed) || typed.Kind != collect.KindRefused && host != "localhost:"+u.Port() {
			t.Errorf("%s: got %v, want it refused", host, err)
		}
	}
	if asked {
		t.Error("the server was reached")
	}
}

func TestARedirectToAConfiguredHostIsFollowed(t *testing.T) {
	to := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss(rssItem("1", monday, "satu"))) })
	to = strings.Replace(to, "127.0.0.1", "localhost", 1)
	from := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusMovedPermanently) })
	if _, err := visit(t, sourceOf(t, from, nil), nil); err == nil {
		t.Error("a host that is not configured was followed to")
	}
	p, err := visit(t, sourceOf(t, from, func(c *Configuration) { c.Fetch.Hosts = []string{"localhost"} }), nil)
	if err != nil || len(p.items) != 1 {
		t.Errorf("%v, %d items", err, len(p.items))
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := Configuration{Feeds: []Feed{{URL: "ftp://x", Platform: "friendster"}, {URL: "https://a.example", Platform: "rss", AccountID: "1"}, {URL: "https://a.example", Platform: "rss", AccountID: "1"}}}
	cfg.Fetch = fetch.Configuration{Hosts: []string{"https://x"}}
	err := cfg.Validate("s.feed")
	for _, key := range []string{"feeds[0].url", "feeds[0].platform", "feeds[0].account_id", "feeds[2].url", "fetch.hosts[0]", "fetch.timeout", "fetch.max_body_bytes"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.feed.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}
