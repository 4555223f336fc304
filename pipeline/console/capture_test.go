package console_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
)

func captureSite(t *testing.T, q *road, change func(*capture.Configuration)) *site {
	t.Helper()
	return newSite(t, options{data: newStore(t, nil), change: func(_ *console.Configuration, d *console.Dependencies) {
		d.Capture = withCapture(t, q, change)
	}})
}

// part is a field of a form, a file where it has a name.
type part struct{ field, file, content string }

// upload sends a form with files as a browser does.
func (v *visitor) upload(parts []part) answer {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range parts {
		w, err := form.CreateFormField(p.field)
		if p.file != "" {
			w, err = form.CreateFormFile(p.field, p.file)
		}
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	_ = form.Close() // it writes to memory
	return v.do(http.MethodPost, "/capture", &body, http.Header{"Content-Type": {form.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
}

func (v *visitor) proof() part {
	v.t.Helper()
	return part{field: "csrf", content: html.UnescapeString(hidden.FindStringSubmatch(v.get("/account").body)[2])}
}

var keptSum = regexp.MustCompile(`name="file" value="([0-9a-f]{64})"`)

func TestACaptureWithAFile(t *testing.T) {
	q := &road{}
	s := captureSite(t, q, nil)
	v := s.loggedIn()
	fields := []part{
		v.proof(), {field: "link", content: "https://www.facebook.com/rahmat.hidayat/posts/7"}, {field: "platform", content: "facebook"}, {field: "account", content: "@Rahmat.Hidayat"},
		{field: "kind", content: "comment"}, {field: "text", content: longText + "coblos"}, {field: "seen_at", content: "2024-11-20T08:00"}, {field: "do", content: "send"},
	}
	got := v.upload(append(fields, part{"upload", "layar.png", pixel}))
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	posts := q.sent()
	if len(posts) != 1 || posts[0].Account.ID != "990" || posts[0].Kind != "comment" || len(posts[0].Media) != 1 || !strings.HasSuffix(posts[0].Text, "coblos") ||
		!posts[0].CollectedAt.Equal(time.Date(2024, 11, 20, 1, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v", posts)
	}
	sum := posts[0].Media[0].SHA256
	file := v.get("/capture/files/" + sum)
	if file.status != http.StatusOK || file.body != pixel || file.header.Get("Content-Type") != "image/png" || !strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the file: %d %v", file.status, file.header)
	}
	s.add(state.NewUser{Name: "lain", Role: access.Analyst, Password: s.password})
	other := s.visit()
	other.login("lain", s.password)
	if got := other.get("/capture/files/" + sum); got.status != http.StatusNotFound {
		t.Errorf("another person's file: status %d", got.status)
	}
	if got := other.upload([]part{other.proof(), {field: "account", content: "facebook:990"}, {field: "text", content: "x"}, {field: "file", content: sum}, {field: "do", content: "send"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a capture with another person's file: status %d", got.status)
	}
}

func TestWhatIsWrittenStaysInTheForm(t *testing.T) {
	q := &road{}
	v := captureSite(t, q, nil).loggedIn()
	got := v.upload([]part{
		v.proof(), {field: "account", content: "rahmat"}, {field: "text", content: `"><script>alert(1)</script>`}, {field: "seen_at", content: "kemarin"}, {field: "do", content: "send"},
		{"upload", "baik.png", pixel}, {"upload", "besar.png", pixel + strings.Repeat("x", 70<<10)}, {"upload", "jahat.html", "<html>"}, {"upload", "", ""},
	})
	if got.status != http.StatusUnprocessableEntity || len(q.sent()) != 0 {
		t.Fatalf("status %d, %d posts", got.status, len(q.sent()))
	}
	for _, want := range []string{
		"besar.png: terlalu besar", "jahat.html: jenis berkas ini tidak diterima", "&lt;script&gt;", "rahmat.hidayat.lagi", "baik.png",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(got.body, "<script>alert") || len(keptSum.FindAllString(got.body, -1)) != 1 {
		t.Error("it holds markup, or not exactly the good file")
	}
}

func TestAnUploadIsProvenBeforeItIsRead(t *testing.T) {
	s := captureSite(t, &road{}, nil)
	v := s.loggedIn()
	file := part{"upload", "a.png", pixel}
	for name, test := range map[string]struct {
		parts []part
		want  int
	}{
		"no proof":          {[]part{file}, 403},
		"another proof":     {[]part{{field: "csrf", content: "abc"}, file}, 403},
		"proof at the end":  {[]part{file, v.proof()}, 403},
		"nothing":           {nil, 400},
		"more than allowed": {[]part{v.proof(), {"upload", "a.mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + strings.Repeat("x", 3<<20)}}, 413},
	} {
		if got := v.upload(test.parts); got.status != test.want {
			t.Errorf("%s: status %d, want %d", name, got.status, test.want)
		}
	}
}

func TestPartnersSendPosts(t *testing.T) {
	q := &road{}
	v := captureSite(t, q, func(c *capture.Configuration) { c.Hooks.MaxBytes = 4096 }).visit()
	send := func(partner, stamp, body string, key string) answer {
		return v.do(http.MethodPost, "/hooks/posts", strings.NewReader(body), http.Header{
			"X-Netra-Partner": {partner}, "X-Netra-Timestamp": {stamp}, "X-Netra-Signature": {capture.Sign(key, stamp, []byte(body))},
		})
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	one := `{"id":"facebook:1","platform":"facebook","account":{"id":"990"},"text":"halo","created_at":"2024-11-20T08:00:00+07:00"}`
	for _, test := range []struct {
		name, partner, stamp, body, key string
		status                          int
		want                            string
	}{
		{"good", "kominfo", now, one, hookKey, 200, `{"received":1,"taken":1,"duplicates":0,"refused":0,"items":[{"index":0,"id":"facebook:1","result":"taken"}]}`},
		{"the same again", "kominfo", now, one, hookKey, 409, `"error":"replay"`},
		{"a stranger", "siapa", now, one, hookKey, 401, `"error":"signature"`},
		{"another key", "kominfo", now, one, "kunci lain", 401, `"error":"signature"`},
		{"an old one", "kominfo", "1700000000", one, hookKey, 401, `"error":"time"`},
		{"no JSON", "kominfo", now, "[{", hookKey, 400, `"error":"body"`},
		{"too much", "kominfo", now, strings.Repeat(" ", 5000), hookKey, 413, `"error":"too_large"`},
	} {
		got := send(test.partner, test.stamp, test.body, test.key)
		if got.status != test.status || !strings.Contains(got.body, test.want) || len(got.header.Values("Set-Cookie")) != 0 {
			t.Errorf("%s: status %d: %s", test.name, got.status, got.body)
		}
	}
	if posts := q.sent(); len(posts) != 1 || posts[0].Source != "hook-kominfo" {
		t.Errorf("%+v", posts)
	}
	if got := v.do(http.MethodPost, "/hooks/posts", strings.NewReader(one), http.Header{"Sec-Fetch-Site": {"cross-site"}}); got.status != http.StatusForbidden {
		t.Errorf("from a browser on another site: status %d", got.status)
	}
}

func TestWhatIsClosedIsNotThere(t *testing.T) {
	without := newSite(t, options{data: newStore(t, nil)})
	closed := captureSite(t, &road{}, func(c *capture.Configuration) { c.Tips.Enabled, c.Hooks.Partners = false, nil })
	for name, test := range map[string]struct {
		v     *visitor
		paths map[string]int
	}{
		"no desk": {without.loggedIn(), map[string]int{"/capture": 404, "/tips": 404, "/lapor": 404}},
		"closed":  {closed.loggedIn(), map[string]int{"/capture": 200, "/tips": 200, "/lapor": 404}},
	} {
		for path, want := range test.paths {
			if got := test.v.get(path); got.status != want {
				t.Errorf("%s: %s: status %d, want %d", name, path, got.status, want)
			}
		}
		if got := test.v.do(http.MethodPost, "/hooks/posts", strings.NewReader("{}"), nil); got.status != http.StatusNotFound {
			t.Errorf("%s: hook: status %d", name, got.status)
		}
	}
	if strings.Contains(without.loggedIn().get("/queue").body, `href="/tips"`) {
		t.Error("the navigation leads to pages that are not there")
	}
}

func TestHostileLinksAreShownAsText(t *testing.T) {
	s := captureSite(t, &road{}, nil)
	v := s.loggedIn()
	for _, link := range []string{"javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "http://169.254.169.254/latest/meta-data", "https://a.example/\"><script>alert(1)</script>", "file:///etc/passwd"} {
		got := v.submit("/capture", "/capture", url.Values{"link": {link}, "text": {"x"}, "do": {"tip"}})
		if got.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", link, got.status)
		}
	}
	for number := 1; number <= 5; number++ {
		got := v.get("/tips/" + strconv.Itoa(number))
		body := strings.ToLower(got.body)
		if got.status != http.StatusOK || strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript:`) || strings.Contains(body, `href="data:`) ||
			strings.Contains(body, `href="http://169`) || strings.Contains(body, `href="file:`) || strings.Contains(body, `href="https://a.example`) {
			t.Errorf("tip %d: status %d: %s", number, got.status, got.body)
		}
	}
}
