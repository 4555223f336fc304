package youtube_test

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
	"github.com/netra-id/netra/pipeline/collect/youtube"
	"github.com/netra-id/netra/pipeline/post"
)

const key = "AIzaSecret0key"

var now = time.Now().Truncate(time.Second)

var (
	budi = collect.Account{ID: "UCaaaaaaaaaaaaaaaaaaaaaa", Handle: "@budi", Name: "Budi"}
	ani  = collect.Account{ID: "UCbbbbbbbbbbbbbbbbbbbbbb", Handle: "@ani", Name: "Ani"}
)

func serverOf() *platformtest.YouTube {
	return &platformtest.YouTube{Server: platformtest.Server{Token: key}, Channels: map[string]string{
		budi.ID: platformtest.Channel(budi.ID, "Kanal Budi", "@budi"), ani.ID: platformtest.Channel(ani.ID, "Kanal Ani", "@ani"),
	}}
}

func sourceOf(t *testing.T, server *platformtest.YouTube, change func(*youtube.Configuration), owners ...collect.Account) *youtube.Source {
	t.Helper()
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	t.Setenv("YOUTUBE_KEY", key)
	var cfg youtube.Configuration
	cfg.TokenEnv, cfg.Fetch.BaseURL, cfg.Fetch.AllowPrivate = "YOUTUBE_KEY", web.URL, true
	if change != nil {
		change(&cfg)
	}
	cfg = cfg.WithDefaults()
	if err := cfg.Validate("youtube"); err != nil {
		t.Fatal(err)
	}
	s, err := youtube.New("yt", cfg, collecttest.Accounts{"youtube": owners}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// visit visits the target of the given number: first the channels, then the
// comments of each.
func visit(t *testing.T, s *youtube.Source, number int, cursor collect.Cursor) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	targets, err := s.Targets(t.Context())
	if err != nil || len(targets) <= number {
		t.Fatal(targets, err)
	}
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), targets[number], cursor, sink)
	return sink, result, err
}

func video(id string, hours int, title, description, privacy string) platformtest.Entry {
	at := now.Add(-time.Duration(hours) * time.Hour)
	raw, _ := json.Marshal(map[string]any{"kind": "youtube#video", "id": id, "status": map[string]string{"privacyStatus": privacy}, "snippet": map[string]any{
		"publishedAt": at.UTC().Format(time.RFC3339), "channelId": budi.ID, "channelTitle": "Kanal Budi", "title": title, "description": description,
		"thumbnails": map[string]any{"high": map[string]any{"url": "https://i.ytimg.example/" + id + ".jpg"}},
	}})
	return platformtest.Entry{ID: id, At: at, JSON: string(raw)}
}

func units(sink *collecttest.Sink) (sum int) {
	for _, n := range sink.Units() {
		sum += n
	}
	return sum
}

func TestVideosBecomePosts(t *testing.T) {
	server := serverOf()
	server.Put(budi.ID, video("v1", 3, "Kampanye", "Coblos nomor 2", "public"), video("v2", 2, "Rahasia", "", "unlisted"), video("v3", 1, "Judul saja", "", "public"))
	s := sourceOf(t, server, nil, budi)
	sink, result, err := visit(t, s, 0, nil)
	if err != nil || len(sink.Items()) != 2 || result.Handle != "@budi" {
		t.Fatal(sink.Items(), result, err)
	}
	if units(sink) != 3 {
		t.Errorf("a first visit costs %d units", units(sink))
	}
	got := sink.Items()[0].Post
	want := post.Post{
		ID: "youtube:v1", Platform: "youtube", Kind: post.KindPost, Account: post.Account{ID: budi.ID, Handle: "@budi", Name: "Kanal Budi"},
		URL: "https://www.youtube.com/watch?v=v1", Text: "Kampanye\n\nCoblos nomor 2",
		Media: []post.Media{{Type: "video", URL: "https://www.youtube.com/watch?v=v1"}, {Type: "image", URL: "https://i.ytimg.example/v1.jpg"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(post.Post{}, "CreatedAt", "RawSHA256")); diff != "" {
		t.Error(diff)
	}
	if err := got.Validate(time.Now()); err != nil || !got.CreatedAt.Equal(now.Add(-3*time.Hour)) || len(got.RawSHA256) != 64 {
		t.Errorf("%v: %+v", err, got)
	}
	again, _, err := visit(t, s, 0, sink.Cursor())
	if err != nil || len(again.Items()) != 0 || units(again) != 1 {
		t.Errorf("an unchanged channel: %v, %v, %d units", again.Items(), err, units(again))
	}
}

func TestOldVideosCostNothingMore(t *testing.T) {
	server := serverOf()
	server.Put(budi.ID, video("v1", 24*20, "Lama", "", "public"))
	s := sourceOf(t, server, nil, budi)
	sink, _, err := visit(t, s, 0, nil)
	if err != nil || len(sink.Items()) != 1 {
		t.Fatal(sink.Items(), err)
	}
	server.Put(budi.ID, video("v0", 24*60, "Lebih lama, baru dipindah", "", "public")) // the ETag changes
	if sink, _, err = visit(t, s, 0, sink.Cursor()); err != nil || units(sink) != 2 || len(sink.Items()) != 1 {
		t.Errorf("%d units, %v, %v", units(sink), sink.Items(), err)
	}
}

func TestAWalkBrokenOffInTheMiddleLosesNothing(t *testing.T) {
	server := serverOf()
	for n := range 120 {
		server.Put(budi.ID, video(fmt.Sprintf("v%03d", n), 200-n, "x", "", "public"))
	}
	s := sourceOf(t, server, nil, budi)
	targets, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var cursor collect.Cursor
	got := map[string]int{}
	for n := range 10 {
		sink := &collecttest.Sink{}
		sink.Refuse = func(collect.Page) error {
			if len(sink.Pages()) > 0 {
				return errors.New("killed")
			}
			return nil
		}
		if n == 1 { // the quota ends in the middle of a page
			sink.Budget = func(int) error {
				if len(sink.Units()) == 1 {
					return &collect.Error{Kind: collect.KindRateLimited, Err: errors.New("the quota is used up")}
				}
				return nil
			}
		}
		_, err = s.Collect(t.Context(), targets[0], cursor, sink)
		for _, item := range sink.Items() {
			got[item.Post.ID]++
		}
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		server.Delete(budi.ID, "v010") // before it was seen
		if err == nil {
			break
		}
	}
	if err != nil || len(got) != 119 {
		t.Fatalf("%d posts of 119, %v", len(got), err)
	}
	for id, times := range got {
		if times != 1 {
			t.Errorf("%s was brought %d times", id, times)
		}
	}
}

func commentOf(id, parent string, by collect.Account, minutes int, text string) string {
	raw, _ := json.Marshal(map[string]any{"kind": "youtube#comment", "id": id, "snippet": map[string]any{
		"videoId": "v1", "parentId": parent, "textDisplay": text, "authorDisplayName": "@" + by.Name,
		"authorChannelId": map[string]string{"value": by.ID}, "publishedAt": now.Add(-time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339),
	}})
	return string(raw)
}

func threadOf(id string, by collect.Account, minutes, total int, replies ...string) platformtest.Entry {
	raw := fmt.Sprintf(`{"kind":"youtube#commentThread","id":%q,"snippet":{"videoId":"v1","topLevelComment":%s,"totalReplyCount":%d},"replies":{"comments":[%s]}}`,
		id, commentOf(id, "", by, minutes, "komentar "+id), total, strings.Join(replies, ","))
	return platformtest.Entry{ID: id, At: now.Add(-time.Duration(minutes) * time.Minute), JSON: raw}
}

func TestCommentsOfRosterAccountsOnlyAreKept(t *testing.T) {
	stranger := collect.Account{ID: "UCzzzzzzzzzzzzzzzzzzzzzz", Name: "Orang"}
	server := serverOf()
	server.Put("threads "+budi.ID,
		threadOf("c1", ani, 10, 0),
		threadOf("c2", stranger, 20, 1, commentOf("c2.r1", "c2", budi, 5, "balasan")),
		threadOf("c3", stranger, 30, 2, commentOf("c3.r1", "c3", stranger, 5, "x")))
	server.Put("replies c3", platformtest.Entry{ID: "c3.r2", At: now, JSON: commentOf("c3.r2", "c3", ani, 4, "balasan jauh")}, platformtest.Entry{ID: "c3.r1", At: now, JSON: commentOf("c3.r1", "c3", stranger, 5, "x")})
	s := sourceOf(t, server, nil, budi, ani)
	sink, _, err := visit(t, s, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, item := range sink.Items() {
		if item.Err != nil || item.Post.Validate(time.Now()) != nil {
			t.Fatalf("%+v", item)
		}
		p := item.Post
		got[p.ID] = fmt.Sprintf("%s %s %s > %s", p.Kind, p.Account.ID, p.Text, p.InReplyTo)
	}
	want := map[string]string{
		"youtube:c1": "comment " + ani.ID + " komentar c1 > youtube:v1", "youtube:c2.r1": "reply " + budi.ID + " balasan > youtube:c2",
		"youtube:c3.r2": "reply " + ani.ID + " balasan jauh > youtube:c3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if units(sink) != 3 { // the channel, the threads, the replies to one
		t.Errorf("%d units", units(sink))
	}
	for _, page := range sink.Pages() {
		if raw, _ := json.Marshal(page); strings.Contains(string(raw), stranger.ID) {
			t.Error("what a stranger wrote is handed on")
		}
	}
}

func TestCommentsMayBeSwitchedOff(t *testing.T) {
	server := serverOf()
	server.NoComments = []string{budi.ID}
	if sink, _, err := visit(t, sourceOf(t, server, nil, budi), 1, nil); err != nil || len(sink.Items()) != 0 {
		t.Error(sink.Items(), err)
	}
	targets, err := sourceOf(t, server, func(c *youtube.Configuration) { c.WithoutComments = true }, budi).Targets(t.Context())
	if err != nil || len(targets) != 1 {
		t.Error(targets, err)
	}
}

func TestManyChannelsAreAskedForAtOnce(t *testing.T) {
	server := serverOf()
	var owners []collect.Account
	for n := range 60 {
		owner := collect.Account{ID: fmt.Sprintf("UC%022d", n)}
		owners = append(owners, owner)
		server.Channels[owner.ID] = platformtest.Channel(owner.ID, "x", "")
		server.Put(owner.ID)
	}
	s := sourceOf(t, server, func(c *youtube.Configuration) { c.WithoutComments = true }, owners...)
	for n := range owners {
		if _, _, err := visit(t, s, n, nil); err != nil {
			t.Fatal(err)
		}
	}
	lookups := 0
	for _, asked := range server.Requests() {
		if strings.Contains(asked, "/channels?") {
			lookups++
		}
	}
	if lookups != 2 {
		t.Errorf("60 channels were looked up with %d requests", lookups)
	}
}

func TestAChannelByItsHandle(t *testing.T) {
	server := serverOf()
	server.Put(budi.ID, video("v1", 1, "x", "", "public"))
	sink, _, err := visit(t, sourceOf(t, server, nil, collect.Account{ID: "@budi"}), 0, nil)
	if err != nil || len(sink.Items()) != 1 || sink.Items()[0].Post.Key() != "youtube:@budi" {
		t.Error(sink.Items(), err)
	}
}

func TestFailures(t *testing.T) {
	says := func(status int, reason string) func(*platformtest.YouTube) {
		return func(s *platformtest.YouTube) {
			s.Instead = platformtest.Say(status, platformtest.YouTubeError(status, reason, "maaf "+key))
		}
	}
	tests := map[string]struct {
		change func(*platformtest.YouTube)
		kind   collect.Kind
		wait   bool
	}{
		"deleted": {func(s *platformtest.YouTube) { delete(s.Channels, budi.ID) }, collect.KindGone, false},
		"private": {func(s *platformtest.YouTube) {
			s.Channels[budi.ID] = strings.Replace(s.Channels[budi.ID], `"privacyStatus":"public"`, `"privacyStatus":"private"`, 1)
		}, collect.KindPrivate, false},
		"channelClosed":     {says(403, "channelClosed"), collect.KindGone, false},
		"channelSuspended":  {says(403, "channelSuspended"), collect.KindSuspended, false},
		"channelForbidden":  {says(403, "channelForbidden"), collect.KindPrivate, false},
		"notAccessible":     {says(403, "playlistItemsNotAccessible"), collect.KindPrivate, false},
		"quotaExceeded":     {says(403, "quotaExceeded"), collect.KindRateLimited, true},
		"rateLimitExceeded": {says(403, "rateLimitExceeded"), collect.KindRateLimited, false},
		"a wrong key":       {func(s *platformtest.YouTube) { s.Token = "other" }, collect.KindRefused, false},
		"keyInvalid":        {says(400, "keyInvalid"), collect.KindRefused, false},
		"not configured":    {says(403, "accessNotConfigured"), collect.KindRefused, false},
		"backendError":      {says(500, "backendError"), collect.KindTemporary, false},
		"a page":            {func(s *platformtest.YouTube) { s.Instead = platformtest.Say(200, "<html>") }, collect.KindMalformed, false},
		"half":              {func(s *platformtest.YouTube) { s.Instead = platformtest.Say(200, `{"items":[`) }, collect.KindMalformed, false},
		"an odd channel":    {func(s *platformtest.YouTube) { s.Instead = platformtest.Say(200, `{"items":[7]}`) }, collect.KindMalformed, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serverOf()
			server.Put(budi.ID, video("v1", 1, "x", "", "public"))
			s := sourceOf(t, server, nil, budi)
			test.change(server)
			_, _, err := visit(t, s, 0, nil)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || strings.Contains(err.Error(), key) {
				t.Fatalf("got %v, want %s", err, test.kind)
			}
			if test.wait {
				location, _ := time.LoadLocation("America/Los_Angeles")
				if at := time.Now().Add(typed.RetryAfter + time.Second).In(location); at.Hour() != 0 || at.Minute() != 0 {
					t.Errorf("to be tried again at %s", at)
				}
			}
		})
	}
}

func TestAChannelThatVanishesBetweenVisitsIsGone(t *testing.T) {
	server := serverOf()
	server.Put(budi.ID, video("v1", 1, "x", "", "public"))
	s := sourceOf(t, server, nil, budi)
	sink, _, err := visit(t, s, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	delete(server.Channels, budi.ID)
	server.Instead = func(r *http.Request) *platformtest.Answer {
		if strings.Contains(r.URL.Path, "playlistItems") {
			return &platformtest.Answer{Status: 404, Body: platformtest.YouTubeError(404, "playlistNotFound", "x")}
		}
		return nil
	}
	if _, _, err = visit(t, s, 0, sink.Cursor()); err != nil {
		t.Errorf("a channel without public videos is told like that: %v", err)
	}
	_, _, err = visit(t, s, 0, sink.Cursor())
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindGone {
		t.Errorf("got %v", err)
	}
}

func TestOddVideosAndComments(t *testing.T) {
	server := serverOf()
	server.Put(budi.ID, platformtest.Entry{ID: "a", At: now.Add(-time.Hour), JSON: `{"id":7}`}, platformtest.Entry{ID: "b", At: now.Add(-time.Hour), JSON: `{"id":"b","snippet":{"publishedAt":"kemarin"}}`}, video("v1", 2, "sah", "", "public"))
	server.Put("threads "+budi.ID, platformtest.Entry{ID: "t", At: now, JSON: `{"snippet":7}`}, platformtest.Entry{ID: "u", At: now, JSON: `{"id":"u","snippet":{"topLevelComment":{}}}`}, threadOf("c1", budi, 1, 0))
	s := sourceOf(t, server, nil, budi)
	for number := range 2 {
		sink, _, err := visit(t, s, number, nil)
		if err != nil || len(sink.Items()) != 3 {
			t.Fatal(sink.Items(), err)
		}
		problems := 0
		for _, item := range sink.Items() {
			if item.Err != nil {
				problems++
			}
		}
		if problems != 2 {
			t.Errorf("target %d: %d problems", number, problems)
		}
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := youtube.Configuration{MaxPages: -1}.WithDefaults()
	err := cfg.Validate("s")
	for _, name := range []string{"token_env", "max_pages"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.`+name+`"`) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func FuzzItems(f *testing.F) {
	f.Add([]byte(video("v1", 1, "x", "y", "public").JSON))
	f.Add([]byte(commentOf("c", "p", ani, 1, "x")))
	f.Add([]byte(threadOf("c", ani, 1, 0).JSON))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, item := range youtube.ItemsOf(budi, ani, raw) {
			if item.Err == nil && (item.Post.ID == "youtube:" || item.Post.CreatedAt.IsZero() || item.Post.Account.ID == "") {
				t.Errorf("post %+v", item.Post)
			}
		}
	})
}
