package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// pool is the worker processes.
type pool struct {
	command func() *exec.Cmd
	mutex   sync.Mutex
	members []*process
	// ended counts workers that ended though nobody asked.
	ended int
}

// process is one worker.
type process struct {
	command *exec.Cmd
	exited  chan struct{}
	paused  bool
	asked   bool
}

func newPool(command func() *exec.Cmd) *pool { return &pool{command: command} }

func (p *pool) add() error {
	command := p.command()
	if err := command.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	w := &process{command: command, exited: make(chan struct{})}
	p.mutex.Lock()
	p.members = append(p.members, w)
	p.mutex.Unlock()
	go func() {
		_ = command.Wait() // how it ended matters only when nobody asked
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if !w.asked {
			p.ended++
		}
		p.forget(w)
		close(w.exited)
	}()
	return nil
}

// forget takes w off the list. The mutex is held.
func (p *pool) forget(w *process) {
	for i, member := range p.members {
		if member == w {
			p.members = append(p.members[:i], p.members[i+1:]...)
			return
		}
	}
}

// size is the number of workers that are not paused.
func (p *pool) size() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.awake())
}

// awake are the workers that are not paused. The mutex is held.
func (p *pool) awake() []*process {
	var awake []*process
	for _, w := range p.members {
		if !w.paused && !w.asked {
			awake = append(awake, w)
		}
	}
	return awake
}

func (p *pool) died() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.ended
}

func (p *pool) atLeast(n int) error {
	for p.size() < n {
		if err := p.add(); err != nil {
			return err
		}
	}
	return nil
}

// choose picks a worker that is awake, nil where there is none.
func (p *pool) choose(pick func(int) int, mark func(*process)) *process {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	awake := p.awake()
	if len(awake) == 0 {
		return nil
	}
	w := awake[pick(len(awake))]
	mark(w)
	return w
}

func (p *pool) kill(pick func(int) int) error {
	w := p.choose(pick, func(w *process) { w.asked = true })
	if w == nil {
		return nil
	}
	return w.end(context.Background(), syscall.SIGKILL)
}

// remove ends a worker in order, and counts on its drain.
func (p *pool) remove(ctx context.Context, pick func(int) int) error {
	w := p.choose(pick, func(w *process) { w.asked = true })
	if w == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return w.end(ctx, syscall.SIGTERM)
}

// pause stops a worker and returns what lets it go on.
func (p *pool) pause(pick func(int) int) (resume func(), err error) {
	w := p.choose(pick, func(w *process) { w.paused = true })
	if w == nil {
		return nil, nil
	}
	if err := w.signal(syscall.SIGSTOP); err != nil {
		return nil, err
	}
	return func() {
		_ = w.signal(syscall.SIGCONT) // it may have been killed since
		p.mutex.Lock()
		defer p.mutex.Unlock()
		w.paused = false
	}, nil
}

// killAll ends every worker that is left.
func (p *pool) killAll() {
	p.mutex.Lock()
	members := append([]*process(nil), p.members...)
	for _, w := range members {
		w.asked = true
	}
	p.mutex.Unlock()
	for _, w := range members {
		_ = w.end(context.Background(), syscall.SIGKILL) // best effort at the end
	}
}

func (w *process) signal(signal syscall.Signal) error {
	err := w.command.Process.Signal(signal)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// end signals the worker and waits for its end.
func (w *process) end(ctx context.Context, signal syscall.Signal) error {
	if err := w.signal(signal); err != nil {
		return fmt.Errorf("signal %s to worker %d: %w", signal, w.command.Process.Pid, err)
	}
	select {
	case <-w.exited:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("worker %d did not end on %s: %w", w.command.Process.Pid, signal, ctx.Err())
	}
}
