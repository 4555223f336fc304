package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/bench/corpus"
	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/realkafka"
	"github.com/netra-id/netra/pipeline/store"
)

// bench holds the broker and the engine that all programs share.
type bench struct {
	cfg      settings
	dir      string
	broker   string
	engine   string
	password string
	queue    *queue.Queue
	corpus   *corpus.Corpus
	stops    []func()
	// extra is what the next programs are told besides.
	extra []string
	// enginePid is the process of the engine.
	enginePid int
}

func newBench(ctx context.Context, cfg settings) (_ *bench, err error) {
	b := &bench{cfg: cfg, password: rand.Text()}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.corpus, err = newCorpus(); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "netra-bench-"); err != nil {
		return nil, err
	}
	b.stops = append(b.stops, func() { _ = os.RemoveAll(b.dir) })
	if err = b.startBroker(ctx); err != nil {
		return nil, err
	}
	if err = b.startEngine(ctx); err != nil {
		return nil, err
	}
	kafka := queue.DefaultConfiguration()
	kafka.Brokers = []string{b.broker}
	if b.queue, err = queue.New(kafka, slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err != nil {
		return nil, err
	}
	b.stops = append(b.stops, b.queue.Close)
	if _, err = b.queue.EnsureTopics(ctx); err != nil {
		return nil, err
	}
	return b, b.makeTables(ctx)
}

func (b *bench) close() {
	for i := len(b.stops) - 1; i >= 0; i-- {
		b.stops[i]()
	}
}

func (b *bench) startBroker(ctx context.Context) error {
	if b.cfg.broker == "kafka" {
		broker, err := realkafka.Start(ctx, realkafka.Options{Dir: filepath.Join(b.dir, "kafka")})
		if err != nil {
			return err
		}
		b.stops = append(b.stops, func() { _ = broker.Stop(context.Background()) })
		b.broker = broker.Addr()
		return nil
	}
	address, err := b.start(ctx, "broker", "--listen", "127.0.0.1:0", "--dir", filepath.Join(b.dir, "broker"))
	b.broker = address
	return err
}

func (b *bench) startEngine(ctx context.Context) error {
	address, err := b.start(ctx, "engine", "--listen", "127.0.0.1:0", "--dir", filepath.Join(b.dir, "engine"))
	b.engine = address
	return err
}

// start runs a serving command of netra and reads its address from what it
// prints.
func (b *bench) start(ctx context.Context, args ...string) (string, error) {
	out, err := os.Create(filepath.Join(b.dir, args[0]+".out"))
	if err != nil {
		return "", err
	}
	process, err := b.spawn(b.cfg.netra, args, out)
	if err != nil {
		return "", err
	}
	b.stops = append(b.stops, process.stop)
	if args[0] == "engine" {
		b.enginePid = process.command.Process.Pid
	}
	for range 300 {
		data, err := os.ReadFile(out.Name())
		if err != nil {
			return "", err
		}
		if at := strings.Index(string(data), "127.0.0.1:"); at >= 0 && strings.Contains(string(data), "\n") {
			return strings.FieldsFunc(string(data)[at:], func(r rune) bool { return r == ']' || r == ',' || r == '\n' })[0], nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("netra %s did not start; see %s", args[0], out.Name())
}

// process is a running program.
type process struct{ command *exec.Cmd }

func (b *bench) spawn(program string, args []string, out *os.File) (*process, error) {
	command := exec.CommandContext(context.Background(), program, args...) // ends by stop, in order
	command.Env = append(os.Environ(), b.environment()...)
	command.Stdout, command.Stderr = out, os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	return &process{command}, nil
}

// environment is what the programs are told. An address is left out until what
// it belongs to runs.
func (b *bench) environment() []string {
	env := []string{
		"NETRA_CLICKHOUSE_USER=netra", "NETRA_CLICKHOUSE_PASSWORD=" + b.password, "NETRA_MONITOR_LISTEN=",
		"NETRA_LOG_LEVEL=warn", "NETRA_DATA_DIR=" + b.dir, "PLAIN_PASSWORD=" + b.password,
	}
	if b.broker != "" {
		env = append(env, "NETRA_KAFKA_BROKERS="+b.broker, "PLAIN_BROKER="+b.broker)
	}
	if b.engine != "" {
		env = append(env, "NETRA_CLICKHOUSE_ADDRESS=http://"+b.engine, "PLAIN_CLICKHOUSE="+b.engine,
			"NETRA_CLASSIFY_CONTESTANTS="+filepath.Join(b.dir, "contestants.yaml"))
	}
	return append(env, b.extra...)
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait()
}

// peakMB is the highest resident memory of the process so far.
func (p *process) peakMB() int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.Atoi(strings.Fields(value)[0])
			return kilobytes / 1024
		}
	}
	return 0
}

// processorTime is what the process has used so far, by the kernel's ticks of
// 10 ms.
func (p *process) processorTime() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, fields, _ := strings.Cut(string(data), ") ")
	ticks := 0
	for _, field := range strings.Fields(fields)[11:13] {
		n, _ := strconv.Atoi(field)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func (b *bench) makeTables(ctx context.Context) error {
	contestants, err := sample.Files.ReadFile("contestants.yaml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.dir, "contestants.yaml"), contestants, 0o600); err != nil {
		return err
	}
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password = "http://"+b.engine, "netra", b.password
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE DATABASE plain",
		"CREATE TABLE plain.flagged (id String, account String, language String, words Array(String), text String) ENGINE = MergeTree ORDER BY id",
		"CREATE TABLE plain.counts (hour DateTime, platform String, language String, posts UInt64) ENGINE = SummingMergeTree ORDER BY (hour, platform, language)",
	} {
		if _, err := b.query(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// query runs one statement over HTTP and returns what it answers.
func (b *bench) query(ctx context.Context, statement string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.engine+"/", strings.NewReader(statement))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth("netra", b.password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(strings.TrimSpace(string(data)))
	}
	return strings.TrimSpace(string(data)), err
}

func (b *bench) count(ctx context.Context, statement string) (int, error) {
	answer, err := b.query(ctx, statement)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(answer)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func machine() string {
	model := "unknown CPU"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if value, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.TrimSpace(strings.TrimLeft(value, "\t: "))
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", model, runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly))
}
