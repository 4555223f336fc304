package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

func texts(items []collect.Item) []string {
	var all []string
	for _, item := range items {
		if item.Err != nil {
			all = append(all, "! "+string(item.Err.Cause))
			continue
		}
		all = append(all, item.Post.Text)
	}
	return all
}

func TestKindsAreToldApart(t *testing.T) {
	s := serve(t)
	other := map[string]any{"id": "7", "account": map[string]any{"id": "8"}, "content": "<p>pilih nomor 1</p>", "url": "https://lain.id/@ani/7", "spoiler_text": "awas"}
	s.add(1, "<p>halo &amp; <b>salam</b></p><p>baris dua</p>", map[string]any{"spoiler_text": "politik"})
	replied := s.add(2, `<p><span class="h-card"><a href="https://lain.id/@ani">@<span>ani</span></a></span> setuju</p>`, map[string]any{"in_reply_to_id": "777"})
	s.add(3, "", map[string]any{"reblog": other})
	s.add(4, `<p class="quote-inline">RE: <a href="https://lain.id/@ani/7">https://lain.id/@ani/7</a></p><p>benar</p>`, map[string]any{"quote": map[string]any{"state": "accepted", "quoted_status": other}})
	s.add(5, "<p>hilang</p>", map[string]any{"quote": map[string]any{"state": "revoked", "quoted_status": nil}})
	s.add(6, "<p>lama</p>", map[string]any{"quote": other})
	s.add(7, "", map[string]any{"media_attachments": []any{
		map[string]any{"type": "image", "url": "https://files.contoh.id/a.jpg", "description": "dua jari"},
		map[string]any{"type": "gifv", "url": "https://files.contoh.id/b.mp4", "description": nil},
		map[string]any{"type": "unknown", "url": nil, "remote_url": "https://lain.id/c.bin"},
		map[string]any{"type": "image", "url": "javascript:alert(1)"},
	}})
	s.add(8, "<p>siapa?</p>", map[string]any{"poll": map[string]any{"options": []any{map[string]any{"title": "nomor 1"}, map[string]any{"title": "nomor 2"}}}})
	s.add(9, "<p>rahasia</p>", map[string]any{"visibility": "private"})

	sink, result, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Kind         post.Kind
		Text, Quoted string
	}
	var got []row
	for _, item := range sink.Items() {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		p := item.Post
		if err := p.Validate(time.Now()); err != nil {
			t.Error(err)
		}
		if p.Key() != "mastodon:42" || p.Account.Handle != "@budi@contoh.id" || p.Account.Name != "Budi S." || len(p.RawSHA256) != 64 || p.URL == "" {
			t.Errorf("post %+v", p)
		}
		got = append(got, row{p.Kind, p.Text, p.Quoted})
	}
	want := []row{
		{post.KindPost, "politik\n\nhalo & salam\nbaris dua", ""},
		{post.KindReply, "@ani setuju", ""},
		{post.KindRepost, "", "awas\n\npilih nomor 1"},
		{post.KindQuote, "benar", "awas\n\npilih nomor 1"},
		{post.KindQuote, "hilang", ""},
		{post.KindQuote, "lama", "awas\n\npilih nomor 1"},
		{post.KindPost, "", ""},
		{post.KindPost, "siapa?\n\n- nomor 1\n- nomor 2", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	items := sink.Items()
	if got, want := items[1].Post.ID, "mastodon:contoh.id/"+replied; got != want || items[1].Post.InReplyTo != "mastodon:contoh.id/777" {
		t.Errorf("id %q in reply to %q, want %q", got, items[1].Post.InReplyTo, want)
	}
	if !items[0].Post.CreatedAt.Equal(start.Add(time.Minute)) {
		t.Errorf("created_at %s", items[0].Post.CreatedAt)
	}
	media := []post.Media{{Type: "image", URL: "https://files.contoh.id/a.jpg", Alt: "dua jari"}, {Type: "video", URL: "https://files.contoh.id/b.mp4"}, {Type: "link", URL: "https://lain.id/c.bin"}}
	if diff := cmp.Diff(media, items[6].Post.Media); diff != "" {
		t.Error(diff)
	}
	if result.Handle != "@budi@contoh.id" || len(sink.Limits()) == 0 || len(sink.Units()) != len(s.asked()) {
		t.Errorf("%+v, %d limits, %d of %d requests waited", result, len(sink.Limits()), len(sink.Units()), len(s.asked()))
	}
}

func TestPagesAreReadOldestFirstAndOnlyOnce(t *testing.T) {
	s := serve(t)
	var want []string
	for n := range 100 {
		want = append(want, fmt.Sprint("nomor ", n))
		s.add(n, "<p>"+want[n]+"</p>", nil)
	}
	source := sourceOf(t, s, nil)
	sink, _, err := visitOnce(t, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	again, _, err := visitOnce(t, source, sink.Cursor())
	if err != nil || len(again.Items()) != 0 {
		t.Errorf("%v, %v", err, texts(again.Items()))
	}
	s.add(200, "<p>baru</p>", nil)
	again, _, err = visitOnce(t, source, sink.Cursor())
	if diff := cmp.Diff([]string{"baru"}, texts(again.Items())); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAStopInTheMiddleOfPagingLosesNothing(t *testing.T) {
	s := serve(t)
	var want []string
	for n := range 130 {
		want = append(want, fmt.Sprint("nomor ", n))
		s.add(n, "<p>"+want[n]+"</p>", nil)
	}
	source := sourceOf(t, s, func(c *Configuration) { c.MaxPages = 2 })
	var got []string
	var cursor collect.Cursor
	for visits := 0; ; visits++ {
		emitted := 0
		sink := &collecttest.Sink{Refuse: func(collect.Page) error {
			if emitted++; emitted > 1 && visits%2 == 0 {
				return errors.New("killed")
			}
			return nil
		}}
		result, err := source.Collect(t.Context(), collect.Target{ID: budi.ID, Owner: budi}, cursor, sink)
		got = append(got, texts(sink.Items())...)
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		if err == nil && result.Next == 0 {
			break
		}
		if visits > 20 {
			t.Fatal("it never ends")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEditedStatusesAreSeenAgain(t *testing.T) {
	s := serve(t)
	s.add(1, "<p>satu</p>", nil)
	s.add(2, "<p>dua</p>", nil)
	source := sourceOf(t, s, nil)
	source.cfg.Recheck = time.Nanosecond
	sink, _, err := visitOnce(t, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.statuses[0]["content"], s.statuses[0]["edited_at"] = "<p>satu, disunting</p>", "2026-01-01T00:00:00.000Z"
	again, _, err := visitOnce(t, source, sink.Cursor())
	if diff := cmp.Diff([]string{"satu, disunting"}, texts(again.Items())); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if again.Items()[0].Post.ID != sink.Items()[0].Post.ID {
		t.Error("an edited status has another id")
	}
}

func TestTheFirstVisitGoesBackSoFar(t *testing.T) {
	s := serve(t)
	s.add(-100*60, "<p>lama</p>", nil)
	s.add(1, "<p>baru</p>", nil)
	sink, _, err := visitOnce(t, sourceOf(t, s, func(c *Configuration) { c.History = 72 * time.Hour }), nil)
	if diff := cmp.Diff([]string{"baru"}, texts(sink.Items())); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAPeriodIsBackfilled(t *testing.T) {
	s := serve(t)
	for n := range 100 {
		s.add(n, fmt.Sprint("<p>", n, "</p>"), nil)
	}
	source := sourceOf(t, s, nil)
	period := collect.Period{From: start.Add(10 * time.Minute), Until: start.Add(13 * time.Minute)}
	sink := &collecttest.Sink{}
	if _, err := source.Backfill(t.Context(), collect.Target{ID: budi.ID, Owner: budi}, period, nil, sink); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10", "11", "12"}, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	asked := len(s.asked())
	if _, err := source.Backfill(t.Context(), collect.Target{ID: budi.ID, Owner: budi}, period, sink.Cursor(), sink); err != nil || len(s.asked()) != asked {
		t.Errorf("a backfill that is complete asks again: %v", err)
	}
}

func TestAnInstanceWithOtherIDsIsReadFromTheNewestOn(t *testing.T) {
	s := serve(t)
	for n := range 3 {
		s.add(n, fmt.Sprint("<p>", n, "</p>"), map[string]any{"id": fmt.Sprintf("01HX0000000000000000000%03d", n)})
	}
	source := sourceOf(t, s, nil)
	sink, _, err := visitOnce(t, source, nil)
	if diff := cmp.Diff([]string{"0", "1", "2"}, texts(sink.Items())); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	s.add(9, "<p>3</p>", map[string]any{"id": "01HX0000000000000000000009"})
	again, _, err := visitOnce(t, source, sink.Cursor())
	if diff := cmp.Diff([]string{"3"}, texts(again.Items())); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestWhatBecameOfAccountsIsSaid(t *testing.T) {
	tests := map[string]struct {
		change func(s *server)
		kind   collect.Kind
		handle string
	}{
		"deleted":               {func(s *server) { delete(s.accounts, "budi") }, collect.KindGone, ""},
		"suspended":             {func(s *server) { s.accounts["budi"]["suspended"] = true }, collect.KindSuspended, ""},
		"moved":                 {func(s *server) { s.accounts["budi"]["moved"] = map[string]any{"id": "5", "acct": "budi@baru.id"} }, collect.KindRenamed, "@budi@baru.id"},
		"of somebody else now":  {func(s *server) { s.accounts["budi"]["id"] = "31337" }, collect.KindRenamed, ""},
		"for applications only": {func(s *server) { s.token = "x" }, collect.KindRefused, ""},
		"another account":       {func(s *server) { s.accounts["budi"]["acct"] = "ani" }, collect.KindMalformed, ""},
		"410": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusGone); return true }
		}, collect.KindSuspended, ""},
		"429": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				refuse(w, http.StatusTooManyRequests, "Too many requests")
				return true
			}
		}, collect.KindRateLimited, ""},
		"a server that moves": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusNotFound)
				fmt.Fprint(w, "<html>nginx</html>")
				return true
			}
		}, collect.KindTemporary, ""},
		"a page": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, "<html>")
				return true
			}
		}, collect.KindMalformed, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.add(1, "<p>satu</p>", nil)
			source := sourceOf(t, s, nil)
			source.cfg.Recheck = time.Nanosecond
			sink, _, err := visitOnce(t, source, nil)
			if err != nil {
				t.Fatal(err)
			}
			test.change(s)
			_, _, err = visitOnce(t, source, sink.Cursor())
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || typed.Handle != test.handle {
				t.Errorf("got %v (handle %q), want kind %s, handle %q", err, typed.Handle, test.kind, test.handle)
			}
			if test.kind == collect.KindRateLimited && (typed.RetryAfter < 4*time.Minute || typed.RetryAfter > 5*time.Minute) {
				t.Errorf("retry after %s", typed.RetryAfter)
			}
		})
	}
}

func TestAMovedAccountIsCollectedFirst(t *testing.T) {
	s := serve(t)
	s.add(1, "<p>selamat tinggal</p>", nil)
	s.accounts["budi"]["moved"] = map[string]any{"id": "5", "acct": "budi@baru.id"}
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if len(sink.Items()) != 1 || err == nil {
		t.Errorf("%d items, %v", len(sink.Items()), err)
	}
}

func TestStatusesThatAreNone(t *testing.T) {
	s := serve(t)
	s.add(1, "<p>sah</p>", nil)
	s.add(2, "x", map[string]any{"content": map[string]any{"deep": true}})
	s.add(3, "x", map[string]any{"created_at": "kemarin"})
	s.add(4, "<p>orang lain</p>", map[string]any{"account": map[string]any{"id": "666", "acct": "ani"}})
	s.add(5, "<p>sah juga<script>x()</script></p>", map[string]any{"media_attachments": nil, "quote": "aneh"})
	s.add(6, "<p>masa depan</p>", map[string]any{"id": "99999999999999999999"})
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sah", "! malformed", "! no_date", "! malformed", "sah juga", "masa depan"}, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	if len(sink.Items()[3].Raw) != 0 {
		t.Error("what a stranger wrote is kept")
	}
	if strings.Contains(string(sink.Cursor()), "99999999999999999999") {
		t.Errorf("cursor %s ends all collecting", sink.Cursor())
	}
}

func TestHostileAnswers(t *testing.T) {
	tests := map[string]string{
		"deep":      strings.Repeat("[", 200_000),
		"no list":   `{"id":"1"}`,
		"truncated": `[{"id":"1"`,
		"no ids":    `[1,2,3]`,
		"huge":      `["` + strings.Repeat("x", 3<<20) + `"]`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/statuses") {
					return false
				}
				fmt.Fprint(w, body)
				return true
			}
			_, _, err := visitOnce(t, sourceOf(t, s, func(c *Configuration) { c.Fetch.MaxBodyBytes = 1 << 20 }), nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != collect.KindMalformed {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLinksAreNotFollowedElsewhere(t *testing.T) {
	s := serve(t)
	for n := range 50 {
		s.add(n, fmt.Sprint("<p>", n, "</p>"), nil)
	}
	s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Add("Link", `<http://169.254.169.254/latest?min_id=1>; rel="prev"`)
		return false
	}
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil || len(sink.Items()) != 50 {
		t.Errorf("%d items, %v", len(sink.Items()), err)
	}
}

func TestTheTokenIsSentAndNotShown(t *testing.T) {
	s := serve(t)
	s.token = "rahasia-sekali"
	s.add(1, "<p>satu</p>", nil)
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(s.token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	source := sourceOf(t, s, func(c *Configuration) { c.Instances[0].Token = secret.Token{TokenFile: path} })
	sink, _, err := visitOnce(t, source, nil)
	if err != nil || len(sink.Items()) != 1 {
		t.Fatal(err)
	}
	s.intercept = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	if _, _, err = visitOnce(t, source, nil); err == nil || strings.Contains(err.Error(), s.token) {
		t.Errorf("error %v", err)
	}
}

func TestHomes(t *testing.T) {
	s := serve(t)
	one := sourceOf(t, s, nil)
	two := sourceOf(t, s, func(c *Configuration) { c.Instances = append(c.Instances, Instance{Domain: "Lain.id", BaseURL: s.URL}) })
	tests := map[string]struct {
		source     *Source
		id, handle string
		want       string
	}{
		"handle":             {two, "42", "@budi@contoh.id", "@budi@contoh.id"},
		"case":               {two, "42", "@budi@CONTOH.id", "@budi@contoh.id"},
		"id is a handle":     {two, "budi@lain.id", "", "@budi@lain.id"},
		"id is an address":   {two, "https://lain.id/@budi", "", "@budi@lain.id"},
		"only one instance":  {one, "42", "@budi", "@budi@contoh.id"},
		"only an id":         {one, nativeID, "", "account " + nativeID + " of contoh.id"},
		"unknown instance":   {two, "42", "@budi@jauh.id", "not configured"},
		"which of instances": {two, "42", "@budi", "does not say which instance"},
		"no path tricks":     {one, "../../x", "@../../x@contoh.id", "only its id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h, err := test.source.homeOf(collect.Account{ID: test.id, Handle: test.handle})
			got := fmt.Sprint(err)
			if err == nil {
				got = h.String()
			}
			if name != "no path tricks" && !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if name == "no path tricks" && err == nil && h.id != "" {
				t.Errorf("home %+v", h)
			}
		})
	}
	targets, err := two.Targets(t.Context())
	want := []collect.Target{{ID: "42", Account: "mastodon:42", Owner: budi, Host: "contoh.id"}}
	if diff := cmp.Diff(want, targets); diff != "" || err != nil {
		t.Error(diff, err)
	}
	sink := &collecttest.Sink{}
	s.add(1, "<p>satu</p>", nil)
	for _, handle := range []string{"@budi", "@budi@CONTOH.id", "https://contoh.id/@budi"} {
		owner := collect.Account{ID: "42", Handle: handle}
		result, err := one.Collect(t.Context(), collect.Target{ID: "42", Owner: owner}, nil, &collecttest.Sink{})
		if err != nil || result.Handle != handle {
			t.Errorf("%s is shown as %q, %v", handle, result.Handle, err)
		}
	}
	_, err = one.Collect(context.Background(), collect.Target{ID: nativeID, Owner: collect.Account{ID: nativeID}}, nil, sink)
	if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Key() != "mastodon:"+nativeID {
		t.Errorf("by id alone: %v", err)
	}
}

func TestACollectorThatIsKilledLosesNothing(t *testing.T) {
	s := serve(t)
	want := map[string]bool{}
	for n := range 200 {
		want["mastodon:contoh.id/"+s.add(n, fmt.Sprint("<p>", n, "</p>"), nil)+" 1"] = true
	}
	got := collecttest.Killed(t, func() collect.Schedule {
		return collect.Schedule{Source: sourceOf(t, s, nil), Interval: time.Second}
	}, len(want))
	for id := range got {
		if !want[id] {
			t.Errorf("%s came, which is none or a second content", id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d posts, want %d", len(got), len(want))
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := Configuration{Instances: []Instance{{Domain: "https://x"}, {Domain: "a.id"}, {Domain: "A.id", BaseURL: "ftp://x"}, {Domain: "b.id", Token: secret.Token{TokenEnv: "X", TokenFile: "y"}}}}.WithDefaults()
	cfg.Recheck, cfg.History, cfg.MaxPages, cfg.Fetch.BaseURL = 1, 1, -1, "https://x"
	err := cfg.Validate("s.mastodon")
	for _, key := range []string{"instances[0].domain", "instances[2].domain", "instances[2].base_url", "instances[3].token_file", "recheck", "history", "max_pages", "fetch.base_url"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.mastodon.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
	empty := Configuration{}.WithDefaults()
	if err := empty.Validate("m"); err == nil || !strings.Contains(err.Error(), "m.instances") {
		t.Error(err)
	}
}

func FuzzStatus(f *testing.F) {
	f.Add(`{"id":"1","account":{"id":"109876"},"created_at":"2024-11-20T08:00:00+07:00","content":"<p>a</p>","reblog":{"content":"b"},"quote":{"state":"accepted","quoted_status":{"content":"c"}}}`)
	f.Add(`{"id":"1","account":{"id":"109876"},"created_at":"2024-11-20T08:00:00Z","quote":{"content":"c"},"poll":{"options":[{"title":"x"}]}}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, raw string) {
		r := reader{domain: "contoh.id", owner: budi, native: nativeID}
		item, ok := r.item([]byte(raw))
		if ok && item.Err == nil && (item.Post.Account.ID != budi.ID || item.Post.ID == "" || item.Post.Kind == post.KindRepost && item.Post.Text != "") {
			t.Errorf("post %+v", item.Post)
		}
	})
}
