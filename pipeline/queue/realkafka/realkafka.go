// Package realkafka runs a real Apache Kafka (KRaft), one node or a cluster of
// several, as child processes on free loopback ports: for the integration tests, the chaos run, the
// bench and `make kafka`. It is not part of the running product, which is given
// the address of a cluster.
//
// The jars are resolved by Maven into .cache/kafka/jars (`make kafka-jars`); Java
// 17 or newer must be there.
package realkafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
)

// Options of a broker. Only Dir must be set.
type Options struct {
	// Dir holds the broker's data and logs. A directory that was used before
	// goes on where it was, on the same ports.
	Dir string
	// Jars is the directory of the jars; empty looks for .cache/kafka/jars in
	// this directory and above it.
	Jars string
	// Port is the port for clients; 0 takes a free one.
	Port int
	// HeapMB bounds the heap; 0 is 512.
	HeapMB int
	// Secure opens one more listener, with TLS and users; nil is none.
	Secure *Secure
}

// Broker is a running (or stopped) broker.
type Broker struct {
	options Options
	port    int
	control int
	secure  int
	process *exec.Cmd
	exited  chan struct{}
	// place is set for one broker of several.
	place *place
}

// Start formats the storage where that was not done, starts a broker, and
// returns when it answers.
func Start(ctx context.Context, options Options) (*Broker, error) {
	b := &Broker{options: options}
	if b.options.HeapMB == 0 {
		b.options.HeapMB = 512
	}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	if err := b.Restart(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Addr is the address for clients.
func (b *Broker) Addr() string { return fmt.Sprintf("127.0.0.1:%d", b.port) }

// PID is the process id of the running broker, 0 when it does not run.
func (b *Broker) PID() int {
	if b.process == nil {
		return 0
	}
	return b.process.Process.Pid
}

// Exited is closed when the running broker has ended.
func (b *Broker) Exited() <-chan struct{} { return b.exited }

// Restart starts a stopped broker on the same directory and ports, and returns
// when it answers.
func (b *Broker) Restart(ctx context.Context) error {
	if b.process != nil {
		return errors.New("kafka is running")
	}
	logs, err := os.OpenFile(b.path("kafka.out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start kafka: %w", err)
	}
	defer func() { _ = logs.Close() }() // the child has its own handle
	// It outlives ctx, which bounds the start only.
	process := b.java(context.WithoutCancel(ctx), "kafka.Kafka", b.path("server.properties"))
	process.Stdout, process.Stderr = logs, logs
	process.SysProcAttr = childAttributes()
	if err := process.Start(); err != nil {
		return fmt.Errorf("start kafka: %w", err)
	}
	b.process, b.exited = process, make(chan struct{})
	go func(exited chan struct{}) {
		_ = process.Wait() // how it ended is in its own log
		close(exited)
	}(b.exited)
	if err := b.awaitAnswer(ctx); err != nil {
		_ = b.Kill()
		return err
	}
	return nil
}

// Stop ends the broker in order (SIGTERM), and by force when ctx ends first.
func (b *Broker) Stop(ctx context.Context) error {
	if b.process == nil {
		return nil
	}
	if err := b.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop kafka: %w", err)
	}
	select {
	case <-b.exited:
		b.process = nil
		return nil
	case <-ctx.Done():
		return b.Kill()
	}
}

// Kill ends the broker at once (SIGKILL), as a power cut of the process would.
func (b *Broker) Kill() error {
	if b.process == nil {
		return nil
	}
	if err := b.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill kafka: %w", err)
	}
	<-b.exited
	b.process = nil
	return nil
}

func (b *Broker) path(name string) string { return filepath.Join(b.options.Dir, name) }

func (b *Broker) java(ctx context.Context, class string, args ...string) *exec.Cmd {
	heap := fmt.Sprintf("-Xmx%dm", b.options.HeapMB)
	return exec.CommandContext(ctx, "java", append([]string{
		heap, "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
		"-Dlog4j2.configurationFile=" + b.path("log4j2.properties"),
		"-cp", filepath.Join(b.options.Jars, "*"), class,
	}, args...)...)
}

// awaitAnswer asks the broker for its metadata until it answers.
func (b *Broker) awaitAnswer(ctx context.Context) error {
	var last error
	for {
		if last = b.ask(ctx); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kafka on %s does not answer: %w: %w; its log: %s", b.Addr(), ctx.Err(), last, b.path("kafka.out"))
		case <-b.exited:
			return fmt.Errorf("kafka ended while starting:\n%s", b.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (b *Broker) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := (&kafka.Dialer{}).DialContext(ctx, "tcp", b.Addr())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // only asked something
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	brokers, err := conn.Brokers()
	if err == nil && len(brokers) == 0 {
		err = errors.New("it knows no broker yet")
	}
	return err
}

// tail is the end of the broker's output, for an error message.
func (b *Broker) tail() string {
	data, err := os.ReadFile(b.path("kafka.out"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(len(lines)-20, 0):], "\n")
}

// freePorts returns n ports that nobody listens on now.
func freePorts(ctx context.Context, n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }() // held until all are found
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
