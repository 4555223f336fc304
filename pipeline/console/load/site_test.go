package load

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/reviewtest"
	"github.com/netra-id/netra/pipeline/store"
)

const password = "kata sandi yang panjang"

// today is the date of the newest post.
var today = time.Now().Truncate(time.Hour)

// newStore is the real engine with the posts in it.
func newStore(t *testing.T) *store.Store {
	t.Helper()
	engine := embeddedtest.Engine(t)
	config := store.DefaultConfiguration()
	config.Address, config.User, config.Password, config.Database = "http://"+engine.Address, engine.User, engine.Password, engine.Database
	s, err := store.New(config, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := *seen
	if n == 0 {
		n = *items
	}
	start := time.Now()
	const batch = 10_000
	for first := 0; first < n; first += batch {
		flags := make([]post.Flag, 0, batch)
		for i := first; i < min(first+batch, n); i++ {
			flags = append(flags, reviewtest.Flag(i, today))
		}
		if err := s.Insert(t.Context(), store.Batch{Token: fmt.Sprintf("load/0/%d", first), Flags: flags}); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("ClickHouse: %d posts in %s\n", n, time.Since(start).Round(time.Second))
	return s
}

// site is a console that serves, with what works behind it.
type site struct {
	url  string
	work *review.Review
}

func newSite(t *testing.T, address string, data *store.Store) *site {
	t.Helper()
	s := &site{}
	config := console.DefaultConfiguration()
	config.Listen, config.Database, config.EncryptionSecret = "127.0.0.1:0", address, strings.Repeat("rahasia ", 5)
	config.Login.HashMemoryKiB, config.Login.Attempts = 1024, 1_000_000
	c, err := console.New(config, console.Dependencies{Data: data, Logger: warnings(), Review: func(ctx context.Context, parts console.ReviewParts) (console.Review, error) {
		var err error
		s.work, err = review.New(review.DefaultConfiguration(), review.Dependencies{
			Database: parts.Database, Audit: parts.Audit, Person: parts.Person, Flags: data, Decisions: data,
			Logger: warnings(), Registerer: prometheus.NewRegistry(),
		})
		if err != nil {
			return nil, err
		}
		return s.work, s.work.Migrate(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	start := time.Now()
	if err := s.work.Fill(t.Context(), reviewtest.Flags(*items, today)); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("queue: %d items in %s\n", *items, time.Since(start).Round(time.Second))
	for i := range *analysts {
		user := state.NewUser{Name: nameOf(i), Role: access.Analyst, Password: password}
		if i%2 == 1 { // half of them have regions of their own
			user.Regions = []string{provinceOf(i), provinceOf(i + 1)}
		}
		if err := c.AddUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	s.behind(t, c)
	return s
}

// behind runs what a console has beside its pages, until the test ends, but for
// what takes in new flags: all of them are there, and would be read once more.
func (s *site) behind(t *testing.T, c *console.Console) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { s.send(ctx); done <- struct{}{} }()
	go func() { _ = c.Audit().Run(ctx); done <- struct{}{} }()
	t.Cleanup(func() { stop(); <-done; <-done })
}

// send brings decisions to ClickHouse as the review's Run does.
func (s *site) send(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.work.Send(ctx); err != nil && ctx.Err() == nil {
			warnings().Warn("decisions were not sent", "error", err)
		}
		wait(ctx, 2*time.Second)
	}
}

// warnings tells what goes wrong behind the pages.
func warnings() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func nameOf(i int) string { return fmt.Sprintf("analis%03d", i) }

func provinceOf(i int) string {
	provinces := []string{"11", "12", "31", "32", "33", "34", "35", "61", "62", "63", "64", "71", "73", "81", "94"}
	return provinces[i%len(provinces)]
}
