package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Engine is the ClickHouse engine in a child process.
type Engine struct {
	cfg    EngineConfiguration
	logger *slog.Logger
	done   chan struct{}
	stop   chan struct{}
	once   sync.Once

	mutex   sync.Mutex
	child   *child
	err     error
	address string
}

// StartEngine starts the engine and returns when it answers. The error wraps
// ErrNoLibrary where its library is missing. The context bounds the start
// only; Stop ends the engine.
func StartEngine(ctx context.Context, cfg EngineConfiguration, logger *slog.Logger) (*Engine, error) {
	library, err := FindLibrary(cfg.Library)
	if err != nil {
		return nil, err
	}
	cfg.Library = library
	e := &Engine{cfg: cfg, logger: logger, done: make(chan struct{}), stop: make(chan struct{})}
	c, err := e.start(ctx)
	if err != nil {
		return nil, err
	}
	// A later start must come back at the same address.
	e.address, e.cfg.Listen = c.address, c.address
	e.child = c
	logger.Info("engine is ready", "address", c.address, "data_dir", cfg.DataDir)
	go e.supervise(c)
	return e, nil
}

func (e *Engine) start(ctx context.Context) (*child, error) {
	timeout := e.cfg.StartTimeout
	if timeout <= 0 {
		timeout = DefaultEngineConfiguration().StartTimeout
	}
	return startChild(ctx, childEngine, order{Engine: &e.cfg}, timeout, e.logger)
}

// Address is that of the HTTP interface, "host:port". A restart keeps it.
func (e *Engine) Address() string { return e.address }

// Pid is the process that runs the engine now, for tests that kill it.
func (e *Engine) Pid() int {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.child.command.Process.Pid
}

// Done is closed when the engine has ended for good: after Stop, or, without
// Restart, when the process ended.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err says, once Done is closed, why the engine ended unasked.
func (e *Engine) Err() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.err
}

// Stop lets running statements end and stops the engine; when the context ends
// first, it is killed, which loses nothing that was acknowledged.
func (e *Engine) Stop(ctx context.Context) error {
	e.once.Do(func() { close(e.stop) })
	e.mutex.Lock()
	c := e.child
	e.mutex.Unlock()
	err := c.stop(ctx)
	<-e.done
	if err != nil {
		return fmt.Errorf("stop the engine: %w", err)
	}
	return nil
}

// supervise waits for the child's end and, where that was not asked for,
// starts another.
func (e *Engine) supervise(c *child) {
	defer close(e.done)
	for {
		<-c.ended
		_ = c.input.Close()
		if e.stopping() {
			return
		}
		problem := fmt.Errorf("the engine ended unasked: %w", errors.Join(c.err, errEnded))
		e.logger.Error("engine ended", "error", c.err, "restart", e.cfg.Restart)
		if !e.cfg.Restart {
			e.fail(problem)
			return
		}
		next, err := e.restart()
		if err != nil {
			if !e.stopping() {
				e.fail(err)
			}
			return
		}
		c = next
	}
}

var errEnded = errors.New("its process is gone")

func (e *Engine) fail(err error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.err = err
}

func (e *Engine) stopping() bool {
	select {
	case <-e.stop:
		return true
	default:
		return false
	}
}

// restart tries again and again, at longer and longer intervals, until the
// engine runs or Stop is called.
func (e *Engine) restart() (*child, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		select {
		case <-e.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	defer func() { cancel(); <-watching }()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, 10*time.Second
	return backoff.Retry(ctx, func() (*child, error) {
		c, err := e.start(ctx)
		if err != nil {
			e.logger.Error("engine does not start again", "error", err)
			return nil, err
		}
		e.mutex.Lock()
		e.child = c
		e.mutex.Unlock()
		e.logger.Info("engine is ready again", "address", c.address)
		if e.stopping() { // Stop asked the child before this one
			c.kill()
		}
		return c, nil
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(0))
}
