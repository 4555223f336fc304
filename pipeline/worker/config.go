package worker

import (
	"fmt"
	"time"
)

// Configuration of the worker.
type Configuration struct {
	// RepeatWindow is how many offsets back a record is recognised as a repeat
	// of a post: a record that a producer sent twice, or that was collected
	// twice, is not counted again. All workers must use the same.
	RepeatWindow int `yaml:"repeat_window"`
	// Processors is how many posts are classified at once; 0 is one a CPU.
	Processors int `yaml:"processors"`
	// An insert or dead letter that fails is tried again after RetryLeast, and
	// then after ever longer times up to RetryMost, for ever.
	RetryLeast time.Duration `yaml:"retry_least"`
	RetryMost  time.Duration `yaml:"retry_most"`
	// InsertTimeout bounds one try.
	InsertTimeout time.Duration `yaml:"insert_timeout"`
}

// DefaultConfiguration is for production.
func DefaultConfiguration() Configuration {
	return Configuration{
		RepeatWindow: 8192,
		RetryLeast:   100 * time.Millisecond,
		RetryMost:    15 * time.Second, InsertTimeout: time.Minute,
	}
}

// Validate names the first key that is wrong, with its value and what is
// allowed.
func (c Configuration) Validate() error {
	switch {
	case c.RepeatWindow < 0 || c.RepeatWindow > 1<<20:
		return fmt.Errorf("key repeat_window: value %d: allowed: 0 to %d", c.RepeatWindow, 1<<20)
	case c.Processors < 0:
		return fmt.Errorf("key processors: value %d: allowed: 0 (one a CPU) or more", c.Processors)
	case c.RetryLeast <= 0:
		return fmt.Errorf("key retry_least: value %s: allowed: more than 0s", c.RetryLeast)
	case c.RetryMost < c.RetryLeast:
		return fmt.Errorf("key retry_most: value %s: allowed: at least retry_least (%s)", c.RetryMost, c.RetryLeast)
	case c.InsertTimeout <= 0:
		return fmt.Errorf("key insert_timeout: value %s: allowed: more than 0s", c.InsertTimeout)
	}
	return nil
}
