// Package sources builds the sources that a configuration names: it knows every
// platform, so that the package collect need not know any. It is called by
// cmd/netra.
package sources

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/bluesky"
	"github.com/netra-id/netra/pipeline/collect/facebook"
	"github.com/netra-id/netra/pipeline/collect/feed"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/files"
	"github.com/netra-id/netra/pipeline/collect/instagram"
	"github.com/netra-id/netra/pipeline/collect/mastodon"
	"github.com/netra-id/netra/pipeline/collect/telegram"
	"github.com/netra-id/netra/pipeline/collect/threads"
	"github.com/netra-id/netra/pipeline/collect/x"
	"github.com/netra-id/netra/pipeline/collect/youtube"
	"github.com/netra-id/netra/pipeline/post"
)

// Source is one source in the configuration. Exactly one of the parts named for
// a kind of source is set.
type Source struct {
	Name string `yaml:"name"`
	// Interval is the time between two visits of a target, 0 for the default
	// of its kind, and Jitter the part by which it varies.
	Interval time.Duration `yaml:"interval"`
	Jitter   float64       `yaml:"jitter"`
	// MinInterval and MaxInterval bound the interval of single accounts: busy
	// ones are visited more often than the interval, quiet ones less. 0 stands
	// for a quarter of the interval, and for 24 times the kind's default one; an
	// interval that is set is also the longest, unless MaxInterval is set.
	MinInterval time.Duration `yaml:"min_interval"`
	MaxInterval time.Duration `yaml:"max_interval"`
	// Rate is how many requests a second are made at most, 0 for no limit.
	Rate  float64 `yaml:"rate"`
	Burst int     `yaml:"burst"`
	// Quota is what the platform gives in a day, or another time, to the whole
	// source. Nothing set stands for the quota of the kind.
	Quota collect.Quota `yaml:"quota"`
	// CircuitAfter is after how many failures in a row a whole server is left
	// alone for a while; 0 for the default of its kind.
	CircuitAfter int `yaml:"circuit_after"`
	// Concurrency is how many targets are visited at once, 0 for the default.
	Concurrency int `yaml:"concurrency"`

	Files *files.Configuration `yaml:"files"`
	Feed  *feed.Configuration  `yaml:"feed"`

	Bluesky  *bluesky.Configuration  `yaml:"bluesky,omitempty"`
	Mastodon *mastodon.Configuration `yaml:"mastodon,omitempty"`
	Telegram *telegram.Configuration `yaml:"telegram,omitempty"`

	Facebook  *facebook.Configuration  `yaml:"facebook,omitempty"`
	Instagram *instagram.Configuration `yaml:"instagram,omitempty"`
	Threads   *threads.Configuration   `yaml:"threads,omitempty"`
	X         *x.Configuration         `yaml:"x,omitempty"`
	YouTube   *youtube.Configuration   `yaml:"youtube,omitempty"`
}

// Validate checks a list of sources; key is its path in the configuration file.
// Its error joins a *post.FieldError for each value that is wrong.
func Validate(key string, sources []Source) error {
	var problems []error
	names := map[string]bool{}
	for n := range sources {
		at := fmt.Sprintf("%s[%d]", key, n)
		s := &sources[n]
		if s.Name == "" || s.Name == files.ImportSource || names[s.Name] {
			problems = append(problems, &post.FieldError{
				Key: at + ".name", Value: strconv.Quote(s.Name),
				Allowed: "a name that no other source has, and not " + files.ImportSource,
			})
		}
		names[s.Name] = true
		problems = append(problems, s.validate(at))
	}
	return errors.Join(problems...)
}

func (s *Source) validate(key string) error {
	var problems []error
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if s.Interval != 0 {
		problems = append(problems, collect.AtLeast(key+".interval", s.Interval, 100*time.Millisecond))
	}
	if s.MinInterval != 0 {
		problems = append(problems, collect.AtLeast(key+".min_interval", s.MinInterval, 100*time.Millisecond))
	}
	if s.MaxInterval != 0 {
		problems = append(problems, collect.AtLeast(key+".max_interval", s.MaxInterval, max(s.Interval, s.MinInterval)))
	}
	if s.MaxInterval > 28*24*time.Hour {
		fail("max_interval", s.MaxInterval.String(), "at most 672h, four weeks")
	}
	if s.Quota != (collect.Quota{}) {
		problems = append(problems, s.Quota.Validate(key+".quota"))
	}
	if s.CircuitAfter < 0 {
		fail("circuit_after", strconv.Itoa(s.CircuitAfter), "a number of failures, 0 for the default")
	}
	if s.Jitter < 0 || s.Jitter > 1 {
		fail("jitter", fmt.Sprint(s.Jitter), "a part from 0 to 1")
	}
	if s.Rate < 0 {
		fail("rate", fmt.Sprint(s.Rate), "requests a second, 0 for no limit")
	}
	if s.Burst < 0 {
		fail("burst", strconv.Itoa(s.Burst), "a number of requests, 0 for 1")
	}
	if s.Concurrency < 0 {
		fail("concurrency", strconv.Itoa(s.Concurrency), "a number of targets, 0 for the default")
	}
	problems = append(problems, s.validateKind(key))
	return errors.Join(problems...)
}

func (s *Source) validateKind(key string) error {
	var names []string
	var set []kind
	for _, k := range kinds() {
		names = append(names, k.key)
		if k.set(s) {
			set = append(set, k)
		}
	}
	allowed := strings.Join(names, ", ")
	switch len(set) {
	case 0:
		return &post.FieldError{Key: key + "." + names[0], Value: "missing", Allowed: "one of " + allowed}
	case 1:
		return set[0].validate(s, key+"."+set[0].key)
	default:
		return &post.FieldError{Key: key + "." + set[1].key, Value: set[0].key + " and " + set[1].key, Allowed: "only one of " + allowed}
	}
}

// Build makes the sources with their schedules. The list has been validated.
func Build(sources []Source, deps Dependencies) ([]collect.Schedule, error) {
	deps.metrics = fetch.NewMetrics(deps.Registerer)
	schedules := make([]collect.Schedule, 0, len(sources))
	for n := range sources {
		schedule, err := sources[n].build(deps)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", sources[n].Name, err)
		}
		schedules = append(schedules, schedule)
	}
	return schedules, nil
}

func (s *Source) build(deps Dependencies) (collect.Schedule, error) {
	for _, k := range kinds() {
		if !k.set(s) {
			continue
		}
		schedule, err := k.build(s, deps)
		if err != nil {
			return collect.Schedule{}, err
		}
		s.overlay(&schedule, &k)
		return schedule, nil
	}
	return collect.Schedule{}, s.validateKind(s.Name)
}

// overlay lays what the operator has configured over what the kind wants.
func (s *Source) overlay(schedule *collect.Schedule, k *kind) {
	if !k.apart {
		schedule.CircuitAfter = orDefault(schedule.CircuitAfter, 10)
	}
	if !k.even {
		schedule.MinInterval = orDefault(schedule.MinInterval, schedule.Interval/4)
		schedule.MaxInterval = orDefault(schedule.MaxInterval, 24*schedule.Interval)
	}
	if s.Interval != 0 && !k.even {
		schedule.MinInterval, schedule.MaxInterval = s.Interval/4, s.Interval
	}
	schedule.Interval = orDefault(s.Interval, schedule.Interval)
	schedule.MinInterval = orDefault(s.MinInterval, schedule.MinInterval)
	schedule.MaxInterval = orDefault(s.MaxInterval, schedule.MaxInterval)
	schedule.Jitter = orDefault(s.Jitter, schedule.Jitter)
	schedule.Rate = orDefault(s.Rate, schedule.Rate)
	schedule.Burst = orDefault(s.Burst, schedule.Burst)
	schedule.Quota.Units = orDefault(s.Quota.Units, schedule.Quota.Units)
	schedule.Quota.Per = orDefault(s.Quota.Per, schedule.Quota.Per)
	schedule.Quota.TimeZone = orDefault(s.Quota.TimeZone, schedule.Quota.TimeZone)
	schedule.Concurrency = orDefault(s.Concurrency, schedule.Concurrency)
	schedule.CircuitAfter = orDefault(s.CircuitAfter, schedule.CircuitAfter)
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
