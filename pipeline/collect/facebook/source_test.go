package facebook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/facebook"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/post"
)

const token = "EAABsecret0token"

var now = time.Now().Truncate(time.Second)

var page = collect.Account{ID: "1001", Handle: "@dinaslandak", Name: "Dinas Landak"}

func sourceOf(t *testing.T, server *platformtest.Facebook) *facebook.Source {
	t.Helper()
	server.Token = token
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	t.Setenv("FACEBOOK_TOKEN", token)
	var cfg facebook.Configuration
	cfg.TokenEnv, cfg.Fetch.BaseURL, cfg.Fetch.AllowPrivate, cfg.PageSize = "FACEBOOK_TOKEN", web.URL, true, 5
	cfg = cfg.WithDefaults()
	if err := cfg.Validate("facebook"); err != nil {
		t.Fatal(err)
	}
	s, err := facebook.New("halaman", cfg, collecttest.Accounts{"facebook": {page}}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func visit(t *testing.T, s *facebook.Source, cursor collect.Cursor) (*collecttest.Sink, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) != 1 || targets[0].Account != "facebook:1001" {
		t.Fatal(targets, err)
	}
	sink := &collecttest.Sink{}
	_, err = s.Collect(t.Context(), targets[0], cursor, sink)
	return sink, err
}

// entry is a post of so many minutes ago, with further members.
func entry(id string, minutes int, members string) platformtest.Entry {
	at := now.Add(-time.Duration(minutes) * time.Minute)
	if members != "" {
		members = "," + members
	}
	return platformtest.Entry{ID: id, At: at, JSON: fmt.Sprintf(`{"id":%q,"created_time":%q,"permalink_url":"https://www.facebook.com/%s","from":{"id":"1001","name":"Dinas Landak"}%s}`,
		id, at.Format("2006-01-02T15:04:05-0700"), id, members)}
}

func TestKindsAndTextsAreToldApart(t *testing.T) {
	tests := map[string]struct {
		members string
		want    post.Post
	}{
		"post": {`"message":"Dukung paslon 2 & menang"`, post.Post{Kind: post.KindPost, Text: "Dukung paslon 2 & menang"}},
		"share with a word": {`"message":"Setuju!","parent_id":"77_1","status_type":"shared_story","attachments":{"data":[{"type":"share","title":"Calon 2","description":"Mari coblos nomor 2","url":"https://www.facebook.com/77_1"}]}`,
			post.Post{Kind: post.KindQuote, Text: "Setuju!", Quoted: "Calon 2\n\nMari coblos nomor 2", Media: []post.Media{{Type: "link", URL: "https://www.facebook.com/77_1", Alt: "Calon 2"}}}},
		"share without a word": {`"parent_id":"77_1","story":"Dinas Landak shared a post.","attachments":{"data":[{"type":"photo","media_type":"photo","description":"Mari coblos","url":"https://www.facebook.com/77_1","media":{"image":{"src":"https://scontent.example/a.jpg?sig=1"}}}]}`,
			post.Post{Kind: post.KindRepost, Quoted: "Mari coblos", Media: []post.Media{{Type: "image", URL: "https://scontent.example/a.jpg?sig=1"}}}},
		"link": {`"message":"Baca","attachments":{"data":[{"type":"share","media_type":"link","title":"Judul berita","description":"Isi berita","url":"https://berita.example/1"}]}`,
			post.Post{Kind: post.KindPost, Text: "Baca", Quoted: "Judul berita\n\nIsi berita", Media: []post.Media{{Type: "link", URL: "https://berita.example/1", Alt: "Judul berita"}}}},
		"album, whose caption is its own": {`"message":"Rapat","attachments":{"data":[{"type":"album","media_type":"album","description":"Rapat","subattachments":{"data":[{"type":"photo","url":"https://fb.example/1","media":{"image":{"src":"https://cdn.example/1.jpg"}}},{"type":"video_inline","media_type":"video","url":"https://fb.example/2","media":{"source":"https://cdn.example/2.mp4"}}]}}]}`,
			post.Post{Kind: post.KindPost, Text: "Rapat", Media: []post.Media{{Type: "image", URL: "https://cdn.example/1.jpg"}, {Type: "video", URL: "https://cdn.example/2.mp4"}}}},
		"nothing but a story":     {`"story":"Dinas Landak updated their cover photo."`, post.Post{Kind: post.KindPost, Quoted: "Dinas Landak updated their cover photo."}},
		"address that is no page": {`"message":"x","attachments":{"data":[{"type":"photo","url":"javascript:alert(1)"}]}`, post.Post{Kind: post.KindPost, Text: "x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := &platformtest.Facebook{}
			server.Put("1001", entry("1001_5", 1, test.members))
			sink, err := visit(t, sourceOf(t, server), nil)
			if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Err != nil {
				t.Fatal(sink.Items(), err)
			}
			got := sink.Items()[0].Post
			if err := got.Validate(time.Now()); err != nil {
				t.Error(err)
			}
			if got.ID != "facebook:1001_5" || got.Key() != "facebook:1001" || got.URL != "https://www.facebook.com/1001_5" || len(got.RawSHA256) != 64 || !got.CreatedAt.Equal(now.Add(-time.Minute)) {
				t.Errorf("post %+v", got)
			}
			only := cmpopts.IgnoreFields(post.Post{}, "ID", "Platform", "Account", "URL", "CreatedAt", "RawSHA256")
			if diff := cmp.Diff(test.want, got, only); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ids(items []collect.Item) []string {
	var all []string
	for _, item := range items {
		all = append(all, item.Post.ID)
	}
	return all
}

func TestAWalkBrokenOffInTheMiddleLosesNothing(t *testing.T) {
	server := &platformtest.Facebook{}
	want := map[string]bool{}
	for n := range 23 {
		id := fmt.Sprintf("1001_%d", n)
		server.Put("1001", entry(id, 100-n, `"message":"x"`))
		want["facebook:"+id] = true
	}
	s := sourceOf(t, server)
	targets, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var cursor collect.Cursor
	got := map[string]int{}
	for range 10 { // each visit is killed after its first page
		sink := &collecttest.Sink{}
		sink.Refuse = func(collect.Page) error {
			if len(sink.Pages()) > 0 {
				return errors.New("killed")
			}
			return nil
		}
		_, err = s.Collect(t.Context(), targets[0], cursor, sink)
		for _, id := range ids(sink.Items()) {
			got[id]++
		}
		cursor = sink.Cursor()
		if err == nil {
			break
		}
		server.Delete("1001", "1001_10") // the place of a cursor may vanish
	}
	if err != nil {
		t.Fatal(err)
	}
	for id := range want {
		if got[id] != 1 && id != "facebook:1001_10" {
			t.Errorf("%s was brought %d times", id, got[id])
		}
	}
}

func TestEditsInTheOverlapAreSeen(t *testing.T) {
	server := &platformtest.Facebook{}
	server.Put("1001", entry("1001_1", 60, `"message":"satu"`))
	s := sourceOf(t, server)
	sink, err := visit(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	server.Delete("1001", "1001_1")
	server.Put("1001", entry("1001_1", 60, `"message":"satu, disunting"`))
	if sink, err = visit(t, s, sink.Cursor()); err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Text != "satu, disunting" {
		t.Errorf("items %v, %v", sink.Items(), err)
	}
}

func TestFailures(t *testing.T) {
	tests := map[string]struct {
		change func(*platformtest.Facebook)
		kind   collect.Kind
	}{
		"a Page that is gone": {func(*platformtest.Facebook) {}, collect.KindGone},
		"a token that has ended": {func(s *platformtest.Facebook) {
			s.Instead = func(r *http.Request) *platformtest.Answer {
				return &platformtest.Answer{Status: 400, Body: platformtest.GraphError(190, 463, "Error validating access token "+r.Header.Get("Authorization"))}
			}
		}, collect.KindRefused},
		"a limit": {func(s *platformtest.Facebook) {
			s.Instead = func(*http.Request) *platformtest.Answer {
				return &platformtest.Answer{Status: 403, Body: platformtest.GraphError(4, 0, "Application request limit reached")}
			}
		}, collect.KindRateLimited},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := &platformtest.Facebook{}
			test.change(server)
			_, err := visit(t, sourceOf(t, server), nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want %s", err, test.kind)
			}
		})
	}
}

func TestItemsThatAreNoPosts(t *testing.T) {
	server := &platformtest.Facebook{}
	bad := []string{`"text"`, `{}`, `{"id":7}`, `{"id":"1"}`, `{"id":"1","created_time":"kemarin"}`, `null`, `{"id":"1","attachments":[]}`}
	for n, raw := range bad {
		server.Put("1001", platformtest.Entry{ID: fmt.Sprint(n), At: now, JSON: raw})
	}
	server.Put("1001", entry("1001_9", 5, `"message":"sah"`))
	s := sourceOf(t, server)
	sink, err := visit(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	problems, sound := 0, 0
	for _, item := range sink.Items() {
		if item.Err != nil {
			problems++
		} else {
			sound++
		}
	}
	if problems != len(bad) || sound != 1 {
		t.Errorf("%d problems, %d posts", problems, sound)
	}
}

func TestAPostOfAnotherIsNotGivenToThePage(t *testing.T) {
	server := &platformtest.Facebook{}
	e := entry("1001_9", 5, `"message":"x"`)
	e.JSON = strings.Replace(e.JSON, `"from":{"id":"1001"`, `"from":{"id":"666"`, 1)
	server.Put("1001", e)
	sink, err := visit(t, sourceOf(t, server), nil)
	if err != nil || sink.Items()[0].Post.Account.ID != "666" {
		t.Errorf("items %v, %v", sink.Items(), err)
	}
}

func TestABackfillAsksForItsPeriod(t *testing.T) {
	server := &platformtest.Facebook{}
	for n := range 12 {
		server.Put("1001", entry(fmt.Sprintf("1001_%d", n), n*60, `"message":"x"`))
	}
	s := sourceOf(t, server)
	targets, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sink := &collecttest.Sink{}
	period := collect.Period{From: now.Add(-9 * time.Hour), Until: now.Add(-4*time.Hour + time.Minute)}
	if _, err := s.Backfill(t.Context(), targets[0], period, nil, sink); err != nil {
		t.Fatal(err)
	}
	got := ids(sink.Items())
	slices.Sort(got)
	if diff := cmp.Diff([]string{"facebook:1001_4", "facebook:1001_5", "facebook:1001_6", "facebook:1001_7", "facebook:1001_8", "facebook:1001_9"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzItem(f *testing.F) {
	f.Add([]byte(entry("1001_5", 1, `"message":"x","parent_id":"1","attachments":{"data":[{"type":"photo","description":"d","subattachments":{"data":[{}]}}]}`).JSON))
	f.Add([]byte(`{"id":"1","created_time":"2024-11-20T08:00:00+0700"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		item := facebook.ItemOf(page, json.RawMessage(raw))
		if item.Err != nil {
			return
		}
		if item.Post.ID == "facebook:" || item.Post.Kind == "" || item.Post.CreatedAt.IsZero() {
			t.Errorf("post %+v", item.Post)
		}
		if item.Post.Kind == post.KindRepost && strings.TrimSpace(item.Post.Text) != "" {
			t.Errorf("a repost has text %q", item.Post.Text)
		}
	})
}
