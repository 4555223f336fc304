package x_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
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
	"github.com/netra-id/netra/pipeline/collect/x"
	"github.com/netra-id/netra/pipeline/post"
)

const token = "AAAAsecret0bearer"

var (
	now  = time.Now().Truncate(time.Second)
	budi = collect.Account{ID: "42", Handle: "@budi", Name: "Budi"}
)

func serverOf() *platformtest.X {
	return &platformtest.X{Server: platformtest.Server{Token: token}, Usernames: map[string]string{"42": "budi"}}
}

func configurationOf(t *testing.T, address string) x.Configuration {
	t.Helper()
	t.Setenv("X_TOKEN", token)
	var cfg x.Configuration
	cfg.TokenEnv, cfg.Fetch.BaseURL, cfg.Fetch.AllowPrivate, cfg.PageSize = "X_TOKEN", address, true, 5
	cfg.Agreement = "Perjanjian 12/2026"
	return cfg.WithDefaults()
}

func sourceOf(t *testing.T, server http.Handler, owner collect.Account) *x.Source {
	t.Helper()
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	cfg := configurationOf(t, web.URL)
	if err := cfg.Validate("x"); err != nil {
		t.Fatal(err)
	}
	s, err := x.New("x", cfg, collecttest.Accounts{"x": {owner}}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func visit(t *testing.T, s *x.Source, cursor collect.Cursor) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) != 1 {
		t.Fatal(targets, err)
	}
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), targets[0], cursor, sink)
	return sink, result, err
}

func entry(n, minutes int, text, members string) platformtest.Entry {
	at := now.Add(-time.Duration(minutes) * time.Minute)
	return platformtest.Entry{ID: strconv.Itoa(n), At: at, JSON: fmt.Sprintf(`{"id":"%d","text":%q,"author_id":"42","created_at":%q%s}`,
		n, text, at.UTC().Format("2006-01-02T15:04:05.000Z"), members)}
}

func TestWithoutAnAgreementItDoesNotStart(t *testing.T) {
	for _, agreement := range []string{"", "  \n"} {
		cfg := configurationOf(t, "https://api.x.com")
		cfg.Agreement = agreement
		if err := cfg.Validate("s.x"); err == nil || !strings.Contains(err.Error(), `key "s.x.agreement": value missing`) {
			t.Errorf("got %v", err)
		}
		if _, err := x.New("x", cfg, nil, nil); err == nil {
			t.Error("it starts")
		}
	}
}

func TestKindsAndTextsAreToldApart(t *testing.T) {
	long := strings.Repeat("panjang ", 60)
	tests := map[string]struct {
		entry platformtest.Entry
		want  post.Post
	}{
		"post":                      {entry(1, 1, "Coblos 2 &amp; menang &lt;3", ""), post.Post{Kind: post.KindPost, Text: "Coblos 2 & menang <3"}},
		"long post":                 {entry(1, 1, long[:280], `,"note_tweet":{"text":"`+long+`"}`), post.Post{Kind: post.KindPost, Text: long}},
		"reply":                     {entry(1, 1, "@ani benar", `,"referenced_tweets":[{"type":"replied_to","id":"9"}]`), post.Post{Kind: post.KindReply, Text: "@ani benar", InReplyTo: "x:9"}},
		"quote":                     {entry(1, 1, "Setuju https://t.co/x", `,"referenced_tweets":[{"type":"quoted","id":"9"}]`), post.Post{Kind: post.KindQuote, Text: "Setuju https://t.co/x", Quoted: "Pilih nomor 1 & bukan 2"}},
		"reply that quotes":         {entry(1, 1, "x", `,"referenced_tweets":[{"type":"quoted","id":"9"},{"type":"replied_to","id":"8"}]`), post.Post{Kind: post.KindReply, Text: "x", Quoted: "Pilih nomor 1 & bukan 2", InReplyTo: "x:8"}},
		"repost":                    {entry(1, 1, "RT @ani: Pilih nomor…", `,"referenced_tweets":[{"type":"retweeted","id":"9"}]`), post.Post{Kind: post.KindRepost, Quoted: "Pilih nomor 1 & bukan 2"}},
		"repost of a long post":     {entry(1, 1, "RT @ani: pan…", `,"referenced_tweets":[{"type":"retweeted","id":"7"}]`), post.Post{Kind: post.KindRepost, Quoted: long}},
		"repost of what is hidden":  {entry(1, 1, "RT @ani: Pilih: 1", `,"referenced_tweets":[{"type":"retweeted","id":"404"}]`), post.Post{Kind: post.KindRepost, Quoted: "Pilih: 1"}},
		"quote of what was deleted": {entry(1, 1, "x", `,"referenced_tweets":[{"type":"quoted","id":"404"}]`), post.Post{Kind: post.KindQuote, Text: "x"}},
		"media": {entry(1, 1, "x", `,"attachments":{"media_keys":["3_1","7_1","9_9"]}`), post.Post{Kind: post.KindPost, Text: "x", Media: []post.Media{
			{Type: "image", URL: "https://pbs.example/1.jpg", Alt: "dua jari"}, {Type: "video", URL: "https://pbs.example/2.jpg"}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serverOf()
			server.Includes = []string{`{"id":"9","text":"Pilih nomor 1 &amp; bukan 2","author_id":"7"}`, `{"id":"7","text":"pan","note_tweet":{"text":"` + long + `"}}`}
			server.Media = []string{`{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg","alt_text":"dua jari"}`, `{"media_key":"7_1","type":"video","preview_image_url":"https://pbs.example/2.jpg"}`}
			server.Put("42", test.entry)
			sink, result, err := visit(t, sourceOf(t, server, budi), nil)
			if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Err != nil || result.Handle != "@budi" {
				t.Fatal(sink.Items(), result, err)
			}
			got := sink.Items()[0].Post
			if err := got.Validate(time.Now()); err != nil || got.Key() != "x:42" || got.ID != "x:1" || got.URL != "https://x.com/budi/status/1" {
				t.Errorf("%v: %+v", err, got)
			}
			only := cmpopts.IgnoreFields(post.Post{}, "ID", "Platform", "Account", "URL", "CreatedAt", "RawSHA256")
			if diff := cmp.Diff(test.want, got, only); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnEditedPostIsTheSamePost(t *testing.T) {
	server := serverOf()
	server.Put("42", entry(1001, 2, "satu", `,"edit_history_tweet_ids":["1001"]`))
	s := sourceOf(t, server, budi)
	first, _, err := visit(t, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	server.Delete("42", "1001")
	server.Put("42", entry(1002, 1, "satu, disunting", `,"edit_history_tweet_ids":["1001","1002"]`))
	second, _, err := visit(t, s, first.Cursor())
	if err != nil || len(second.Items()) != 1 {
		t.Fatal(second.Items(), err)
	}
	if a, b := first.Items()[0].Post, second.Items()[0].Post; a.ID != b.ID || a.Text == b.Text {
		t.Errorf("%+v became %+v", a, b)
	}
}

func TestOnlyWhatIsNewIsAskedFor(t *testing.T) {
	server := serverOf()
	for n := range 8 {
		server.Put("42", entry(1000+n, 100-n, "x", ""))
	}
	s := sourceOf(t, server, budi)
	sink, _, err := visit(t, s, nil)
	if err != nil || len(sink.Items()) != 8 {
		t.Fatal(sink.Items(), err)
	}
	again, _, err := visit(t, s, sink.Cursor())
	if err != nil || len(again.Items()) != 0 {
		t.Errorf("posts that are billed were read again: %v, %v", again.Items(), err)
	}
	server.Delete("42", "1007") // the mark itself
	server.Put("42", entry(1008, 1, "baru", ""))
	again, _, err = visit(t, s, again.Cursor())
	if err != nil || len(again.Items()) != 1 || !strings.Contains(server.Requests()[3], "since_id=1007") {
		t.Errorf("%v, %v, %s", again.Items(), err, server.Requests())
	}
}

func TestAWalkBrokenOffInTheMiddleLosesNothing(t *testing.T) {
	server := serverOf()
	for n := range 23 {
		server.Put("42", entry(1000+n, 100-n, "x", ""))
	}
	s := sourceOf(t, server, budi)
	targets, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var cursor collect.Cursor
	got := map[string]int{}
	for visit := range 12 {
		sink := &collecttest.Sink{}
		sink.Refuse = func(collect.Page) error {
			if len(sink.Pages()) > 0 {
				return errors.New("killed")
			}
			return nil
		}
		if visit == 2 { // a token has expired in the meantime
			server.Instead = func(r *http.Request) *platformtest.Answer {
				if r.URL.Query().Get("pagination_token") == "" {
					return nil
				}
				return &platformtest.Answer{Status: 400, Body: `{"errors":[{"parameters":{"pagination_token":["x"]},"message":"The query parameter value [x] is not valid"}],"title":"Invalid Request","type":"https://api.twitter.com/2/problems/invalid-request"}`}
			}
		} else {
			server.Instead = nil
		}
		_, err = s.Collect(t.Context(), targets[0], cursor, sink)
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
	if err != nil || len(got) != 23 {
		t.Errorf("%d posts of 23, %v", len(got), err)
	}
}

func TestFailures(t *testing.T) {
	answer := func(status int, body string, header map[string]string) func(*platformtest.X) {
		return func(s *platformtest.X) {
			s.Instead = func(*http.Request) *platformtest.Answer {
				return &platformtest.Answer{Status: status, Body: body, Header: header}
			}
		}
	}
	reset := map[string]string{"x-rate-limit-limit": "900", "x-rate-limit-remaining": "0", "x-rate-limit-reset": strconv.FormatInt(time.Now().Add(9*time.Minute).Unix(), 10)}
	tests := map[string]struct {
		change     func(*platformtest.X)
		kind       collect.Kind
		retryAfter time.Duration
	}{
		"deleted":                  {func(s *platformtest.X) { s.Usernames = nil }, collect.KindGone, 0},
		"suspended":                {func(s *platformtest.X) { s.Suspended = []string{"42"} }, collect.KindSuspended, 0},
		"protected":                {func(s *platformtest.X) { s.Protected = []string{"42"} }, collect.KindPrivate, 0},
		"a token that has ended":   {func(s *platformtest.X) { s.Token = "other" }, collect.KindRefused, 0},
		"a limit":                  {answer(429, `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`, reset), collect.KindRateLimited, 9 * time.Minute},
		"the cap of a month":       {answer(429, `{"title":"UsageCapExceeded","detail":"Usage cap exceeded: Monthly product cap","period":"Monthly","type":"https://api.twitter.com/2/problems/usage-capped"}`, nil), collect.KindRateLimited, 24 * time.Hour},
		"no access":                {answer(403, `{"title":"Client Forbidden","reason":"client-not-enrolled","type":"https://api.twitter.com/2/problems/client-forbidden"}`, nil), collect.KindRefused, 0},
		"down":                     {answer(503, `{"title":"Service Unavailable","type":"about:blank"}`, nil), collect.KindTemporary, 0},
		"a page":                   {answer(200, `<html>`, nil), collect.KindMalformed, 0},
		"an odd list":              {answer(200, `{"data":{"id":"1"}}`, nil), collect.KindMalformed, 0},
		"a problem of no form":     {answer(400, `["x"]`, nil), collect.KindRefused, 0},
		"a problem that is a text": {answer(200, `{"errors":"x"}`, nil), collect.KindMalformed, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serverOf()
			server.Put("42", entry(1, 1, "x", ""))
			if name == "deleted" {
				server.Delete("42", "1")
			}
			s := sourceOf(t, server, budi)
			test.change(server)
			if name == "deleted" {
				s = sourceOf(t, server, collect.Account{ID: "43"})
			}
			sink, _, err := visit(t, s, nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || (typed.RetryAfter-test.retryAfter).Abs() > 5*time.Second || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want %s and %s", err, test.kind, test.retryAfter)
			}
			if name == "a limit" && (len(sink.Limits()) != 1 || sink.Limits()[0].Remaining != 0) {
				t.Errorf("limits %v", sink.Limits())
			}
		})
	}
}

func TestARosterWithNamesForIDs(t *testing.T) {
	server := serverOf()
	server.Put("42", entry(1, 1, "x", ""))
	s := sourceOf(t, server, collect.Account{ID: "budi"})
	for range 2 {
		sink, _, err := visit(t, s, nil)
		if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Key() != "x:budi" {
			t.Fatal(sink.Items(), err)
		}
	}
	if len(server.Requests()) != 3 {
		t.Errorf("requests %v: the number is asked for once", server.Requests())
	}
}

func TestItemsThatAreNoPosts(t *testing.T) {
	server := serverOf()
	bad := []string{`"text"`, `{}`, `{"id":7}`, `{"id":"1"}`, `{"id":"1","created_at":"kemarin"}`, `null`}
	for n, raw := range bad {
		server.Put("42", platformtest.Entry{ID: fmt.Sprint(n), At: now, JSON: raw})
	}
	sink, _, err := visit(t, sourceOf(t, server, budi), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(sink.Items()) != len(bad) {
		t.Fatalf("%d items", len(sink.Items()))
	}
	for n, item := range sink.Items() {
		if item.Err == nil {
			t.Errorf("item %d is a post: %+v", n, item.Post)
		}
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add([]byte(`{"data":[` + entry(1, 1, "x", `,"referenced_tweets":[{"type":"retweeted","id":"9"}],"attachments":{"media_keys":["k"]}`).JSON + `],
		"includes":{"tweets":[{"id":"9","text":"q"}],"users":[{"id":"42","username":"budi"}],"media":[{"media_key":"k","type":"photo"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, err := x.ItemsOf(budi, json.RawMessage(body))
		if err != nil {
			return
		}
		for _, item := range items {
			if item.Err == nil && (item.Post.ID == "x:" || item.Post.CreatedAt.IsZero() || item.Post.Kind == post.KindRepost && item.Post.Text != "") {
				t.Errorf("post %+v", item.Post)
			}
		}
	})
}
