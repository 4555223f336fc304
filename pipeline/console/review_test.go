package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/review"
)

// decide opens an item and decides on it, as a browser without scripts does.
func (v *visitor) decide(id, do string, fields url.Values) answer {
	v.t.Helper()
	path := "/items/" + url.PathEscape(id)
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("do", do)
	return v.submit(path, path+"/decide", fields)
}

// as logs somebody in.
func (s *site) as(name string) *visitor {
	s.t.Helper()
	v := s.visit()
	if got := v.login(name, secret); got.status != http.StatusSeeOther {
		s.t.Fatalf("%s: log in: status %d", name, got.status)
	}
	return v
}

// reviewed is a console with people and posts.
func reviewed(t *testing.T, change func(*review.Configuration)) *site {
	t.Helper()
	s := newSite(t, options{stored: append(append(flags(), manyFlags(40)...), copies(5)...), review: change})
	s.addPeople()
	return s
}

func TestPagingWalksTheQueueOnce(t *testing.T) {
	s := newSite(t, options{stored: append(flags(), manyFlags(40)...), change: func(c *console.Configuration, _ *console.Dependencies) { c.PageSize = 10 }})
	v := s.loggedIn()
	link := regexp.MustCompile(`<a href="(/items/[^"?]+)[^"]*" data-row>`)
	more := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	for _, sort := range []string{"urgency", "newest", "oldest", "due"} {
		seen := map[string]int{}
		path := "/queue?from=2024-11-01&sort=" + sort
		for range 10 {
			body := v.get(path).body
			for _, m := range link.FindAllStringSubmatch(body, -1) {
				seen[m[1]]++
			}
			next := more.FindStringSubmatch(body)
			if next == nil {
				break
			}
			path = strings.ReplaceAll(next[1], "&amp;", "&")
		}
		if len(seen) != 47 {
			t.Errorf("%s: %d items on all pages, want 47", sort, len(seen))
		}
		for item, times := range seen {
			if times != 1 {
				t.Errorf("%s: %s is there %d times", sort, item, times)
			}
		}
	}
	if got := v.get("/queue?after=nonsense"); got.status != 200 || !strings.Contains(got.body, "tidak berlaku lagi") {
		t.Errorf("a bad cursor: status %d", got.status)
	}
}

func TestEveryTextOfThePagesHasWords(t *testing.T) {
	s := reviewed(t, func(c *review.Configuration) { c.SecondConfirmed = true })
	andi, budi, rina := s.as("andi"), s.as("budi"), s.loggedIn()
	andi.decide("mastodon:1093", "violation", nil)
	budi.decide("mastodon:1093", "no_violation:report", nil)
	andi.decide("facebook:55102", "unsure", nil)
	key := regexp.MustCompile(`\b(queue|item|bulk|decide|law|keys|due|cause|status|history|copies|others|assign|undo|round|verdict|posts|post|problem|expired)\.[a-z_]+(\.[a-z_]+)*\b`)
	for _, v := range []*visitor{andi, budi, rina} {
		for _, path := range []string{
			"/queue", "/queue?status=all&q=a&holder=me&assignee=me&lists=x&rule=x&account=x", "/queue?status=conflict", "/queue?status=done",
			"/items/mastodon:1093", "/items/facebook:55102", "/items/youtube:copy-1", "/items/x:90210?lang=en", "/queue?lang=en", "/queue?lang=id",
		} {
			for _, found := range key.FindAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(v.get(path).body, " "), -1) {
				if !strings.HasPrefix(found, "post.i") {
					t.Errorf("%s: the key %s has no words", path, found)
				}
			}
		}
	}
}

func TestADecisionGoesOnToTheNextItemAndBack(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	got := v.decide("mastodon:1093", "no_violation:denial", url.Values{"note": {"bantahan yang jelas"}})
	next := got.header.Get("Location")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(next, "/items/") || strings.Contains(next, "1093") {
		t.Fatalf("status %d, sent to %s", got.status, next)
	}
	page := v.get(next).body
	if !strings.Contains(page, "Bukan pelanggaran (Bantahan atau penolakan)") || !strings.Contains(page, `data-done="mastodon:1093"`) {
		t.Error("the next page does not say what was done")
	}
	undo := regexp.MustCompile(`<form method="post" action="(/queue/undo[^"]*)".*?name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if undo == nil {
		t.Fatal("there is no way back")
	}
	got = v.submit(next, undo[1], url.Values{"id": {undo[2]}})
	if to := got.header.Get("Location"); got.status != http.StatusSeeOther || to != "/items/mastodon:1093" {
		t.Errorf("undo: status %d, sent to %s", got.status, to)
	}
	if body := v.get("/items/mastodon:1093").body; !strings.Contains(body, "Keputusan ditarik kembali") || !strings.Contains(body, "bantahan yang jelas") {
		t.Error("the history does not tell of both")
	}
	if got := v.submit("/items/mastodon:1093", undo[1], url.Values{"id": {undo[2]}}); got.status != http.StatusSeeOther {
		t.Errorf("a second undo: status %d", got.status)
	}
	if body := v.get("/queue").body; !strings.Contains(body, "tidak dapat ditarik lagi") {
		t.Error("a second undo is not refused in words")
	}
}

func TestWhatIsMissingIsToldAndTheNoteStays(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	long := strings.Repeat("panjang ", 700)
	tests := map[string]struct {
		do     string
		fields url.Values
		status int
		says   string
	}{
		"no verdict":                    {"", nil, 422, "Pilih keputusan"},
		"an unknown verdict":            {"hapus", nil, 422, "Pilih keputusan"},
		"no cause":                      {"no_violation", nil, 422, "Pilih sebabnya"},
		"an unknown cause":              {"no_violation:malas", nil, 422, "Pilih sebabnya"},
		"no rule":                       {"violation", url.Values{"rule": {""}}, 422, "Pilih aturan"},
		"an unknown rule":               {"violation", url.Values{"rule": {"XX-1"}}, 422, "Pilih aturan"},
		"a duplicate of none":           {"duplicate", url.Values{"same": {""}}, 422, "yang sama"},
		"a duplicate of itself":         {"duplicate", url.Values{"same": {"mastodon:1093"}}, 409, "belum dapat diterima"},
		"a duplicate of an unknown one": {"duplicate", url.Values{"same": {"x:none"}}, 409, "belum dapat diterima"},
		"a long note":                   {"unsure", url.Values{"note": {long}}, 422, "terlalu panjang"},
		"another revision":              {"unsure", url.Values{"revision": {"99"}}, 409, "sudah berubah"},
		"no revision":                   {"unsure", url.Values{"revision": {"satu"}}, 409, "belum dapat diterima"},
	}
	for name, test := range tests {
		fields := url.Values{"note": {"catatan saya"}}
		for key, values := range test.fields {
			fields[key] = values
		}
		if test.do == "violation" && fields.Get("rule") == "" {
			fields.Set("rule", test.fields.Get("rule"))
		}
		got := v.decide("mastodon:1093", test.do, fields)
		if got.status != test.status || !strings.Contains(got.body, test.says) {
			t.Errorf("%s: status %d, want %d and %q", name, got.status, test.status, test.says)
		}
		if name != "a long note" && !strings.Contains(got.body, "catatan saya</textarea>") {
			t.Errorf("%s: the note is lost", name)
		}
		checkMarkup(t, name, got.body)
	}
}

func TestScriptsGetThePartAlone(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	form := url.Values{"do": {"violation"}, "rule": {"DS-6"}}
	for _, field := range hidden.FindAllStringSubmatch(v.get("/items/mastodon:1093").body, -1) {
		form.Set(field[1], field[2])
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Hx-Request": {"true"}}
	got := v.do("POST", "/items/mastodon:1093/decide", strings.NewReader(form.Encode()), header)
	if got.status != 200 || strings.Contains(got.body, "<html") || !strings.Contains(got.body, "Dugaan pelanggaran (DS-6)") || !strings.Contains(got.body, "/queue/undo") {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	got = v.do("POST", "/items/mastodon:1093/decide", strings.NewReader(form.Encode()), header)
	if got.status != http.StatusConflict || strings.Contains(got.body, "<html") || !strings.Contains(got.body, "sudah berubah") {
		t.Errorf("again: status %d: %s", got.status, got.body)
	}
	form.Set("peek", "1")
	got = v.do("POST", "/items/mastodon:1093/next?q=tidakadasamasekali", strings.NewReader(form.Encode()), header)
	if got.status != http.StatusNoContent {
		t.Errorf("nothing next: status %d", got.status)
	}
}

func TestALookAheadDoesNotStartTheClock(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	if page := v.get("/items/mastodon:1093?peek=1").body; !strings.Contains(page, "Belum dibuka") || !strings.Contains(page, "data-peek") {
		t.Error("a look ahead has started the clock")
	}
	oka := s.as("oka")
	if page := oka.get("/items/mastodon:1093").body; !strings.Contains(page, "Belum dibuka") {
		t.Error("an operator who only reads has started the clock")
	}
	got := v.submit("/items/mastodon:1093?peek=1", "/items/mastodon:1093/open", nil)
	if got.status != 200 || !strings.Contains(got.body, "Sisa 7 hari") || strings.Contains(got.body, "<html") {
		t.Errorf("open: status %d: %s", got.status, got.body)
	}
}

func TestBulkGivesEachItemItsOwnRule(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	picks := regexp.MustCompile(`name="id" value="(\d+\|[^"]+)"`).FindAllStringSubmatch(v.get("/queue").body, -1)
	ids := url.Values{"do": {"violation"}, "note": {"bersama"}}
	for _, pick := range picks[:6] {
		ids.Add("id", pick[1])
	}
	ids.Add("id", "nonsense")
	if got := v.submit("/queue", "/queue/bulk", ids); got.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	if body := v.get("/queue").body; !strings.Contains(body, "Tersimpan untuk 6 unggahan") {
		t.Error("it does not say that six were decided")
	}
	if got := v.submit("/queue", "/queue/bulk", ids); got.status != http.StatusSeeOther {
		t.Errorf("again: status %d", got.status)
	}
	if body := v.get("/queue").body; !strings.Contains(body, "sudah berubah") {
		t.Error("a second time is not refused in words")
	}
}

func TestABulkDecisionReachesNoOtherRegion(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("kalbar")
	got := v.submit("/queue", "/queue/bulk", url.Values{"do": {"no_violation:other"}, "id": {"1|facebook:55102"}})
	if got.status != http.StatusSeeOther {
		t.Errorf("status %d", got.status)
	}
	if body := v.get("/queue").body; !strings.Contains(body, "tidak ditemukan") {
		t.Error("it is not refused in words")
	}
	if body := s.as("andi").get("/items/facebook:55102").body; !strings.Contains(body, "Belum ada keputusan") {
		t.Error("the other region's item was decided on")
	}
}

func TestAnalystsAssignNobody(t *testing.T) {
	s := reviewed(t, nil)
	v := s.as("andi")
	got := v.submit("/queue", "/queue/bulk", url.Values{"do": {"assign"}, "to": {"budi"}, "id": {"1|facebook:55102"}})
	if got.status != http.StatusSeeOther || !strings.Contains(v.get("/queue").body, "tidak dapat melakukan ini") {
		t.Errorf("status %d", got.status)
	}
	if strings.Contains(v.get("/items/facebook:55102").body, "Tugaskan") {
		t.Error("an analyst is offered to assign")
	}
}

func TestTheClockTellsTheDaysLeft(t *testing.T) {
	now := at(24, 12, 0)
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) {
		d.Now = func() time.Time { return now }
		c.Session.Idle, c.Session.Lifetime = 1000*time.Hour, 2000*time.Hour
	}})
	s.add(state.NewUser{Name: "andi", Role: access.Analyst, Password: secret})
	v := s.as("andi")
	for _, step := range []struct {
		after time.Duration
		says  string
	}{
		{0, "Sisa 7 hari"}, {4 * 24 * time.Hour, "Sisa 3 hari"}, {6 * 24 * time.Hour, "Sisa 1 hari"}, {7*24*time.Hour - 3*time.Hour, "Sisa 3 jam"},
		{7*24*time.Hour + time.Hour, "Lewat tenggat"}, {9 * 24 * time.Hour, "Lewat 2 hari"},
	} {
		now = at(24, 12, 0).Add(step.after)
		if page := v.get("/items/mastodon:1093").body; !strings.Contains(page, step.says) {
			t.Errorf("after %s it does not say %q", step.after, step.says)
		}
	}
}
