package bluesky

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/post"
)

func image1(alt string) map[string]any {
	return map[string]any{"alt": alt, "image": map[string]any{"$type": "blob", "ref": map[string]any{"$link": cid}, "mimeType": "image/jpeg", "size": 1}}
}

// strongRef names a post of ani's.
func strongRef(minute int) map[string]any {
	return map[string]any{"uri": "at://" + aniDID + "/" + collectionPost + "/" + key(minute), "cid": cid}
}

// everything fills the feed and the stream with the same posts, one of each
// kind.
func everything(s *server) {
	ani := viewOf(aniDID, 0, recordOf(0, "pilih nomor 1", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.images", "images": []any{image1("satu jari")}}}), nil)
	ani["author"] = map[string]any{"did": aniDID, "handle": "ani.bsky.social"}
	s.posts[ani["uri"].(string)] = ani
	quotedView := map[string]any{"$type": "app.bsky.embed.record#viewRecord", "uri": ani["uri"], "author": ani["author"], "value": ani["record"]}
	both := func(minute int, record map[string]any, embed any) {
		s.add(map[string]any{"post": viewOf(budiDID, minute, record, embed)})
		s.tell(budiDID, collectionPost, minute, record)
	}
	both(1, recordOf(1, "halo <b>", map[string]any{"tags": []string{"pilkada", "#landak"}}), nil)
	both(2, recordOf(2, "setuju", map[string]any{"reply": map[string]any{"parent": strongRef(0), "root": strongRef(0)}}), nil)
	both(3, recordOf(3, "benar", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.record", "record": strongRef(0)}}),
		map[string]any{"$type": "app.bsky.embed.record#view", "record": quotedView})
	both(4, recordOf(4, "lihat", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.recordWithMedia", "record": map[string]any{"record": strongRef(0)}, "media": map[string]any{"images": []any{image1("dua jari")}}}}),
		map[string]any{"$type": "app.bsky.embed.recordWithMedia#view", "record": map[string]any{"record": quotedView}, "media": map[string]any{}})
	both(5, recordOf(5, "", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.video", "video": image1("")["image"], "alt": "pawai"}}), nil)
	both(6, recordOf(6, "", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.external", "external": map[string]any{"uri": "https://berita.example/1", "title": "Judul", "description": "x"}}}), nil)
	both(7, recordOf(7, "hilang", map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.record", "record": strongRef(999)}}),
		map[string]any{"$type": "app.bsky.embed.record#view", "record": map[string]any{"$type": "app.bsky.embed.record#viewNotFound", "uri": strongRef(999)["uri"], "notFound": true}})
	s.add(map[string]any{"post": ani, "reason": map[string]any{
		"$type": "app.bsky.feed.defs#reasonRepost", "by": map[string]any{"did": budiDID, "handle": "budi.bsky.social", "displayName": "Budi S."},
		"uri": "at://" + budiDID + "/" + collectionRepost + "/" + key(8), "indexedAt": isoOf(at(8).Add(2 * time.Second)),
	}})
	s.tell(budiDID, collectionRepost, 8, map[string]any{"$type": collectionRepost, "subject": strongRef(0), "createdAt": isoOf(at(8))})
}

// content is what must be the same wherever a post is seen.
type content struct {
	ID                       string
	Kind                     post.Kind
	Text, Quoted, Reply, URL string
	Media                    []post.Media
	CreatedAt                time.Time
}

func contents(t *testing.T, items []collect.Item) []content {
	t.Helper()
	var all []content
	for _, item := range items {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		p := item.Post
		if err := p.Validate(time.Now()); err != nil {
			t.Error(err)
		}
		if p.Key() != "bluesky:"+budiDID || p.Account.Handle != "@budi.bsky.social" || len(p.RawSHA256) != 64 || !json.Valid(item.Raw) {
			t.Errorf("post %+v", p)
		}
		all = append(all, content{p.ID, p.Kind, p.Text, p.Quoted, p.InReplyTo, p.URL, p.Media, p.CreatedAt.UTC().Truncate(time.Second)})
	}
	return all
}

func wanted() []content {
	id := func(did, collection string, minute int) string {
		return "bluesky:" + did + "/" + collection + "/" + key(minute)
	}
	web := func(did string, minute int) string { return "https://bsky.app/profile/" + did + "/post/" + key(minute) }
	image := func(did, alt string) []post.Media {
		return []post.Media{{Type: "image", URL: "https://cdn.bsky.app/img/feed_fullsize/plain/" + did + "/" + cid + "@jpeg", Alt: alt}}
	}
	made := func(minute int, kind post.Kind, text, quoted string, media []post.Media) content {
		return content{id(budiDID, collectionPost, minute), kind, text, quoted, "", web(budiDID, minute), media, at(minute).UTC()}
	}
	all := []content{
		made(1, post.KindPost, "halo <b>\n\n#pilkada #landak", "", nil),
		made(2, post.KindReply, "setuju", "", nil),
		made(3, post.KindQuote, "benar", "pilih nomor 1", nil),
		made(4, post.KindQuote, "lihat", "pilih nomor 1", image(budiDID, "dua jari")),
		made(5, post.KindPost, "", "", []post.Media{{Type: "video", URL: "https://video.bsky.app/watch/did:plc:4uz2445cjiw7w4nobfgnu35f/" + cid + "/playlist.m3u8", Alt: "pawai"}}),
		made(6, post.KindPost, "", "", []post.Media{{Type: "link", URL: "https://berita.example/1", Alt: "Judul"}}),
		made(7, post.KindQuote, "hilang", "", nil),
		{id(budiDID, collectionRepost, 8), post.KindRepost, "", "pilih nomor 1", "", web(aniDID, 0), image(aniDID, "satu jari"), at(8).UTC()},
	}
	all[1].Reply = id(aniDID, collectionPost, 0)
	return all
}

func TestKindsAreToldApart(t *testing.T) {
	s := serve(t)
	everything(s)
	sink, result, err := visitOnce(t, sourceOf(t, s, nil), budi, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted(), contents(t, sink.Items())); diff != "" {
		t.Error(diff)
	}
	if result.Handle != "@budi.bsky.social" || sink.Items()[0].Post.Account.Name != "Budi S." || len(sink.Limits()) == 0 {
		t.Errorf("%+v", result)
	}
}

func TestAFeedIsReadDownToWhatWasSeen(t *testing.T) {
	s := serve(t)
	s.pageSize = 10
	want := map[string]int{}
	for n := range 35 {
		s.write(n*60, fmt.Sprint("pesan ", n))
		want[fmt.Sprint("pesan ", n)] = 1
	}
	source := sourceOf(t, s, func(c *Configuration) { c.Recheck = time.Hour })
	sink, _, err := visitOnce(t, source, budi, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, text := range texts(sink.Items()) {
		got[text]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	asked := len(s.asked("getAuthorFeed"))
	s.write(36*60, "baru")
	again, _, err := visitOnce(t, source, budi, sink.Cursor())
	if err != nil || !slices.Contains(texts(again.Items()), "baru") || len(again.Items()) > 3 || len(s.asked("getAuthorFeed")) != asked+1 {
		t.Error(texts(again.Items()), err)
	}
}

func TestAStopInTheMiddleOfPagingLosesNothing(t *testing.T) {
	s := serve(t)
	s.pageSize = 10
	want := map[string]int{}
	for n := range 95 {
		s.write(n, fmt.Sprint("pesan ", n))
		want[fmt.Sprint("pesan ", n)] = 1
	}
	source := sourceOf(t, s, func(c *Configuration) { c.MaxPages = 3 })
	got := map[string]int{}
	var cursor collect.Cursor
	for visits := 0; ; visits++ {
		if visits == 1 {
			s.write(500, "sela")
			want["sela"] = 1
		}
		pages := 0
		sink := &collecttest.Sink{Refuse: func(collect.Page) error {
			if pages++; pages > 1 && visits%2 == 0 && visits < 8 {
				return errors.New("killed")
			}
			return nil
		}}
		result, err := source.Collect(t.Context(), collect.Target{ID: budi.ID, Owner: budi}, cursor, sink)
		for _, text := range texts(sink.Items()) {
			got[text] = 1
		}
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		if err == nil && result.Next == 0 && visits > 8 {
			break
		}
		if visits > 60 {
			t.Fatal("it never ends")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAHandleIsFollowedByItsDID(t *testing.T) {
	s := serve(t)
	s.write(1, "satu")
	source := sourceOf(t, s, nil)
	byHandle := collect.Account{ID: "Budi.bsky.social"}
	sink, _, err := visitOnce(t, source, byHandle, nil)
	if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Account.ID != byHandle.ID {
		t.Fatal(texts(sink.Items()), err)
	}
	s.handle = "lain.bsky.social" // the old handle is nobody's now
	s.feed[0]["post"].(map[string]any)["author"].(map[string]any)["handle"] = "budi.baru.id"
	_, result, err := visitOnce(t, source, byHandle, sink.Cursor())
	if err != nil || result.Handle != "@budi.baru.id" || len(s.asked("resolveHandle")) != 1 {
		t.Errorf("%+v, %v, asked %v", result, err, s.asked("resolve"))
	}
	s.feed[0]["post"].(map[string]any)["author"].(map[string]any)["handle"] = "handle.invalid"
	if _, result, err = visitOnce(t, source, byHandle, sink.Cursor()); err != nil || result.Handle != "" {
		t.Errorf("%+v, %v", result, err)
	}
	if _, _, err = visitOnce(t, source, byHandle, nil); err == nil {
		t.Error("a handle of nobody is found")
	}
}

func TestWhatBecameOfAccountsIsSaid(t *testing.T) {
	says := func(status int, name, message string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { refuse(w, status, name, message) }
	}
	tests := map[string]struct {
		answer func(w http.ResponseWriter)
		owner  collect.Account
		kind   collect.Kind
	}{
		"taken down":  {says(400, "AccountTakedown", "Account has been suspended"), budi, collect.KindSuspended},
		"deactivated": {says(400, "AccountDeactivated", "Account is deactivated"), budi, collect.KindPrivate},
		"deleted":     {says(400, "InvalidRequest", "Profile not found"), budi, collect.KindGone},
		"no handle":   {says(400, "InvalidRequest", "Unable to resolve handle"), collect.Account{ID: "budi.id"}, collect.KindGone},
		"no id":       {says(200, "", ""), collect.Account{ID: "42", Handle: "@budi"}, collect.KindRefused},
		"bad request": {says(400, "InvalidRequest", "limit is wrong"), budi, collect.KindRefused},
		"too many":    {says(429, "RateLimitExceeded", "Rate Limit Exceeded"), budi, collect.KindRateLimited},
		"outage":      {says(502, "UpstreamFailure", ""), budi, collect.KindTemporary},
		"no JSON":     {func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") }, budi, collect.KindMalformed},
		"deep":        {func(w http.ResponseWriter) { fmt.Fprint(w, strings.Repeat(`{"feed":[`, 50_000)) }, budi, collect.KindMalformed},
		"wrong type":  {func(w http.ResponseWriter) { fmt.Fprint(w, `{"feed":{"post":1}}`) }, budi, collect.KindMalformed},
		"huge":        {func(w http.ResponseWriter) { fmt.Fprint(w, `{"cursor":"`+strings.Repeat("x", 3<<20)+`"}`) }, budi, collect.KindMalformed},
		"no DID":      {func(w http.ResponseWriter) { fmt.Fprint(w, `{"did":"../../x"}`) }, collect.Account{ID: "budi.id"}, collect.KindMalformed},
		"same page":   {func(w http.ResponseWriter) { fmt.Fprint(w, `{"cursor":"x","feed":[]}`) }, budi, collect.KindMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool { test.answer(w); return true }
			_, _, err := visitOnce(t, sourceOf(t, s, func(c *Configuration) { c.Fetch.MaxBodyBytes = 1 << 20 }), test.owner, nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind {
				t.Errorf("got %v, want kind %s", err, test.kind)
			}
		})
	}
}

func TestAForgottenPageTokenBeginsAgain(t *testing.T) {
	s := serve(t)
	s.pageSize = 10
	for n := range 25 {
		s.write(n, fmt.Sprint(n))
	}
	source := sourceOf(t, s, func(c *Configuration) { c.MaxPages = 1 })
	sink, _, err := visitOnce(t, source, budi, nil)
	if err != nil {
		t.Fatal(err)
	}
	refused := false
	s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if refused || r.URL.Query().Get("cursor") == "" {
			return false
		}
		refused = true
		refuse(w, http.StatusBadRequest, "InvalidRequest", "Malformed cursor")
		return true
	}
	again, _, err := visitOnce(t, source, budi, sink.Cursor())
	if err != nil || !refused || len(again.Items()) == 0 {
		t.Errorf("%v, refused %v, %d items", err, refused, len(again.Items()))
	}
}

func TestEntriesThatAreNone(t *testing.T) {
	s := serve(t)
	s.write(1, "sah")
	s.add(map[string]any{"post": viewOf(aniDID, 2, recordOf(2, "orang lain", nil), nil)})
	s.add(map[string]any{"post": viewOf(budiDID, 3, recordOf(3, "x", map[string]any{"text": 7}), nil)})
	odd := viewOf(budiDID, 4, recordOf(4, "x", nil), nil)
	odd["uri"] = "https://x.example"
	s.add(map[string]any{"post": odd})
	s.write(5, "sah juga")
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), budi, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sah", "! malformed", "! malformed", "! malformed", "sah juga"}, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	if len(sink.Items()[1].Raw) != 0 {
		t.Error("what a stranger wrote is kept")
	}
}

func TestDates(t *testing.T) {
	seen := time.Date(2024, 11, 20, 1, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		said string
		want string
	}{
		"as said":       {"2024-11-20T07:59:00+07:00", "2024-11-20T07:59:00+07:00"},
		"dated back":    {"2023-01-01T00:00:00Z", "2023-01-01T00:00:00Z"},
		"from 1970":     {"1970-01-01T00:00:00Z", "2024-11-20T01:00:00Z"},
		"dated forward": {"2024-11-20T01:00:01Z", "2024-11-20T01:00:00Z"},
		"nonsense":      {"kemarin", "2024-11-20T01:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := dateOf(test.said, seen)
			if err != nil || at.Format(time.RFC3339) != test.want {
				t.Errorf("got %s, %v, want %s", at.Format(time.RFC3339), err, test.want)
			}
		})
	}
	if _, err := dateOf("kemarin", time.Time{}); err == nil {
		t.Error("a date is made up")
	}
}

// TestACollectorThatIsKilledLosesNothing lets feed and stream bring the same
// posts at once.
func TestACollectorThatIsKilledLosesNothing(t *testing.T) {
	s := serve(t)
	s.pageSize, s.cut = 15, 40
	want := map[string]bool{}
	for n := range 120 {
		s.write(n, fmt.Sprint("pesan ", n))
		s.tell(budiDID, collectionPost, n, recordOf(n, fmt.Sprint("pesan ", n), nil))
		want["bluesky:"+budiDID+"/"+collectionPost+"/"+key(n)+" 1"] = true
	}
	got := collecttest.Killed(t, func() collect.Schedule {
		return collect.Schedule{Source: sourceOf(t, s, streaming), Interval: time.Second, Concurrency: 2}
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
	cfg := Configuration{History: 1, Recheck: 1, MaxPages: -1, Stream: Stream{URL: "https://x", Connections: 1000, Session: 1}}.WithDefaults()
	err := cfg.Validate("s.bluesky")
	for _, key := range []string{"history", "recheck", "max_pages", "stream.url", "stream.connections", "stream.session"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.bluesky.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}

func FuzzView(f *testing.F) {
	s := &server{posts: map[string]map[string]any{}}
	everything(s)
	for _, entry := range s.feed {
		data, err := json.Marshal(entry)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := reader{did: budiDID, owner: budi}
		item := r.view([]byte(raw))
		if item.Err == nil && (item.Post.Account.ID != budi.ID || item.Post.ID == "" || item.Post.CreatedAt.IsZero() || item.Post.Kind == post.KindRepost && item.Post.Text != "") {
			t.Errorf("post %+v", item.Post)
		}
	})
}
