package sources

import (
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/facebook"
	"github.com/netra-id/netra/pipeline/collect/instagram"
	"github.com/netra-id/netra/pipeline/collect/threads"
	"github.com/netra-id/netra/pipeline/collect/x"
	"github.com/netra-id/netra/pipeline/collect/youtube"
)

func facebookKind() kind {
	return kind{
		key: "facebook",
		set: func(s *Source) bool { return s.Facebook != nil },
		validate: func(s *Source, key string) error {
			filled := s.Facebook.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := facebook.New(s.Name, s.Facebook.WithDefaults(), deps.Accounts, deps.Metrics())
			return meta(source), err
		},
	}
}

// meta is the schedule of Meta's platforms. How much an app may ask depends on
// its users; the answers' headers tell when it is too much.
func meta(source collect.Source) collect.Schedule {
	return collect.Schedule{Source: source, Interval: 30 * time.Minute, Jitter: 0.2, Rate: 2, Burst: 4, Concurrency: 4, CircuitAfter: 10}
}

func instagramKind() kind {
	return kind{
		key: "instagram",
		set: func(s *Source) bool { return s.Instagram != nil },
		validate: func(s *Source, key string) error {
			filled := s.Instagram.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := instagram.New(s.Name, s.Instagram.WithDefaults(), deps.Accounts, deps.Metrics())
			return meta(source), err
		},
	}
}

func threadsKind() kind {
	return kind{
		key: "threads",
		set: func(s *Source) bool { return s.Threads != nil },
		validate: func(s *Source, key string) error {
			filled := s.Threads.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := threads.New(s.Name, s.Threads.WithDefaults(), deps.Accounts, deps.Metrics())
			return meta(source), err
		},
	}
}

func xKind() kind {
	return kind{
		key: "x",
		set: func(s *Source) bool { return s.X != nil },
		validate: func(s *Source, key string) error {
			filled := s.X.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := x.New(s.Name, s.X.WithDefaults(), deps.Accounts, deps.Metrics())
			// The answers' headers tell how many requests a quarter of an hour has left.
			return collect.Schedule{Source: source, Interval: 15 * time.Minute, Jitter: 0.2, Rate: 1, Burst: 5, Concurrency: 4, CircuitAfter: 10}, err
		},
	}
}

func youtubeKind() kind {
	return kind{
		key: "youtube",
		set: func(s *Source) bool { return s.YouTube != nil },
		validate: func(s *Source, key string) error {
			filled := s.YouTube.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := youtube.New(s.Name, s.YouTube.WithDefaults(), deps.Accounts, deps.Metrics())
			return collect.Schedule{
				Source: source, Interval: time.Hour, Jitter: 0.2, Rate: 5, Burst: 10, Concurrency: 4, CircuitAfter: 10,
				Quota: collect.Quota{Units: youtube.DailyUnits, Per: 24 * time.Hour, TimeZone: youtube.TimeZone},
			}, err
		},
	}
}
