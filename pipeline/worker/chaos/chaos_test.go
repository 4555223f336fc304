package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/worker"
	"github.com/netra-id/netra/pipeline/worker/chaos"
)

// workerVariable turns this test binary into a worker process.
const workerVariable = "NETRA_CHAOS_WORKER"

func TestMain(m *testing.M) {
	embedded.RunChild()
	if settings := os.Getenv(workerVariable); settings != "" {
		if err := work(settings); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is what a worker process is told.
type child struct {
	Kafka queue.Configuration
	Store store.Configuration
}

func work(settings string) error {
	var c child
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo})).With("pid", os.Getpid())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	q, err := queue.New(c.Kafka, log, nil)
	if err != nil {
		return err
	}
	defer q.Close()
	s, err := store.New(c.Store, log, nil)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	cfg := worker.DefaultConfiguration()
	cfg.RetryMost, cfg.InsertTimeout = time.Second, 10*time.Second
	w, err := worker.New(cfg, worker.Dependencies{
		Queue: q, Store: batches{s}, Classifier: coblos{}, Roster: everyone{}, Logger: log,
	})
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

type batches struct{ *store.Store }

func (b batches) Insert(ctx context.Context, batch worker.Batch) error {
	err := b.Store.Insert(ctx, store.Batch{Token: batch.Token, Flags: batch.Flags, Counts: batch.Counts})
	if errors.Is(err, store.ErrRefused) {
		return errors.Join(worker.ErrRefused, err)
	}
	return err
}

type coblos struct{}

func (coblos) Versions() post.Versions { return post.Versions{Lists: "chaos"} }

func (coblos) Classify(p *post.Post, _ string) post.Verdict {
	v := post.Verdict{ID: p.ID, Language: post.Language{Code: "id", Confidence: 1}}
	if at := strings.Index(p.Text, "coblos"); at >= 0 {
		v.Flagged = true
		v.Labels = []post.LabelScore{{Label: post.Support, Score: 0.9, Reasons: []post.Reason{
			{Kind: post.ReasonKeyword, Source: "support/coblos", Start: at, End: at + 6, Text: "coblos", Weight: 0.9},
		}}}
	}
	return v
}

type everyone struct{}

func (everyone) Resolve(key string, _ time.Time) (post.Person, bool) {
	return post.Person{PersonID: "hash of " + key, Agency: "Dinas Contoh", Region: "61.08"}, true
}

// settings are those of the run: a few kills within half a minute a broker, or,
// by NETRA_CHAOS, the one-minute form (short) or the long form (long).
// NETRA_CHAOS_SEED repeats a run.
func settings(t *testing.T) chaos.Configuration {
	cfg := chaos.Short()
	switch form := os.Getenv("NETRA_CHAOS"); form {
	case "long":
		cfg = chaos.DefaultConfiguration()
	case "short":
	case "":
		cfg.Duration, cfg.Kills, cfg.Between = 15*time.Second, 8, 900*time.Millisecond
	default:
		t.Fatalf("NETRA_CHAOS: value %q: allowed: short, long", form)
	}
	if seed := os.Getenv("NETRA_CHAOS_SEED"); seed != "" {
		n, err := strconv.ParseUint(seed, 10, 64)
		if err != nil {
			t.Fatalf("NETRA_CHAOS_SEED: %v", err)
		}
		cfg.Seed = n
	}
	return cfg
}

func TestNothingIsLostAndNothingStoredTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for a while; not with -short")
	}
	for _, broker := range []string{chaos.BrokerEmbedded, chaos.BrokerKafka} {
		t.Run(broker, func(t *testing.T) { run(t, broker) })
	}
}

func run(t *testing.T, broker string) {
	stage, err := chaos.Set(t.Context(), broker, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stage.Close)
	if err := stage.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	orders, err := json.Marshal(child{stage.Kafka, stage.Store})
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "workers.log"))
	if err != nil {
		t.Fatal(err)
	}
	parts := stage.Parts()
	parts.Log = slog.New(slog.NewTextHandler(testOutput{t}, nil))
	parts.Flagged = func(p *post.Post) bool { return coblos{}.Classify(p, "").Flagged }
	parts.Worker = func() *exec.Cmd {
		command := exec.Command(os.Args[0]) //nolint:noctx // it is killed by the test
		command.Env = append(os.Environ(), workerVariable+"="+string(orders))
		command.Stdout, command.Stderr = out, out
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return command
	}
	report, err := chaos.Run(t.Context(), settings(t), parts)
	t.Logf("\n%s", report.String())
	if err == nil && report.Holds() && report.Died == 0 {
		return
	}
	t.Errorf("the promise does not hold (repeat it with NETRA_CHAOS_SEED=%d): %v", report.Seed, err)
	if kept, err := os.ReadFile(out.Name()); err == nil {
		kept = kept[max(len(kept)-5000, 0):]
		t.Logf("the workers said last:\n%s", kept)
	}
}

type testOutput struct{ t *testing.T }

func (o testOutput) Write(p []byte) (int, error) {
	o.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
