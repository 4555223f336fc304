package sources_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/post"
)

// everybody is a roster that has every account.
type everybody struct{}

func (everybody) Has(string) bool { return true }

func (everybody) Resolve(string, time.Time) (post.Person, bool) { return post.Person{}, true }

// inbox stands for the queue.
type inbox struct {
	mu  sync.Mutex
	ids []string
	// all is closed when so many posts have come.
	want int
	all  chan struct{}
}

func (i *inbox) Send(_ context.Context, posts []collect.Outgoing) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, out := range posts {
		i.ids = append(i.ids, fmt.Sprintf("%s %s %d", out.Post.ID, out.Post.Source, out.Revision))
	}
	if len(i.ids) == i.want {
		close(i.all)
	}
	return nil
}

func (i *inbox) Reject(_ context.Context, rejected []collect.Rejected) error {
	for _, r := range rejected {
		_ = i.Send(context.Background(), []collect.Outgoing{{Post: post.Post{ID: r.Reason}}})
	}
	return nil
}

const platforms = `
sources:
  - {name: fb, facebook: {token_env: SECRET, version: v23.0, fetch: {base_url: "%[1]s", allow_private: true}}}
  - {name: ig, instagram: {token_env: SECRET, user_id: "17841405309211844", fetch: {base_url: "%[2]s", allow_private: true}}}
  - {name: th, threads: {token_env: SECRET, fetch: {base_url: "%[3]s", allow_private: true}}}
  - {name: x, x: {token_env: SECRET, agreement: "Perjanjian 12/2026", fetch: {base_url: "%[4]s", allow_private: true}}}
  - {name: yt, quota: {units: 500}, youtube: {token_env: SECRET, fetch: {base_url: "%[5]s", allow_private: true}}}
`

// TestPlatformsAreCollectedThroughConfigurationAlone runs the collector with a
// configuration of every platform against servers that answer as documented.
func TestPlatformsAreCollectedThroughConfigurationAlone(t *testing.T) {
	const secret = "s3cret0token"
	t.Setenv("SECRET", secret)
	at := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
	date := at.Format(time.RFC3339)
	entry := func(members string) platformtest.Entry {
		return platformtest.Entry{ID: "1", At: at, JSON: `{"id":"1",` + members + `}`}
	}
	common := platformtest.Server{Token: secret}
	fb, ig := &platformtest.Facebook{}, &platformtest.Instagram{UserID: "17841405309211844"}
	th, tw, yt := &platformtest.Threads{}, &platformtest.X{}, &platformtest.YouTube{}
	for _, s := range []*platformtest.Server{&fb.Server, &ig.Server, &th.Server, &tw.Server, &yt.Server} {
		s.Token = common.Token
	}
	const channel = "UCaaaaaaaaaaaaaaaaaaaaaa"
	fb.Put("1001", entry(`"created_time":"`+date+`","message":"fb"`))
	ig.Put("budi", entry(`"timestamp":"`+date+`","caption":"ig"`))
	th.Put("budi", entry(`"timestamp":"`+date+`","text":"th"`))
	tw.Put("42", entry(`"created_at":"`+date+`","text":"x"`))
	yt.Channels = map[string]string{channel: platformtest.Channel(channel, "Budi", "@budi")}
	yt.Put(channel, entry(`"snippet":{"publishedAt":"`+date+`","title":"yt"}`))
	yt.Put("threads "+channel, platformtest.Entry{ID: "c1", At: at, JSON: `{"id":"c1","snippet":{"videoId":"1","topLevelComment":{"id":"c1","snippet":{"textDisplay":"k","authorChannelId":{"value":"` + channel + `"},"publishedAt":"` + date + `"}}}}`})

	var addresses []any
	for _, handler := range []http.Handler{fb, ig, th, tw, yt} {
		server := httptest.NewServer(handler)
		defer server.Close()
		addresses = append(addresses, server.URL)
	}
	cfg, err := read(t, fmt.Sprintf(platforms, addresses...))
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	schedules, err := sources.Build(cfg.Sources, sources.Dependencies{Logger: logger, Registerer: prometheus.NewRegistry(), Accounts: collecttest.Accounts{
		"facebook": {{ID: "1001"}}, "instagram": {{ID: "budi"}}, "threads": {{ID: "budi"}}, "x": {{ID: "42"}}, "youtube": {{ID: channel}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if q := schedules[4].Quota; q.Units != 500 || q.TimeZone != "America/Los_Angeles" || q.Per != 24*time.Hour {
		t.Errorf("quota %+v", q)
	}
	in := run(t, cfg, schedules, logger, 6)
	want := []string{"facebook:1 fb 1", "instagram:1 ig 1", "threads:1 th 1", "x:1 x 1", "youtube:1 yt 1", "youtube:c1 yt 1"}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("%s\n%s", diff, logged.String())
	}
	if strings.Contains(logged.String(), secret) {
		t.Error("the token is in the log")
	}
}

// run collects until so many posts have come.
func run(t *testing.T, cfg configuration, schedules []collect.Schedule, logger *slog.Logger, posts int) []string {
	t.Helper()
	state, err := collect.OpenState(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	in := &inbox{want: posts, all: make(chan struct{})}
	collector, err := collect.New(cfg.Configuration, schedules, collect.Dependencies{
		Logger: logger, Registerer: prometheus.NewRegistry(), State: state, Roster: everybody{}, Producer: in, Rejecter: in,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	go func() {
		select {
		case <-in.all:
			stop()
		case <-ctx.Done():
		}
	}()
	if err := collector.Run(ctx); err != nil {
		t.Fatal(err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	slices.Sort(in.ids)
	return in.ids
}

func TestXDoesNotStartWithoutAnAgreement(t *testing.T) {
	_, err := read(t, strings.Replace(fmt.Sprintf(platforms, "https://a.example", "https://a.example", "https://a.example", "https://a.example", "https://a.example"), `agreement: "Perjanjian 12/2026"`, `agreement: ""`, 1))
	if err == nil || !strings.Contains(err.Error(), `key "collect.sources[3].x.agreement": value missing`) {
		t.Errorf("got %v", err)
	}
}
