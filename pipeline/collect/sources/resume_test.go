package sources_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/collect/sources"
)

// TestACollectorThatDiesInTheMiddleOfPagingGoesOn stops the collector again and
// again while it pages, each time with nothing left but its state file, and
// checks that each post is sent once.
func TestACollectorThatDiesInTheMiddleOfPagingGoesOn(t *testing.T) {
	t.Setenv("SECRET", "s3cret0token")
	const all = 230
	server := &platformtest.Facebook{}
	server.Token = "s3cret0token"
	for n := range all {
		at := time.Now().Add(-time.Duration(n+1) * time.Minute).Truncate(time.Second).UTC()
		server.Put("1001", platformtest.Entry{ID: fmt.Sprint(n), At: at, JSON: fmt.Sprintf(`{"id":"%d","created_time":%q,"message":"x"}`, n, at.Format(time.RFC3339))})
	}
	var stop context.CancelFunc
	pages := 0
	server.Instead = func(*http.Request) *platformtest.Answer {
		if pages++; pages%3 == 0 {
			stop() // the page is answered, and never taken
		}
		return nil
	}
	web := httptest.NewServer(server)
	defer web.Close()
	cfg, err := read(t, fmt.Sprintf("sources:\n  - {name: fb, rate: 1000, facebook: {token_env: SECRET, fetch: {base_url: %q, allow_private: true}}}\n", web.URL))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	in := &inbox{want: all, all: make(chan struct{})}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	lives := 0
	for ; lives < 30 && len(in.ids) < all; lives++ {
		schedules, err := sources.Build(cfg.Sources, sources.Dependencies{
			Logger: logger, Registerer: prometheus.NewRegistry(), Accounts: collecttest.Accounts{"facebook": {{ID: "1001"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		state, err := collect.OpenState(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		collector, err := collect.New(cfg.Configuration, schedules, collect.Dependencies{
			Logger: logger, Registerer: prometheus.NewRegistry(), State: state, Roster: everybody{}, Producer: in, Rejecter: in,
		})
		if err != nil {
			t.Fatal(err)
		}
		var ctx context.Context
		ctx, stop = context.WithTimeout(t.Context(), 10*time.Second)
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
		stop()
		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sent := map[string]int{}
	for _, line := range in.ids {
		id, _, _ := strings.Cut(line, " ")
		sent[id]++
	}
	if len(sent) != all || len(in.ids) != all || lives < 3 {
		t.Errorf("%d posts, %d sent, in %d lives", len(sent), len(in.ids), lives)
	}
}
