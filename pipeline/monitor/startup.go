package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Startup is the readiness of a program that comes up step by step and waits
// for servers that are away. It is not ready before Done.
type Startup struct {
	log *slog.Logger
	// Least and Most bound the time between two tries; it doubles.
	Least, Most time.Duration

	mutex  sync.Mutex
	state  error
	checks []Check
}

// NewStartup returns the readiness of a program that has just begun.
func NewStartup(log *slog.Logger) *Startup {
	return &Startup{log: log, Least: 250 * time.Millisecond, Most: 10 * time.Second, state: fmt.Errorf("starting")}
}

// Await tries a step until it succeeds, with a longer pause each time. It
// returns at once an error that waiting cannot mend, as final says, and the
// last error when ctx ends.
func (s *Startup) Await(ctx context.Context, step string, try func(context.Context) error, final func(error) bool) error {
	pause := s.Least
	for began := time.Now(); ; {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if final(err) || ctx.Err() != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
		s.set(fmt.Errorf("%s: waiting since %s: %w", step, began.Format(time.RFC3339), err))
		s.log.Warn("waiting", "for", step, "since", time.Since(began).Round(time.Second).String(), "next_try_in", pause.String(), "error", err)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%s: %w", step, err)
		case <-timer.C:
		}
		pause = min(2*pause, s.Most)
	}
}

// Done ends the start: from now on the checks say whether the program is ready.
func (s *Startup) Done(checks ...Check) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state, s.checks = nil, checks
}

// Ready says what is waited for, or which check does not hold.
func (s *Startup) Ready(ctx context.Context) error {
	s.mutex.Lock()
	state, checks := s.state, s.checks
	s.mutex.Unlock()
	if state != nil {
		return state
	}
	for _, check := range checks {
		if err := check.Ready(ctx); err != nil {
			return fmt.Errorf("%s: %w", check.Name, err)
		}
	}
	return nil
}

func (s *Startup) set(state error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.state = state
}
