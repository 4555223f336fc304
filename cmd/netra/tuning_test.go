package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/tuning"
)

// TestABackTestWhoseProcessDiesIsNoted starts the process of a back-test that
// cannot work: nothing runs that it could read from.
func TestABackTestWhoseProcessDiesIsNoted(t *testing.T) {
	t.Setenv(asNetra, "1")
	a := &app{log: slog.New(slog.DiscardHandler)}
	a.cfg.DataDir = t.TempDir()
	a.cfg.Console.Database = a.cfg.Path("console.db")
	db, err := database.Open(t.Context(), a.cfg.Console.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	compiler, err := a.compiler()
	if err != nil {
		t.Fatal(err)
	}
	book, err := tuning.Open(t.Context(), tuning.DefaultConfiguration(), tuning.Dependencies{Database: db, Compiler: compiler})
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := tuning.Default(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	version, err := book.Keep(t.Context(), bundle, "ani")
	if err != nil {
		t.Fatal(err)
	}
	test, err := book.NewBacktest(t.Context(), version, version, "{}", 10, "ani")
	if err != nil {
		t.Fatal(err)
	}
	children := &backtestChildren{app: a, road: &road{}, book: book, log: a.log, running: map[int64]bool{}}
	if err := children.Start(test.Number); err == nil {
		t.Fatal("it starts before the console runs")
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- children.run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); children.Start(test.Number) != nil && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	for deadline := time.Now().Add(time.Minute); children.Running(test.Number) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if test, err = book.Backtest(t.Context(), test.Number); err != nil || test.Status != tuning.BacktestRunning {
			break
		}
	}
	if err != nil || test.Status != tuning.BacktestFailed || !strings.Contains(test.Failure, "no embedded one runs here") {
		t.Errorf("%v: %+v", err, test)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := children.Start(test.Number); err == nil {
		t.Error("it starts after the console ended")
	}
}
