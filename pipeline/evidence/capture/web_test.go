package capture_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/post"
)

// site is a platform with pages and media on loopback.
type site struct {
	*httptest.Server
	mu      sync.Mutex
	asked   []string
	broken  atomic.Int64 // how many further answers are errors
	deleted atomic.Bool
}

const picture = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR rest of a picture"

func newSite(t *testing.T) *site {
	s := &site{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RequestURI())
	s.mu.Unlock()
	if s.broken.Add(-1) >= 0 {
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/a.png":
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Set-Cookie", "s3cret=1")
		_, _ = w.Write([]byte(picture))
	case "/large":
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100_000))
	case "/html":
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>log in"))
	case "/to-localhost":
		_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
		http.Redirect(w, r, "http://localhost:"+port+"/a.png", http.StatusFound)
	case "/post":
		if s.deleted.Load() {
			http.Error(w, "postingan ini sudah dihapus", http.StatusGone)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!doctype html><title>Postingan Budi</title><body style="margin:0"><h1>coblos nomor 2</h1><img src="/a.png"><div style="height:3000px;background:#eef">panjang</div><script>document.body.append("ditulis oleh skrip"); alert("tunggu")</script>`)
	default:
		http.NotFound(w, r)
	}
}

func (s *site) count(path string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, asked := range s.asked {
		if strings.HasPrefix(asked, path) {
			n++
		}
	}
	return n
}

// web is a worker that fetches from loopback.
func web(t *testing.T, configure func(*capture.Configuration)) *bench {
	return newBench(t, databasetest.SQLite(t), options{configure: func(c *capture.Configuration) {
		c.Tries = 3
		c.Media.Enabled, c.Media.AllowPrivate, c.Media.Hosts, c.Media.MaxBytes = true, true, []string{"127.0.0.1"}, 50_000
		c.Page.AllowPrivate, c.Page.Hosts, c.Page.Settle = true, []string{"127.0.0.1"}, 200*time.Millisecond
		c.Page.NoSandbox = os.Getuid() == 0 // Chromium has no sandbox for root
		configure(c)
	}})
}

func (b *bench) flaggedWith(t *testing.T, id string, change func(p *post.Post)) {
	t.Helper()
	p := samplePost(id, "coblos nomor 2")
	change(&p)
	p, offset := b.collected(t, p, "raw", nil)
	b.flagged(t, p, offset, "support")
}

func TestMediaAreFetchedOnce(t *testing.T) {
	s := newSite(t)
	b := web(t, func(*capture.Configuration) {})
	b.flaggedWith(t, "mastodon:1", func(p *post.Post) {
		p.Media = []post.Media{{Type: "image", URL: s.URL + "/a.png?sig=s3cret&w=1"}, {Type: "image", URL: s.URL + "/none.png"}, {Type: "image", URL: s.URL + "/large"}, {Type: "video", URL: s.URL + "/html"}, {Type: "link", URL: s.URL + "/link"}}
	})
	b.now = time.Now()
	s.broken.Store(1)
	b.work(t)
	if b.waiting(t, "mastodon:1") != 1 {
		t.Error("what failed is not tried again")
	}
	b.now = b.now.Add(time.Minute)
	b.work(t)
	pieces := b.pieces(t, "mastodon:1")
	media := pieces[evidence.Media]
	if len(media) != 3 || b.waiting(t, "mastodon:1") != 0 {
		t.Fatalf("%d media, %d tasks wait: %v", len(media), b.waiting(t, "mastodon:1"), media)
	}
	problems := ""
	for _, m := range media {
		problems += m.Problem + "\n"
		if m.Problem == "" && (b.content(t, m.SHA256) != picture || m.Type != "image/png" || m.Public != evidence.PublicYes || m.Version != pieces[evidence.Record][0].Version ||
			m.Address != s.URL+"/a.png?sig=hidden&w=1") {
			t.Errorf("media %s", m.Statement)
		}
	}
	if !strings.Contains(problems, "too long") || !strings.Contains(problems, "answers with a page") {
		t.Errorf("problems: %s", problems)
	}
	if gone := pieces[evidence.Gone]; len(gone) != 1 || !strings.Contains(b.content(t, gone[0].SHA256), "404") || gone[0].Public != evidence.PublicNo {
		t.Errorf("gone: %v", gone)
	}
	for _, e := range pieces[evidence.HTTP] {
		if told := b.content(t, e.SHA256); strings.Contains(told, "s3cret") || !strings.Contains(told, `"status":`) {
			t.Errorf("exchange %s", told)
		}
	}
	if s.count("/a.png") != 2 || s.count("/none.png") != 1 || s.count("/large") != 1 || s.count("/link") != 0 {
		t.Errorf("asked %v", s.asked)
	}
}

// TestInternalAddressesAreNotAsked has posts lead the worker inside.
func TestInternalAddressesAreNotAsked(t *testing.T) {
	s := newSite(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		address string
		private bool
		problem string
	}{
		"loopback":                    {s.URL + "/a.png", false, "is internal"},
		"a name of loopback":          {"http://localhost:" + u.Port() + "/a.png", false, "is internal"},
		"the address of a cloud":      {"http://169.254.169.254/latest/meta-data", false, "is not configured"},
		"another host":                {"http://example.invalid/a.png", true, "is not configured"},
		"a redirect to another host":  {s.URL + "/to-localhost", true, "is not configured"},
		"loopback as a number of six": {"http://[::ffff:127.0.0.1]:" + u.Port() + "/a.png", false, "is not configured"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := web(t, func(c *capture.Configuration) {
				c.Media.AllowPrivate = test.private
				if !test.private {
					c.Media.Hosts = []string{"127.0.0.1", "localhost"}
				}
			})
			before := s.count("/a.png")
			b.flaggedWith(t, "mastodon:1", func(p *post.Post) { p.Media = []post.Media{{Type: "image", URL: test.address}} })
			b.work(t)
			media := b.pieces(t, "mastodon:1")[evidence.Media]
			if len(media) != 1 || !strings.Contains(media[0].Problem, test.problem) || b.waiting(t, "mastodon:1") != 0 || s.count("/a.png") != before {
				t.Errorf("%v; asked %d", media, s.count("/a.png")-before)
			}
		})
	}
}

func TestWhatStaysBrokenBecomesAProblem(t *testing.T) {
	s := newSite(t)
	b := web(t, func(*capture.Configuration) {})
	s.broken.Store(100)
	b.flaggedWith(t, "mastodon:1", func(p *post.Post) { p.Media = []post.Media{{Type: "image", URL: s.URL + "/a.png"}} })
	b.now = time.Now()
	for range 3 {
		b.work(t)
		b.now = b.now.Add(time.Hour)
	}
	media := b.pieces(t, "mastodon:1")[evidence.Media]
	if len(media) != 1 || !strings.Contains(media[0].Problem, "503") || b.waiting(t, "mastodon:1") != 0 || s.count("/a.png") != 3 {
		t.Errorf("%v, %d tasks wait, asked %d times", media, b.waiting(t, "mastodon:1"), s.count("/a.png"))
	}
}

// TestAPageIsArchivedAsRendered opens pages in a real Chromium.
func TestAPageIsArchivedAsRendered(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Chromium; not with -short")
	}
	s := newSite(t)
	b := web(t, func(c *capture.Configuration) { c.Media.Enabled, c.Page.Enabled = false, true })
	b.flaggedWith(t, "mastodon:1", func(p *post.Post) { p.URL = s.URL + "/post" })
	b.flaggedWith(t, "mastodon:2", func(p *post.Post) { p.URL = s.URL + "/to-localhost" })
	b.flaggedWith(t, "mastodon:3", func(p *post.Post) { p.URL = "https://example.invalid/post" })
	b.work(t)
	pieces := b.pieces(t, "mastodon:1")
	if len(pieces[evidence.Page]) != 1 || len(pieces[evidence.Screenshot]) != 1 || pieces[evidence.Page][0].Problem != "" {
		t.Fatalf("page %v, screenshot %v", pieces[evidence.Page], pieces[evidence.Screenshot])
	}
	page, shot := pieces[evidence.Page][0], pieces[evidence.Screenshot][0]
	if archive := strings.ReplaceAll(b.content(t, page.SHA256), "=\r\n", ""); !strings.Contains(archive, "coblos nomor 2") || !strings.Contains(archive, "ditulis oleh skrip") || !strings.Contains(archive, "Content-Type: multipart/related") {
		t.Errorf("archive %s", archive)
	}
	picture, err := png.DecodeConfig(strings.NewReader(b.content(t, shot.SHA256)))
	if err != nil || picture.Width != 1280 || picture.Height < 3000 {
		t.Errorf("picture %+v, %v", picture, err)
	}
	if page.Public != evidence.PublicYes || page.Type != "multipart/related" || shot.Type != "image/png" || !strings.HasSuffix(page.By, "Chromium") {
		t.Errorf("page %s", page.Statement)
	}
	for id, want := range map[string]string{"mastodon:2": "localhost", "mastodon:3": "example.invalid"} {
		if got := b.pieces(t, id)[evidence.Page]; len(got) != 1 || !strings.Contains(got[0].Problem, want) || !strings.Contains(got[0].Problem, "not allowed") {
			t.Errorf("%s: %v", id, got)
		}
	}
	if s.count("/a.png") != 1 { // that of the page: the redirect was not followed
		t.Errorf("asked %v", s.asked)
	}

	s.deleted.Store(true)
	b.flaggedWith(t, "mastodon:1", func(p *post.Post) { p.URL = s.URL + "/post"; p.Text = "coblos nomor 2 ya" })
	b.work(t)
	pieces = b.pieces(t, "mastodon:1")
	if got := pieces[evidence.Gone]; len(got) != 1 || !strings.Contains(b.content(t, got[0].SHA256), "sudah dihapus") || len(pieces[evidence.Page]) != 2 || pieces[evidence.Page][1].Public == evidence.PublicYes {
		t.Errorf("gone %v, pages %v", got, pieces[evidence.Page])
	}
}

func TestAPageOnLoopbackIsNotOpened(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Chromium; not with -short")
	}
	s := newSite(t)
	b := web(t, func(c *capture.Configuration) {
		c.Media.Enabled, c.Page.Enabled, c.Page.AllowPrivate, c.Tries = false, true, false, 1
	})
	b.flaggedWith(t, "mastodon:1", func(p *post.Post) { p.URL = s.URL + "/post" })
	b.work(t)
	if got := b.pieces(t, "mastodon:1")[evidence.Page]; len(got) != 1 || got[0].Problem == "" || s.count("/") != 0 {
		t.Errorf("page %v, asked %v", got, s.asked)
	}
}
