package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// childVariable names what a process becomes when RunChild finds it.
const childVariable = "NETRA_EMBEDDED_CHILD"

// What a child can become.
const (
	childEngine = "engine"
	childBroker = "broker"
)

// order is what a parent writes to its child's standard input: one JSON
// object, with the password in it and so neither in the environment nor among
// the arguments. The input then stays open: its end says that the parent is
// gone, and the line "stop" asks for a proper end.
type order struct {
	Engine *EngineConfiguration `json:"engine,omitempty"`
	Broker *BrokerConfiguration `json:"broker,omitempty"`
}

// news is what a child answers once, on file descriptor 3.
type news struct {
	Address string `json:"address,omitempty"`
	Error   string `json:"error,omitempty"`
}

// RunChild turns this process into the engine or the broker if that is what it
// was started for, and then never returns. Programs and tests that start
// either call it first thing in main and in TestMain.
func RunChild() {
	role := os.Getenv(childVariable)
	if role == "" {
		return
	}
	// Whatever this process starts must not become a child, too.
	_ = os.Unsetenv(childVariable)
	if err := runChild(role); err != nil {
		fmt.Fprintf(os.Stderr, "netra %s: %s\n", role, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runChild(role string) error {
	report := os.NewFile(3, "report")
	if report == nil {
		return errors.New("this process was not started by netra")
	}
	tell := func(n news) {
		_ = json.NewEncoder(report).Encode(n)
		_ = report.Close()
	}
	input := bufio.NewReader(os.Stdin)
	var o order
	line, err := input.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err != nil {
		tell(news{Error: "read the order: " + err.Error()})
		return fmt.Errorf("read the order: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	// The parent decides when this ends, also where Ctrl-C reaches the group.
	signal.Ignore(syscall.SIGINT)
	go obey(input, stop)
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	told := false
	ready := func(address string) {
		told = true
		tell(news{Address: address})
	}
	switch {
	case role == childEngine && o.Engine != nil:
		err = ServeEngine(ctx, *o.Engine, logger, ready)
	case role == childBroker && o.Broker != nil:
		err = ServeBroker(ctx, *o.Broker, logger, func(addresses []string) { ready(addresses[0]) })
	default:
		err = fmt.Errorf("unknown order for %q", role)
	}
	if err != nil && !told {
		tell(news{Error: err.Error()})
	}
	return err
}

// obey waits for the parent's word. A parent that vanished needs its port and
// its data directory free at once, and both engines survive a kill, so the
// child does not linger then.
func obey(input *bufio.Reader, stop func()) {
	for {
		line, err := input.ReadString('\n')
		if strings.TrimSpace(line) == "stop" {
			stop()
			continue
		}
		if err != nil {
			os.Exit(3)
		}
	}
}

// child is a running child process.
type child struct {
	command *exec.Cmd
	input   io.WriteCloser
	address string
	ended   chan struct{}
	err     error // why it ended, once ended is closed
}

// startChild starts this program again as what role names and waits until it
// is ready.
func startChild(ctx context.Context, role string, o order, timeout time.Duration, logger *slog.Logger) (*child, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode the order: %w", err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = reader.Close() }()
	command := exec.Command(executable) //nolint:gosec,noctx // it is this program, and is ended in order
	command.Env = append(os.Environ(), childVariable+"="+role)
	command.ExtraFiles = []*os.File{writer}
	logs := &logWriter{logger: logger, name: role}
	command.Stdout, command.Stderr = logs, logs
	// A group of its own keeps a terminal's Ctrl-C away: the parent ends it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	_ = writer.Close()
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w", role, err)
	}
	c := &child{command: command, input: input, ended: make(chan struct{})}
	go c.wait()
	heard := make(chan news, 1)
	go func() {
		var n news
		if err := json.NewDecoder(reader).Decode(&n); err != nil {
			n.Error = "it ended before it was ready"
		}
		heard <- n
	}()
	if _, err := input.Write(append(encoded, '\n')); err != nil {
		c.kill()
		return nil, fmt.Errorf("order the %s: %w", role, err)
	}
	select {
	case n := <-heard:
		if n.Error != "" {
			c.kill()
			return nil, fmt.Errorf("start the %s: %s", role, n.Error)
		}
		c.address = n.Address
		return c, nil
	case <-time.After(timeout):
		c.kill()
		return nil, fmt.Errorf("start the %s: not ready after %s", role, timeout)
	case <-ctx.Done():
		c.kill()
		return nil, fmt.Errorf("start the %s: %w", role, ctx.Err())
	}
}

func (c *child) wait() {
	c.err = c.command.Wait()
	close(c.ended)
}

// kill ends the child at once and waits for it.
func (c *child) kill() {
	_ = c.command.Process.Kill()
	<-c.ended
	_ = c.input.Close()
}

// stop asks the child to end, and kills it where the context ends first.
func (c *child) stop(ctx context.Context) error {
	_, _ = io.WriteString(c.input, "stop\n")
	select {
	case <-c.ended:
		_ = c.input.Close()
		return nil
	case <-ctx.Done():
		c.kill()
		return fmt.Errorf("it did not end in time and was killed: %w", ctx.Err())
	}
}

// logWriter hands a child's output to the log, a line a record.
type logWriter struct {
	logger *slog.Logger
	name   string
	mutex  sync.Mutex
	rest   []byte
}

func (l *logWriter) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := strings.Cut(string(l.rest), "\n")
		if !found {
			return len(p), nil
		}
		l.rest = []byte(rest)
		if line = strings.TrimSpace(line); line != "" {
			l.logger.Warn(line, "from", l.name)
		}
	}
}
