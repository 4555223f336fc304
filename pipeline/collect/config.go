package collect

import (
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how the collector works over all its sources.
type Configuration struct {
	// SeenFor is how long it is remembered that a post was sent. It should be
	// longer than the queue keeps posts.
	SeenFor time.Duration `yaml:"seen_for"`
	// RetryInitial and RetryMax bound the back-off after failures.
	RetryInitial time.Duration `yaml:"retry_initial"`
	RetryMax     time.Duration `yaml:"retry_max"`
	// RecheckEnded is how often an account that is gone, private or suspended
	// is looked at again.
	RecheckEnded time.Duration `yaml:"recheck_ended"`
	// StopTimeout is how long a stop may take to hand on what was fetched.
	StopTimeout time.Duration `yaml:"stop_timeout"`
	// SilentSpeedup is how many times as often accounts are visited while an
	// election of their region is in its silent period (masa tenang), within the
	// bounds and budgets of their source.
	SilentSpeedup int `yaml:"silent_speedup"`
	// CoverageInterval is how often coverage is handed to the store.
	CoverageInterval time.Duration `yaml:"coverage_interval"`
}

// DefaultConfiguration returns the defaults.
func DefaultConfiguration() Configuration {
	return Configuration{
		SeenFor:          35 * 24 * time.Hour,
		RetryInitial:     5 * time.Second,
		RetryMax:         30 * time.Minute,
		RecheckEnded:     7 * 24 * time.Hour,
		StopTimeout:      20 * time.Second,
		SilentSpeedup:    4,
		CoverageInterval: 15 * time.Second,
	}
}

// Validate checks the values; key is the path of the configuration in its file.
// Its error joins a *post.FieldError for each value that is wrong.
func (c *Configuration) Validate(key string) error {
	var speedup error
	if c.SilentSpeedup < 1 || c.SilentSpeedup > 1000 {
		speedup = &post.FieldError{Key: key + ".silent_speedup", Value: fmt.Sprint(c.SilentSpeedup), Allowed: "a number from 1, for as often as always, to 1000"}
	}
	return errors.Join(
		speedup,
		AtLeast(key+".seen_for", c.SeenFor, time.Hour),
		AtLeast(key+".retry_initial", c.RetryInitial, time.Millisecond),
		AtLeast(key+".retry_max", c.RetryMax, c.RetryInitial),
		AtLeast(key+".recheck_ended", c.RecheckEnded, time.Minute),
		AtLeast(key+".stop_timeout", c.StopTimeout, time.Second),
		AtLeast(key+".coverage_interval", c.CoverageInterval, 100*time.Millisecond),
	)
}

// AtLeast returns a *post.FieldError where a duration is below the least one.
func AtLeast(key string, value, least time.Duration) error {
	if value >= least {
		return nil
	}
	return &post.FieldError{Key: key, Value: value.String(), Allowed: fmt.Sprintf("a duration of at least %s", least)}
}

// Schedule is how one source is collected.
type Schedule struct {
	Source Source
	// Interval is the time from the end of one visit of a target to the next,
	// varied by Jitter, a part from 0 to 1.
	Interval time.Duration
	Jitter   float64
	// MinInterval and MaxInterval bound the interval of single accounts: busy
	// ones are visited more often than Interval, quiet ones less. Where they are
	// not set, all have the same.
	MinInterval, MaxInterval time.Duration
	// Refresh is how often the source is asked for its targets.
	Refresh time.Duration
	// Rate is how many requests a second each host of the source gets, 0 for no
	// limit; Burst is how many of them at once.
	Rate  float64
	Burst int
	// Quota is what the whole source may spend in a day or another time.
	Quota Quota
	// Concurrency is how many targets are visited at once.
	Concurrency int
	// CircuitAfter is after how many failures in a row a host pauses as a
	// whole, as it also does when the platform limits its rate; 0 is never, for
	// a source whose targets have nothing in common.
	CircuitAfter int
}

// withDefaults fills in what is not set.
func (s Schedule) withDefaults() Schedule {
	if s.Interval <= 0 {
		s.Interval = time.Minute
	}
	if s.Refresh <= 0 {
		s.Refresh = min(s.Interval, time.Hour)
	}
	if s.MinInterval <= 0 {
		s.MinInterval = s.Interval
	}
	if s.MaxInterval <= 0 {
		s.MaxInterval = s.Interval
	}
	s.MinInterval, s.MaxInterval = min(s.MinInterval, s.Interval), max(s.MaxInterval, s.Interval)
	s.Quota = s.Quota.WithDefaults()
	s.Concurrency = max(s.Concurrency, 1)
	s.Burst = max(s.Burst, 1)
	return s
}
