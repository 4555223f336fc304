package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// TestServeEngineEndsOnSIGTERMAfterRunningStatements runs the engine as the
// hidden subcommand does, in a process of its own.
func TestServeEngineEndsOnSIGTERMAfterRunningStatements(t *testing.T) {
	if directory := os.Getenv("NETRA_TEST_SERVE"); directory != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		cfg := embedded.DefaultEngineConfiguration()
		cfg.Listen, cfg.DataDir, cfg.User, cfg.Password = "127.0.0.1:0", directory, "netra", "x"
		must(t, embedded.ServeEngine(ctx, cfg, slog.Default(), func(address string) {
			must(t, os.WriteFile(filepath.Join(directory, "address.tmp"), []byte(address), 0o600))
			must(t, os.Rename(filepath.Join(directory, "address.tmp"), filepath.Join(directory, "address")))
		}))
		return
	}
	directory := t.TempDir()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServeEngineEndsOnSIGTERM")
	command.Env = append(os.Environ(), "NETRA_TEST_SERVE="+directory)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	must(t, command.Start())
	var address []byte
	waitFor(t, "the engine serves", func() bool {
		var err error
		address, err = os.ReadFile(filepath.Join(directory, "address"))
		return err == nil
	})
	c := embeddedtest.Connection{Address: string(address), User: "netra", Password: "x"}
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"))
	slow := make(chan error, 1)
	go func() {
		slow <- c.Execute(t.Context(), "INSERT INTO t SELECT number + sleepEachRow(0.1) FROM numbers(10) SETTINGS max_block_size = 1")
	}()
	waitFor(t, "the slow insert runs", func() bool {
		n, err := c.Query(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE 'INSERT%'")
		return err == nil && strings.TrimSpace(n) == "1"
	})
	must(t, command.Process.Signal(syscall.SIGTERM))
	if err := <-slow; err != nil {
		t.Errorf("the statement that ran at SIGTERM: %s", err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("the process ended with %s: %s", err, output.String())
	}
}

func TestSupervisedEngineStopsWhileItIsDown(t *testing.T) {
	cfg := engineConfiguration(t)
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	must(t, syscall.Kill(engine.Pid(), syscall.SIGKILL))
	stop(t, engine) // at once: between the two lives, or in the second
	select {
	case <-engine.Done():
	case <-time.After(10 * time.Second):
		t.Error("the engine is not done after Stop")
	}
}

func TestReaderReadsAndCannotWrite(t *testing.T) {
	cfg := engineConfiguration(t)
	cfg.ReadUser, cfg.ReadPassword = "grafana", "look"
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer stop(t, engine)
	writer := connection(cfg, engine)
	must(t, writer.Execute(t.Context(), "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a"))
	must(t, writer.Execute(t.Context(), "INSERT INTO t VALUES (1)"))
	reader := writer
	reader.User, reader.Password = cfg.ReadUser, cfg.ReadPassword
	conn := open(t, reader, clickhouse.CompressionLZ4)
	var n uint64
	must(t, conn.QueryRow(clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_execution_time": 5})), "SELECT count() FROM t").Scan(&n))
	if n != 1 {
		t.Errorf("the reader sees %d rows", n)
	}
	for _, sql := range []string{"INSERT INTO t VALUES (2)", "DROP TABLE t", "CREATE DATABASE x", "SET readonly = 0", "ALTER TABLE t DELETE WHERE 1",
		"SELECT a FROM t SETTINGS readonly = 0", "KILL QUERY WHERE 1", "SYSTEM STOP MERGES"} {
		if err := reader.Execute(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "Code: 164") {
			t.Errorf("%s: got %v, want code 164", sql, err)
		}
	}
	reader.Password = cfg.Password
	if err := reader.Execute(t.Context(), "SELECT 1"); err == nil {
		t.Error("the writer's password opens the reader's account")
	}
}

func TestEngineStaysSmallWhenIdle(t *testing.T) {
	cfg := engineConfiguration(t)
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer stop(t, engine)
	c := connection(cfg, engine)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"))
	resident := func() (total, own int) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", engine.Pid()))
		must(t, err)
		for line := range strings.SplitSeq(string(status), "\n") {
			_, _ = fmt.Sscanf(line, "VmRSS: %d kB", &total)
			_, _ = fmt.Sscanf(line, "RssAnon: %d kB", &own)
		}
		return total >> 10, own >> 10
	}
	total, own := resident()
	t.Logf("at the start: %d MiB resident, %d MiB of it not the library", total, own)
	if own > 250 {
		t.Errorf("an idle engine takes %d MiB of its own", own)
	}
	for range 300 {
		must(t, c.Execute(t.Context(), "INSERT INTO t SELECT number, toString(number) FROM numbers(1000)"))
	}
	total, own = resident()
	t.Logf("after 300 inserts: %d MiB resident, %d MiB of it not the library", total, own)
	if own > 500 {
		t.Errorf("after small inserts the engine takes %d MiB of its own", own)
	}
}

func BenchmarkEngineInsert(b *testing.B) {
	conn := open(b, embeddedtest.Engine(b), clickhouse.CompressionLZ4)
	must(b, conn.Exec(b.Context(), postsTable))
	const size = 10_000
	rows := 0
	start := time.Now()
	for b.Loop() {
		batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO posts")
		must(b, err)
		for i := range size {
			must(b, batch.Append(fmt.Sprintf("mastodon:%d", rows+i), start, "61.08", float32(0.5), []string{"support"}, nil, map[string]float32{"abusive": 0.2}))
		}
		must(b, batch.Send())
		rows += size
	}
	b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
}

func BenchmarkEnginePointQuery(b *testing.B) {
	conn := open(b, embeddedtest.Engine(b), clickhouse.CompressionLZ4)
	var one uint8
	for b.Loop() {
		if err := conn.QueryRow(b.Context(), "SELECT 1").Scan(&one); err != nil || one != 1 {
			b.Fatal(errors.Join(err, fmt.Errorf("got %d", one)))
		}
	}
}
