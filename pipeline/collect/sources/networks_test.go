package sources_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/sources"
)

var configurations = regexp.MustCompile("(?s)```yaml\n(collect:\n.*?)```")

// TestTheConfigurationsInTheDocumentation loads every example of
// docs/collectors.md and builds its sources.
func TestTheConfigurationsInTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "collectors.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := configurations.FindAllStringSubmatch(string(page), -1)
	if len(examples) < 3 {
		t.Fatalf("only %d examples are found", len(examples))
	}
	for _, example := range examples {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(example[1], "collect:\n")), "sources:"), "\n    ")
		t.Run(strings.TrimSpace(name), func(t *testing.T) {
			for _, variable := range regexp.MustCompile(`_env: ([A-Z_0-9]+)`).FindAllStringSubmatch(example[1], -1) {
				t.Setenv(variable[1], "example")
			}
			cfg, err := read(t, unindent(example[1]))
			if err != nil {
				t.Fatal(err)
			}
			schedules, err := sources.Build(cfg.Sources, sources.Dependencies{
				Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(), Accounts: accounts,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, schedule := range schedules {
				if _, err := schedule.Source.Targets(t.Context()); err != nil || schedule.Interval == 0 {
					t.Errorf("%s: %v, interval %s", schedule.Source.Name(), err, schedule.Interval)
				}
			}
		})
	}
}

var accounts = collecttest.Accounts{
	"mastodon": {collect.Account{ID: "42", Handle: "@budi@contoh.id"}},
	"bluesky":  {collect.Account{ID: "did:plc:4uz2445cjiw7w4nobfgnu35f"}},
	"telegram": {collect.Account{ID: "-1001", Handle: "@humas_budi"}},
}

// network answers as an instance of Mastodon, the AppView and t.me do, each with
// one post, which was made at its time.
type network struct{ at time.Time }

func (n network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := n.at
	id := strconv.FormatInt(at.UnixMilli()<<16, 10)
	switch path := r.URL.Path; {
	case path == "/api/v1/accounts/lookup":
		fmt.Fprint(w, `{"id":"7","acct":"budi"}`)
	case path == "/api/v1/accounts/7/statuses" && r.URL.Query().Get("min_id") >= id:
		fmt.Fprint(w, `[]`)
	case path == "/api/v1/accounts/7/statuses":
		fmt.Fprintf(w, `[{"id":%q,"account":{"id":"7"},"created_at":%q,"content":"<p>halo</p>"}]`, id, at.Format(time.RFC3339))
	case path == "/xrpc/app.bsky.feed.getAuthorFeed":
		fmt.Fprintf(w, `{"feed":[{"post":{"uri":"at://did:plc:4uz2445cjiw7w4nobfgnu35f/app.bsky.feed.post/3l","author":{"did":"did:plc:4uz2445cjiw7w4nobfgnu35f"},"record":{"text":"halo","createdAt":%q},"indexedAt":%[1]q}}]}`, at.Format(time.RFC3339))
	case path == "/s/humas_budi":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="humas_budi/1"><div class="js-message_text">halo</div><a class="tgme_widget_message_date"><time datetime=%q></time></a></div></div>`, at.Format(time.RFC3339))
	default:
		http.NotFound(w, r)
	}
}

func TestNetworksAreCollectedThroughConfigurationAlone(t *testing.T) {
	server := httptest.NewServer(network{time.Now().Add(-time.Hour)})
	t.Cleanup(server.Close)
	cfg, err := read(t, strings.ReplaceAll(`
sources:
  - name: mastodon
    mastodon:
      instances: [{domain: contoh.id, base_url: "SERVER"}]
      fetch: {allow_private: true}
  - name: bluesky
    bluesky:
      fetch: {base_url: "SERVER", allow_private: true}
  - name: telegram
    telegram:
      fetch: {base_url: "SERVER", allow_private: true}
`, "SERVER", server.URL))
	if err != nil {
		t.Fatal(err)
	}
	schedules, err := sources.Build(cfg.Sources, sources.Dependencies{
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(), Accounts: accounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, schedule := range schedules {
		name := schedule.Source.Name()
		targets, err := schedule.Source.Targets(t.Context())
		if err != nil || len(targets) != 1 {
			t.Fatal(name, targets, err)
		}
		sink := &collecttest.Sink{}
		if _, err := schedule.Source.Collect(t.Context(), targets[0], nil, sink); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		items := sink.Items()
		if len(items) != 1 || items[0].Err != nil || items[0].Post.Text != "halo" || items[0].Post.Key() != targets[0].Account {
			t.Errorf("%s: %+v", name, items)
		}
	}
}

// unindent makes the part collect of a configuration a document of its own.
func unindent(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "collect:\n"), "\n  ", "\n")[2:]
}
