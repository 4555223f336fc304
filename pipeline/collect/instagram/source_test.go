package instagram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/instagram"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/post"
)

const (
	token  = "IGQVsecret0token"
	userID = "17841405309211844"
	budiID = "17841400000000001"
)

var now = time.Now().Truncate(time.Second)

func serverOf() *platformtest.Instagram {
	return &platformtest.Instagram{Server: platformtest.Server{Token: token}, UserID: userID, IDs: map[string]string{"budi.asn": budiID}}
}

func sourceOf(t *testing.T, server *platformtest.Instagram, owner collect.Account) *instagram.Source {
	t.Helper()
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	t.Setenv("INSTAGRAM_TOKEN", token)
	var cfg instagram.Configuration
	cfg.TokenEnv, cfg.Fetch.BaseURL, cfg.Fetch.AllowPrivate, cfg.UserID, cfg.PageSize = "INSTAGRAM_TOKEN", web.URL, true, userID, 5
	cfg = cfg.WithDefaults()
	if err := cfg.Validate("instagram"); err != nil {
		t.Fatal(err)
	}
	s, err := instagram.New("ig", cfg, collecttest.Accounts{"instagram": {owner}}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var budi = collect.Account{ID: budiID, Handle: "@budi.asn"}

func visit(t *testing.T, s *instagram.Source) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) != 1 {
		t.Fatal(targets, err)
	}
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), targets[0], nil, sink)
	return sink, result, err
}

func entry(n, minutes int, members string) platformtest.Entry {
	at := now.Add(-time.Duration(minutes) * time.Minute)
	return platformtest.Entry{ID: fmt.Sprint(n), At: at, JSON: fmt.Sprintf(`{"id":"%d","timestamp":%q,"permalink":"https://www.instagram.com/p/%d/"%s}`,
		n, at.UTC().Format("2006-01-02T15:04:05-0700"), n, members)}
}

func TestPostsWithTheirMedia(t *testing.T) {
	server := serverOf()
	server.Put("budi.asn",
		entry(3, 1, `,"caption":"Salam dua jari ✌️","media_type":"CAROUSEL_ALBUM","media_url":"https://cdn.example/x","children":{"data":[{"media_type":"IMAGE","media_url":"https://cdn.example/1.jpg"},{"media_type":"VIDEO"}]}`),
		entry(2, 2, `,"media_type":"VIDEO","media_url":"https://cdn.example/2.mp4"`),
		entry(1, 3, `,"caption":"satu","media_type":"IMAGE","media_url":"https://cdn.example/1.jpg","alt_text":"spanduk"`))
	sink, result, err := visit(t, sourceOf(t, server, budi))
	if err != nil || result.Handle != "@budi.asn" {
		t.Fatal(result, err)
	}
	var texts []string
	var files [][]post.Media
	for _, item := range sink.Items() {
		p := item.Post
		if err := p.Validate(time.Now()); err != nil || p.Key() != "instagram:"+budiID || p.Account.Name != "Nama budi.asn" || p.Kind != post.KindPost {
			t.Errorf("%v: %+v", err, p)
		}
		texts, files = append(texts, p.ID+" "+p.Text), append(files, p.Media)
	}
	if diff := cmp.Diff([]string{"instagram:1 satu", "instagram:2 ", "instagram:3 Salam dua jari ✌️"}, texts); diff != "" {
		t.Error(diff)
	}
	want := [][]post.Media{
		{{Type: "image", URL: "https://cdn.example/1.jpg", Alt: "spanduk"}}, {{Type: "video", URL: "https://cdn.example/2.mp4"}},
		{{Type: "image", URL: "https://cdn.example/1.jpg"}, {Type: "video"}},
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
}

func TestAWalkBrokenOffInTheMiddleLosesNothing(t *testing.T) {
	server := serverOf()
	for n := range 17 {
		server.Put("budi.asn", entry(n, 100-n, ""))
	}
	s := sourceOf(t, server, budi)
	targets, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	var cursor collect.Cursor
	for range 10 {
		sink := &collecttest.Sink{}
		sink.Refuse = func(collect.Page) error {
			if len(sink.Pages()) > 0 {
				return errors.New("killed")
			}
			return nil
		}
		_, err = s.Collect(t.Context(), targets[0], cursor, sink)
		for _, item := range sink.Items() {
			got[item.Post.ID]++
		}
		if cursor = sink.Cursor(); err == nil {
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

func TestAccountsThatAreNotThere(t *testing.T) {
	tests := map[string]struct {
		owner collect.Account
		ids   map[string]string
		kind  collect.Kind
	}{
		"deleted, renamed or personal": {collect.Account{ID: "budi"}, nil, collect.KindGone},
		"a handle of another by now":   {budi, map[string]string{"budi.asn": "17841499999999999"}, collect.KindRenamed},
		"no handle":                    {collect.Account{ID: budiID}, nil, collect.KindRefused},
		"a handle that is none":        {collect.Account{ID: budiID, Handle: "x){id},y.username(z"}, nil, collect.KindRefused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serverOf()
			server.Put("budi.asn", entry(1, 1, ""))
			if test.ids != nil {
				server.IDs = test.ids
			}
			sink, _, err := visit(t, sourceOf(t, server, test.owner))
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || len(sink.Items()) != 0 {
				t.Errorf("got %v, want %s", err, test.kind)
			}
		})
	}
}

func TestOddAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"no discovery": `{"id":"1"}`, "a text": `{"business_discovery":"x"}`, "a list": `{"business_discovery":[]}`, "an odd id": `{"business_discovery":{"id":7}}`,
	} {
		t.Run(name, func(t *testing.T) {
			server := serverOf()
			server.Header = map[string]string{"X-App-Usage": `{"call_count":99}`}
			s := sourceOf(t, server, budi)
			server.Instead = platformtest.Say(200, body)
			sink, _, err := visit(t, s)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != collect.KindMalformed || len(sink.Limits()) != 1 {
				t.Errorf("got %v, limits %v", err, sink.Limits())
			}
		})
	}
}

func TestAnEvilCursorIsNotAskedFor(t *testing.T) {
	server := serverOf()
	s := sourceOf(t, server, budi)
	server.Instead = platformtest.Say(200, `{"business_discovery":{"username":"budi.asn","media":{"data":[`+entry(1, 1, "").JSON+`],"paging":{"cursors":{"after":"x){id},y"}}}}}`)
	if _, _, err := visit(t, s); err == nil {
		t.Error("it was accepted")
	}
	for _, asked := range server.Requests() {
		if strings.Contains(asked, "y%7D") || strings.Contains(asked, "x%29") {
			t.Errorf("asked for %s", asked)
		}
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := instagram.Configuration{UserID: "budi"}.WithDefaults()
	err := cfg.Validate("s")
	for _, key := range []string{"user_id", "token_env"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}

func FuzzItem(f *testing.F) {
	f.Add([]byte(entry(1, 1, `,"caption":"x","children":{"data":[{"media_type":"VIDEO"}]}`).JSON))
	f.Fuzz(func(t *testing.T, raw []byte) {
		item := instagram.ItemOf(budi, json.RawMessage(raw))
		if item.Err == nil && (item.Post.ID == "instagram:" || item.Post.CreatedAt.IsZero() || item.Post.Kind != post.KindPost) {
			t.Errorf("post %+v", item.Post)
		}
	})
}
