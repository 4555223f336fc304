package threads_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/collect/threads"
	"github.com/netra-id/netra/pipeline/post"
)

const token = "THAAsecret0token"

var (
	now  = time.Now().Truncate(time.Second)
	budi = collect.Account{ID: "4711", Handle: "@budi.asn", Name: "Budi"}
)

func sourceOf(t *testing.T, server *platformtest.Threads) *threads.Source {
	t.Helper()
	server.Token = token
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	t.Setenv("THREADS_TOKEN", token)
	var cfg threads.Configuration
	cfg.TokenEnv, cfg.Fetch.BaseURL, cfg.Fetch.AllowPrivate, cfg.PageSize = "THREADS_TOKEN", web.URL, true, 5
	cfg = cfg.WithDefaults()
	if err := cfg.Validate("threads"); err != nil {
		t.Fatal(err)
	}
	s, err := threads.New("th", cfg, collecttest.Accounts{"threads": {budi}}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func visit(t *testing.T, s *threads.Source, cursor collect.Cursor) (*collecttest.Sink, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) != 1 {
		t.Fatal(targets, err)
	}
	sink := &collecttest.Sink{}
	_, err = s.Collect(t.Context(), targets[0], cursor, sink)
	return sink, err
}

func entry(n, minutes int, members string) platformtest.Entry {
	at := now.Add(-time.Duration(minutes) * time.Minute)
	return platformtest.Entry{ID: fmt.Sprint(n), At: at, JSON: fmt.Sprintf(`{"id":"%d","timestamp":%q,"username":"budi.asn","permalink":"https://www.threads.net/@budi.asn/post/%d"%s}`,
		n, at.UTC().Format("2006-01-02T15:04:05-0700"), n, members)}
}

func TestKindsAndTextsAreToldApart(t *testing.T) {
	tests := map[string]struct {
		members string
		want    post.Post
	}{
		"post": {`,"media_type":"TEXT_POST","text":"Coblos 2","link_attachment_url":"https://a.example/"`,
			post.Post{Kind: post.KindPost, Text: "Coblos 2", Media: []post.Media{{Type: "link", URL: "https://a.example/"}}}},
		"image": {`,"media_type":"IMAGE","text":"x","media_url":"https://cdn.example/1.jpg","alt_text":"dua jari"`,
			post.Post{Kind: post.KindPost, Text: "x", Media: []post.Media{{Type: "image", URL: "https://cdn.example/1.jpg", Alt: "dua jari"}}}},
		"carousel": {`,"media_type":"CAROUSEL_ALBUM","text":"x","media_url":"https://cdn.example/0","children":{"data":[{"media_type":"VIDEO","media_url":"https://cdn.example/1.mp4"},{"id":"9"}]}`,
			post.Post{Kind: post.KindPost, Text: "x", Media: []post.Media{{Type: "video", URL: "https://cdn.example/1.mp4"}}}},
		"quote": {`,"media_type":"TEXT_POST","text":"Setuju","is_quote_post":true,"quoted_post":{"id":"8","text":"Pilih 1","username":"ani"}`,
			post.Post{Kind: post.KindQuote, Text: "Setuju", Quoted: "Pilih 1"}},
		"quote of what is not shown": {`,"text":"Setuju","is_quote_post":true,"quoted_post":"8"`, post.Post{Kind: post.KindQuote, Text: "Setuju"}},
		"repost":                     {`,"media_type":"REPOST_FACADE","text":"","reposted_post":{"id":"8","text":"Pilih 1"}`, post.Post{Kind: post.KindRepost, Quoted: "Pilih 1"}},
		"repost with its text only":  {`,"media_type":"REPOST_FACADE","text":"Pilih 1","reposted_post":"8"`, post.Post{Kind: post.KindRepost, Quoted: "Pilih 1"}},
		"reply":                      {`,"text":"Benar","is_reply":true,"replied_to":{"id":"8"}`, post.Post{Kind: post.KindReply, Text: "Benar", InReplyTo: "threads:8"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := &platformtest.Threads{}
			server.Put("budi.asn", entry(1, 1, test.members))
			sink, err := visit(t, sourceOf(t, server), nil)
			if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Err != nil {
				t.Fatal(sink.Items(), err)
			}
			got := sink.Items()[0].Post
			if err := got.Validate(time.Now()); err != nil || got.Key() != "threads:4711" || got.ID != "threads:1" {
				t.Errorf("%v: %+v", err, got)
			}
			only := cmpopts.IgnoreFields(post.Post{}, "ID", "Platform", "Account", "URL", "CreatedAt", "RawSHA256")
			if diff := cmp.Diff(test.want, got, only); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAWalkBrokenOffInTheMiddleLosesNothing(t *testing.T) {
	server := &platformtest.Threads{}
	for n := range 17 {
		server.Put("budi.asn", entry(n, 100-n, `,"text":"x"`))
	}
	s := sourceOf(t, server)
	var cursor collect.Cursor
	got := map[string]int{}
	calls := 0
	server.Instead = func(*http.Request) *platformtest.Answer {
		if calls++; calls%2 == 0 {
			return &platformtest.Answer{Status: 500, Body: platformtest.GraphError(2, 0, "Service temporarily unavailable")}
		}
		return nil
	}
	var err error
	for range 10 {
		var sink *collecttest.Sink
		sink, err = visit(t, s, cursor)
		for _, item := range sink.Items() {
			got[item.Post.ID]++
		}
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		if err == nil {
			break
		}
	}
	if err != nil || len(got) != 17 {
		t.Fatalf("%d posts, %v", len(got), err)
	}
	for id, times := range got {
		if times != 1 {
			t.Errorf("%s was brought %d times", id, times)
		}
	}
}

func TestQuotedPostsAreAskedForPlainlyWhereTheAPIKnowsNoMore(t *testing.T) {
	server := &platformtest.Threads{}
	server.Put("budi.asn", entry(1, 1, `,"text":"x","quoted_post":{"id":"8"}`))
	server.Instead = func(r *http.Request) *platformtest.Answer {
		if strings.Contains(r.URL.Query().Get("fields"), "quoted_post{") {
			return &platformtest.Answer{Status: 400, Body: platformtest.GraphError(100, 0, "(#100) Tried accessing nonexisting field (text)")}
		}
		return nil
	}
	s := sourceOf(t, server)
	sink, err := visit(t, s, nil)
	if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Kind != post.KindQuote {
		t.Fatal(sink.Items(), err)
	}
	if _, err := visit(t, s, sink.Cursor()); err != nil || len(server.Requests()) != 3 {
		t.Errorf("%v, %d requests: it was not remembered", err, len(server.Requests()))
	}
}

func TestAProfileThatIsNotThere(t *testing.T) {
	_, err := visit(t, sourceOf(t, &platformtest.Threads{}), nil)
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindGone || strings.Contains(err.Error(), token) {
		t.Errorf("got %v", err)
	}
}

func TestATokenInTheQueryIsInNoError(t *testing.T) {
	server := &platformtest.Threads{}
	s := sourceOf(t, server)
	for name, instead := range map[string]func(*http.Request) *platformtest.Answer{
		"echoed": platformtest.Say(400, platformtest.GraphError(190, 0, "Malformed access token "+token)),
		"a page": platformtest.Say(502, "<html>"), "half": platformtest.Say(200, `{"data":`),
		"redirect": func(r *http.Request) *platformtest.Answer {
			return &platformtest.Answer{Status: 302, Header: map[string]string{"Location": "https://evil.example/" + r.URL.RawQuery}}
		},
	} {
		server.Instead = instead
		if _, err := visit(t, s, nil); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzItem(f *testing.F) {
	f.Add([]byte(entry(1, 1, `,"text":"x","quoted_post":"8","reposted_post":{"id":"9"},"children":{"data":[{}]}`).JSON))
	f.Fuzz(func(t *testing.T, raw []byte) {
		item := threads.ItemOf(budi, json.RawMessage(raw))
		if item.Err != nil {
			return
		}
		if item.Post.ID == "threads:" || item.Post.CreatedAt.IsZero() || item.Post.Kind == post.KindRepost && item.Post.Text != "" {
			t.Errorf("post %+v", item.Post)
		}
	})
}
