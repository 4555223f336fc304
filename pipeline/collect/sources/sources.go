// Package sources builds the sources that a configuration names: it knows every
// platform, so that the package collect need not know any. It is called by
// cmd/netra.
package sources

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/feed"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/files"
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
	// Rate is how many requests a second are made at most, 0 for no limit.
	Rate  float64 `yaml:"rate"`
	Burst int     `yaml:"burst"`
	// Concurrency is how many targets are visited at once, 0 for the default.
	Concurrency int `yaml:"concurrency"`

	Files *files.Configuration `yaml:"files"`
	Feed  *feed.Configuration  `yaml:"feed"`
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
	switch {
	case s.Files != nil && s.Feed != nil:
		fail("feed", "files and feed", "only one of files, feed")
	case s.Files != nil:
		filled := s.Files.WithDefaults()
		problems = append(problems, filled.Validate(key+".files"))
	case s.Feed != nil:
		filled := s.Feed.WithDefaults()
		problems = append(problems, filled.Validate(key+".feed"))
	default:
		fail("files", "missing", "one of files, feed")
	}
	return errors.Join(problems...)
}

// Build makes the sources with their schedules. The list has been validated.
func Build(sources []Source, logger *slog.Logger, registerer prometheus.Registerer) ([]collect.Schedule, error) {
	metrics := fetch.NewMetrics(registerer)
	schedules := make([]collect.Schedule, 0, len(sources))
	for n := range sources {
		schedule, err := build(&sources[n], logger, metrics)
		if err != nil {
			return nil, err
		}
		schedules = append(schedules, schedule)
	}
	return schedules, nil
}

func build(s *Source, logger *slog.Logger, metrics *fetch.Metrics) (collect.Schedule, error) {
	schedule := collect.Schedule{
		Interval: s.Interval, Jitter: s.Jitter, Rate: s.Rate, Burst: s.Burst, Concurrency: s.Concurrency,
	}
	switch {
	case s.Files != nil:
		source, err := files.New(s.Name, s.Files.WithDefaults(), logger)
		if err != nil {
			return collect.Schedule{}, err
		}
		schedule.Source = source
		schedule.Interval = orDefault(s.Interval, 10*time.Second)
		schedule.Concurrency = orDefault(s.Concurrency, 2)
	case s.Feed != nil:
		schedule.Source = feed.New(s.Name, s.Feed.WithDefaults(), metrics)
		schedule.Interval = orDefault(s.Interval, 15*time.Minute)
		schedule.Jitter = orDefault(s.Jitter, 0.1)
		schedule.Concurrency = orDefault(s.Concurrency, 8)
	default:
		return collect.Schedule{}, &post.FieldError{Key: s.Name, Value: "nothing", Allowed: "one of files, feed"}
	}
	return schedule, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
