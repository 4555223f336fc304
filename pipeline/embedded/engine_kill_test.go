package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

func engineConfiguration(t testing.TB) embedded.EngineConfiguration {
	t.Helper()
	cfg := embedded.DefaultEngineConfiguration()
	cfg.Listen, cfg.DataDir, cfg.User, cfg.Password = "127.0.0.1:0", t.TempDir(), "netra", "s3cret & \"quoted\""
	return cfg
}

func connection(cfg embedded.EngineConfiguration, engine *embedded.Engine) embeddedtest.Connection {
	return embeddedtest.Connection{Address: engine.Address(), User: cfg.User, Password: cfg.Password, Database: "default"}
}

func stop(t testing.TB, engine *embedded.Engine) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	must(t, engine.Stop(ctx))
}

// TestKilledEngineLosesNothingAcknowledged kills the engine again and again
// while workers insert with tokens and repeat what failed, as the pipeline does.
// NETRA_TEST_KILLS says how often, for a longer run.
func TestKilledEngineLosesNothingAcknowledged(t *testing.T) {
	cfg := engineConfiguration(t)
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.Default())
	must(t, err)
	defer stop(t, engine)
	c := connection(cfg, engine)
	must(t, c.Execute(t.Context(), "CREATE TABLE flags (worker UInt8, n UInt32) ENGINE = MergeTree ORDER BY (worker, n) SETTINGS non_replicated_deduplication_window = 10000"))
	must(t, c.Execute(t.Context(), "CREATE TABLE counts (worker UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY worker SETTINGS non_replicated_deduplication_window = 10000"))
	must(t, c.Execute(t.Context(), "CREATE MATERIALIZED VIEW counting TO counts AS SELECT worker, count() AS n FROM flags GROUP BY worker"))

	const workers, size = 3, 100
	kills := 4
	if more, err := strconv.Atoi(os.Getenv("NETRA_TEST_KILLS")); err == nil {
		kills = more
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(kills)*10*time.Second)
	defer cancel()
	ending := make(chan struct{})
	sent := make([]int, workers)
	var stored atomic.Int64
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			conn := open(t, c, clickhouse.CompressionLZ4)
			for batch := 0; ; batch++ {
				select {
				case <-ending:
					return
				default:
				}
				for insertBatch(ctx, conn, worker, batch, size) != nil {
					if ctx.Err() != nil {
						t.Errorf("worker %d could not store batch %d", worker, batch)
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
				sent[worker] = (batch + 1) * size
				stored.Add(1)
			}
		})
	}
	for range kills {
		until := stored.Load() + 20
		waitFor(t, "batches are stored", func() bool { return stored.Load() >= until })
		before := engine.Pid()
		must(t, syscall.Kill(before, syscall.SIGKILL))
		waitFor(t, "the engine is back", func() bool { return engine.Pid() != before && c.Execute(ctx, "SELECT 1") == nil })
	}
	close(ending)
	group.Wait()
	for worker, want := range sent {
		got, err := c.Query(ctx, fmt.Sprintf("SELECT count(), uniqExact(n), (SELECT sum(n) FROM counts WHERE worker = %d) FROM flags WHERE worker = %d", worker, worker))
		must(t, err)
		if strings.TrimSpace(got) != fmt.Sprintf("%d\t%d\t%d", want, want, want) {
			t.Errorf("worker %d: %d rows were acknowledged; stored, distinct and counted are %q", worker, want, strings.TrimSpace(got))
		}
	}
}

func insertBatch(ctx context.Context, conn clickhouse.Conn, worker, batch, size int) error {
	settings := clickhouse.Settings{"insert_deduplication_token": fmt.Sprintf("netra.posts/%d/%d", worker, batch),
		"deduplicate_blocks_in_dependent_materialized_views": 1}
	b, err := conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), "INSERT INTO flags")
	if err != nil {
		return err
	}
	for i := range size {
		if err := b.Append(uint8(worker), uint32(batch*size+i)); err != nil {
			return err
		}
	}
	return b.Send()
}

func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestStoppedEngineGoesOnWhereItWas(t *testing.T) {
	cfg := engineConfiguration(t)
	for round := range 2 {
		engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
		must(t, err)
		c := connection(cfg, engine)
		must(t, c.Execute(t.Context(), "CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a"))
		must(t, c.Execute(t.Context(), "INSERT INTO t VALUES (1)"))
		got, err := c.Query(t.Context(), "SELECT count() FROM t")
		must(t, err)
		if want := fmt.Sprint(round + 1); strings.TrimSpace(got) != want {
			t.Errorf("round %d: %s rows, want %s", round, strings.TrimSpace(got), want)
		}
		stop(t, engine)
		select {
		case <-engine.Done():
		default:
			t.Error("Done is open after Stop")
		}
	}
}

func TestEngineWithoutRestartSaysThatItEnded(t *testing.T) {
	cfg := engineConfiguration(t)
	cfg.Restart = false
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	if engine.Err() != nil {
		t.Errorf("a running engine says %v", engine.Err())
	}
	must(t, syscall.Kill(engine.Pid(), syscall.SIGKILL))
	<-engine.Done()
	if engine.Err() == nil {
		t.Error("a killed engine gives no error")
	}
}

func TestSecondEngineOnTheSameDirectoryIsRefused(t *testing.T) {
	cfg := engineConfiguration(t)
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer stop(t, engine)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if second, err := embedded.StartEngine(ctx, cfg, slog.New(slog.DiscardHandler)); err == nil {
		stop(t, second)
		t.Error("two engines work on one data directory")
	}
}

func TestStartEngineSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*embedded.EngineConfiguration)
		want   string
	}{
		{"library is not there", func(c *embedded.EngineConfiguration) { c.Library = "/nowhere/libchdb.so" }, "make engine"},
		{"library is no library", func(c *embedded.EngineConfiguration) { c.Library = os.Args[0] }, "load the engine library"},
		{"no password", func(c *embedded.EngineConfiguration) { c.Password = "" }, "password"},
		{"address in use", func(c *embedded.EngineConfiguration) { c.Listen = embeddedtest.Broker(t) }, "address already in use"},
		{"directory that cannot be made", func(c *embedded.EngineConfiguration) { c.DataDir = "/proc/nope" }, "data directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := engineConfiguration(t)
			test.change(&cfg)
			engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
			if err == nil {
				stop(t, engine)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q does not say %q", err, test.want)
			}
		})
	}
}

func TestFindLibraryNamesThePlacesAndTheCommand(t *testing.T) {
	t.Setenv(embedded.LibraryVariable, "")
	t.Chdir(t.TempDir())
	_, err := embedded.FindLibrary("")
	if !errors.Is(err, embedded.ErrNoLibrary) {
		t.Fatalf("got %v", err)
	}
	here, err2 := os.Getwd()
	must(t, err2)
	for _, want := range []string{here, filepath.Dir(os.Args[0]), "make engine", embedded.LibraryVariable} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	t.Setenv(embedded.LibraryVariable, "/nowhere/libchdb.so")
	if _, err := embedded.FindLibrary(""); !errors.Is(err, embedded.ErrNoLibrary) || !strings.Contains(err.Error(), embedded.LibraryVariable) {
		t.Errorf("got %v", err)
	}
}

// TestEngineEndsWithItsParent runs this test binary again as a parent, kills
// it, and looks whether the engine's port and data directory become free.
func TestEngineEndsWithItsParent(t *testing.T) {
	if directory := os.Getenv("NETRA_TEST_PARENT"); directory != "" {
		cfg := embedded.DefaultEngineConfiguration()
		cfg.Listen, cfg.DataDir, cfg.User, cfg.Password = "127.0.0.1:0", directory, "netra", "x"
		engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(directory, "address.tmp"), []byte(engine.Address()), 0o600))
		must(t, os.Rename(filepath.Join(directory, "address.tmp"), filepath.Join(directory, "address")))
		select {}
	}
	directory := t.TempDir()
	command := exec.Command(os.Args[0], "-test.run=^TestEngineEndsWithItsParent$") //nolint:noctx // it is killed below
	command.Env = append(os.Environ(), "NETRA_TEST_PARENT="+directory)
	must(t, command.Start())
	var address string
	waitFor(t, "the parent has started its engine", func() bool {
		content, err := os.ReadFile(filepath.Join(directory, "address"))
		address = string(content)
		return err == nil
	})
	ping := func() error {
		response, err := http.Get("http://" + address + "/ping") //nolint:noctx // loopback, within the test
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	must(t, ping())
	must(t, command.Process.Kill())
	_ = command.Wait()
	waitFor(t, "the engine is gone", func() bool { return ping() != nil })
	cfg := engineConfiguration(t)
	cfg.Listen, cfg.DataDir = address, directory
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	stop(t, engine)
}

// TestTokenOfABlockThatWasNotStoredIsForgotten makes what a kill between the
// deduplication log and the part leaves behind: an id without a part.
func TestTokenOfABlockThatWasNotStoredIsForgotten(t *testing.T) {
	cfg := engineConfiguration(t)
	const insert = "INSERT INTO t SETTINGS insert_deduplication_token = 'netra.posts/0/0-0' VALUES (7)"
	engine, err := embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	c := connection(cfg, engine)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100"))
	must(t, c.Execute(t.Context(), insert))
	stop(t, engine)
	parts, err := filepath.Glob(filepath.Join(cfg.DataDir, "clickhouse/store/*/*/all_1_1_*"))
	must(t, err)
	if len(parts) != 1 {
		t.Fatalf("parts on disk: %v", parts)
	}
	must(t, os.Rename(parts[0], filepath.Join(filepath.Dir(parts[0]), "tmp_insert_"+filepath.Base(parts[0]))))
	engine, err = embedded.StartEngine(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer stop(t, engine)
	c = connection(cfg, engine)
	for range 2 {
		must(t, c.Execute(t.Context(), insert))
	}
	got, err := c.Query(t.Context(), "SELECT count() FROM t")
	must(t, err)
	if strings.TrimSpace(got) != "1" {
		t.Errorf("%s rows are stored, want 1", strings.TrimSpace(got))
	}
}
