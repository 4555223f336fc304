package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/tuning"
)

// addTuning builds what the console's operators tune the lists with, as a part of
// the road.
func (a *app) addTuning(ctx context.Context, r *road, parts console.TuningParts) (*console.Tuning, error) {
	compiler, err := a.compiler()
	if err != nil {
		return nil, err
	}
	book, err := tuning.Open(ctx, a.cfg.Tuning, tuning.Dependencies{Database: parts.Database, Board: listsBoard{r.store}, Compiler: compiler, Audit: parts.Audit, Logger: a.log})
	if err != nil {
		return nil, err
	}
	children := &backtestChildren{app: a, road: r, book: book, log: a.log, running: map[int64]bool{}}
	r.parts = append(r.parts, part{name: "tuning", run: book.Run}, part{name: "back-tests", run: children.run})
	t := &console.Tuning{Book: book, Backtests: children, Posts: r.store}
	if r.lists != nil {
		t.InForce = r.lists.Current
	}
	return t, nil
}

// followForWords keeps a console without a worker at the published lists, too: it
// takes its words from them. ClickHouse may come up later.
func (a *app) followForWords(r *road) error {
	if r.lists != nil {
		return nil
	}
	compiler, err := a.compiler()
	if err != nil {
		return err
	}
	r.lists = tuning.NewFollower(a.cfg.Tuning, listsBoard{r.store}, compiler, a.log, a.registry)
	r.parts = append(r.parts, part{name: "lists", run: r.lists.Run})
	return nil
}

// listsInForce are the words and contestants of the lists in force in this
// process, and those of the configured files until something is published.
type listsInForce struct {
	current     func() *tuning.InForce
	words       describe.Dictionary
	contestants console.Contestants
	mu          sync.Mutex
	of          *tuning.Compiled
	known       map[string]string
}

func (l *listsInForce) compiled() *tuning.Compiled {
	if l.current == nil {
		return nil
	}
	if in := l.current(); in != nil {
		return in.Compiled
	}
	return nil
}

// Rule says in words of a language what a rule looks for.
func (l *listsInForce) Rule(language, source string) string {
	compiled := l.compiled()
	if compiled == nil {
		return l.words(language, source)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of != compiled {
		l.of, l.known = compiled, map[string]string{}
		for _, rule := range compiled.Lists.Rules() {
			l.known["id "+rule.Source()], l.known["en "+rule.Source()] = rule.Description.ID, rule.Description.EN
		}
	}
	if said, ok := l.known[language+" "+source]; ok {
		return said
	}
	return l.words(language, source) // of a rule that is gone since
}

// Contestant knows the contestants by id.
func (l *listsInForce) Contestant(id string) (console.Contestant, bool) {
	if compiled := l.compiled(); compiled != nil {
		if known, ok := console.ContestantsOf(compiled.Elections).Contestant(id); ok {
			return known, true
		}
	}
	return l.contestants.Contestant(id) // of an election that is gone since
}

// List lists the contestants of the elections that are in force.
func (l *listsInForce) List() []console.ListedContestant {
	known := l.contestants
	if compiled := l.compiled(); compiled != nil {
		known = console.ContestantsOf(compiled.Elections)
	}
	if list, ok := known.(console.ContestantList); ok {
		return list.List()
	}
	return nil
}

// backtestChildren runs back-tests in processes of this program's own, at a low
// priority: what they take of memory and time is not the console's.
type backtestChildren struct {
	app  *app
	road *road
	book *tuning.Book
	log  *slog.Logger

	mu      sync.Mutex
	running map[int64]bool
	ended   bool
	ctx     context.Context //nolint:containedctx // of run, for those that begin later
	group   sync.WaitGroup
}

// run waits until ctx ends, and for the processes, which end then.
func (c *backtestChildren) run(ctx context.Context) error {
	c.mu.Lock()
	c.ctx = ctx
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.group.Wait()
	return nil
}

// New plans a back-test.
func (c *backtestChildren) New(ctx context.Context, version string, from, until time.Time, by string) (int64, error) {
	current, err := c.book.Current(ctx)
	if err != nil {
		return 0, fmt.Errorf("nothing is published that the draft could be compared with: %w", err)
	}
	plan, err := c.plan(ctx, current.Version, version, from, until)
	if err != nil {
		return 0, err
	}
	data, err := json.Marshal(plan)
	if err != nil {
		return 0, err
	}
	t, err := c.book.NewBacktest(ctx, version, current.Version, string(data), plan.Records(), by)
	return t.Number, err
}

func (c *backtestChildren) plan(ctx context.Context, published, version string, from, until time.Time) (backtest.Plan, error) {
	q := c.road.queue
	if q == nil { // a console without a worker
		var err error
		if q, err = queue.New(c.app.cfg.Kafka, c.log, prometheus.NewRegistry()); err != nil {
			return backtest.Plan{}, err
		}
		defer q.Close()
	}
	return backtest.NewPlan(ctx, q, published, version, from, until, c.app.cfg.Worker.RepeatWindow)
}

// Running says whether a process of this one works on it.
func (c *backtestChildren) Running(number int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running[number]
}

// Start starts a process for a back-test, where none works on it.
func (c *backtestChildren) Start(number int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.running[number]:
		return nil
	case c.ended || c.ctx == nil:
		return errors.New("this process ends, or has not begun")
	}
	command, said, err := c.command(c.ctx, number)
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start back-test %d: %w", number, err)
	}
	c.running[number] = true
	c.log.Info("a back-test runs", "number", number, "pid", command.Process.Pid)
	c.group.Go(func() { c.await(command, said, number) })
	return nil
}

// command is the back-test command with this process's configuration: the same
// file and environment, and what this process worked out beyond them.
func (c *backtestChildren) command(ctx context.Context, number int64) (*exec.Cmd, *outputTail, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("find the program: %w", err)
	}
	args := []string{"backtest", "--number", strconv.FormatInt(number, 10), "--unseen", "--processors", strconv.Itoa(max(runtime.NumCPU()/2, 1))}
	if c.app.configFile != "" {
		args = append(args, "--config", c.app.configFile)
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) } // it saves how far it is
	command.WaitDelay = 20 * time.Second
	cfg := &c.app.cfg
	command.Env = os.Environ()
	for _, set := range [][2]string{
		{"DATA_DIR", cfg.DataDir}, {"CONSOLE_DATABASE", cfg.Console.Database}, {"CONSOLE_ENCRYPTION_SECRET_FILE", cfg.Console.EncryptionSecretFile},
		{"KAFKA_BROKERS", strings.Join(cfg.Kafka.Brokers, ",")}, {"CLICKHOUSE_ADDRESS", cfg.ClickHouse.Address},
		{"CLICKHOUSE_USER", cfg.ClickHouse.User}, {"CLICKHOUSE_PASSWORD", cfg.ClickHouse.Password},
	} {
		if set[1] != "" {
			command.Env = append(command.Env, "NETRA_"+set[0]+"="+set[1])
		}
	}
	said := &outputTail{}
	command.Stderr = said
	return command, said, nil
}

// await waits for the end of a process. One that died without a word is noted as
// failed, so that nobody waits for it.
func (c *backtestChildren) await(command *exec.Cmd, said *outputTail, number int64) {
	err := command.Wait()
	c.mu.Lock()
	delete(c.running, number)
	c.mu.Unlock()
	if err == nil {
		c.log.Info("a back-test ended", "number", number)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	t, findErr := c.book.Backtest(ctx, number)
	if findErr == nil && t.Status == tuning.BacktestRunning {
		findErr = c.book.EndBacktest(ctx, number, tuning.BacktestFailed, "", strings.TrimSpace(err.Error()+": "+said.last()))
	}
	if findErr == nil && t.Status == tuning.BacktestStopped {
		c.log.Info("a back-test was stopped", "number", number)
		return
	}
	c.log.Error("a back-test did not end well", "number", number, "error", err, "said", said.last(), "note", findErr)
}

// outputTail keeps the last bytes that a process writes.
type outputTail struct {
	mu   sync.Mutex
	data []byte
}

const tailBytes = 4096

func (t *outputTail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if len(t.data) > tailBytes {
		t.data = append([]byte(nil), t.data[len(t.data)-tailBytes:]...)
	}
	return len(p), nil
}

// last is the last line.
func (t *outputTail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.data)), "\n")
	return lines[len(lines)-1]
}
