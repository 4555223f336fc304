package review_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// The environment by which the test binary, started again, is the process that
// is killed.
const (
	killedDatabase   = "NETRA_TEST_KILLED_DATABASE"
	killedClickHouse = "NETRA_TEST_KILLED_CLICKHOUSE"
)

// runKilled is that process: it decides and sends, without end.
func runKilled() {
	address := os.Getenv(killedDatabase)
	if address == "" {
		return
	}
	if err := decideAndSend(address, strings.Split(os.Getenv(killedClickHouse), " ")); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

func decideAndSend(address string, clickhouse []string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, address)
	if err != nil {
		return err
	}
	connection := embeddedtest.Connection{Address: clickhouse[0], User: clickhouse[1], Password: clickhouse[2], Database: clickhouse[3]}
	s, err := storeAt(connection)
	if err != nil {
		return err
	}
	cfg := review.DefaultConfiguration()
	cfg.Send, cfg.SecondShare = time.Millisecond, 0
	r, err := review.New(cfg, review.Dependencies{Database: db, Decisions: s})
	if err != nil {
		return err
	}
	go func() { _ = r.Run(ctx) }()
	for {
		items, err := r.ClaimNext(ctx, killedAnalyst, review.Filter{}, 3)
		if err != nil {
			return err
		}
		for _, item := range items {
			if _, err := r.Decide(ctx, killedAnalyst, []review.Choice{{Item: item.ID, Revision: item.Revision}}, violation); err != nil {
				return err
			}
		}
		if len(items) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

var killedAnalyst = access.Viewer{ID: 9, Name: "killed", Role: access.Analyst}

func storeAt(c embeddedtest.Connection) (*store.Store, error) {
	configuration := store.DefaultConfiguration()
	configuration.Address = "http://" + c.Address
	configuration.User, configuration.Password, configuration.Database = c.User, c.Password, c.Database
	return store.New(configuration, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

func TestDecisionsReachClickHouseOnceThoughProcessesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes; not with -short")
	}
	const kills, items = 8, 600
	databasetest.Each(t, func(t *testing.T, address string) {
		connection := embeddedtest.Engine(t)
		s, err := storeAt(connection)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		db := databasetest.Open(t, address)
		b := newBench(t, db, func(_ *review.Configuration, d *review.Dependencies) { d.Decisions, d.Now = s, time.Now })
		flags := manyFlags(items)
		for i := 0; i < items; i += 200 {
			b.take(flags[i : i+200]...)
		}
		for i := range kills {
			killAfter(t, address, connection, time.Duration(600+90*i)*time.Millisecond)
		}
		for range 2 { // a process that lives sends the rest
			if err := b.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var made, waiting int
		if err := db.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM review_decisions), (SELECT count(*) FROM review_outbox)").Scan(&made, &waiting); err != nil {
			t.Fatal(err)
		}
		got, err := connection.Query(t.Context(), "SELECT count(), uniqExact(id) FROM decisions FORMAT TSV")
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%d\t%d\n", made, made); got != want || waiting != 0 {
			t.Errorf("ClickHouse has %q rows and ids, want %q; %d wait", got, want, waiting)
		}
		if made == 0 {
			t.Error("the killed processes have decided nothing: this test shows nothing")
		}
		t.Logf("%d decisions, %d kills", made, kills)
	})
}

// killAfter lets a process decide and send for a while and kills it.
func killAfter(t *testing.T, address string, c embeddedtest.Connection, after time.Duration) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), killedDatabase+"="+address,
		killedClickHouse+"="+strings.Join([]string{c.Address, c.User, c.Password, c.Database}, " "))
	var output strings.Builder
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case <-ended:
		t.Fatalf("the process ended by itself: %s", output.String())
	case <-time.After(after):
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
}
