package sources

import (
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/bluesky"
	"github.com/netra-id/netra/pipeline/collect/mastodon"
	"github.com/netra-id/netra/pipeline/collect/telegram"
)

func blueskyKind() kind {
	return kind{
		key: "bluesky",
		set: func(s *Source) bool { return s.Bluesky != nil },
		validate: func(s *Source, key string) error {
			filled := s.Bluesky.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			cfg := s.Bluesky.WithDefaults()
			// The AppView answers 3,000 requests in five minutes, as a rule. Each
			// connection of the stream is a visit that does not end for long.
			schedule := collect.Schedule{
				Source: bluesky.New(s.Name, cfg, deps.Accounts, deps.Metrics()), Interval: 15 * time.Minute, Jitter: 0.2, Rate: 5, Burst: 5, Concurrency: 8,
			}
			if cfg.Stream.Enabled {
				schedule.Concurrency += cfg.Stream.Connections
			}
			return schedule, nil
		},
	}
}

func mastodonKind() kind {
	return kind{
		key: "mastodon",
		set: func(s *Source) bool { return s.Mastodon != nil },
		validate: func(s *Source, key string) error {
			filled := s.Mastodon.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := mastodon.New(s.Name, s.Mastodon.WithDefaults(), deps.Accounts, deps.Metrics())
			// Instances answer 300 requests in five minutes, as a rule.
			return collect.Schedule{Source: source, Interval: 15 * time.Minute, Jitter: 0.2, Rate: 0.9, Burst: 5, Concurrency: 8}, err
		},
	}
}

func telegramKind() kind {
	return kind{
		key: "telegram",
		set: func(s *Source) bool { return s.Telegram != nil },
		validate: func(s *Source, key string) error {
			filled := s.Telegram.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source := telegram.New(s.Name, s.Telegram.WithDefaults(), deps.Accounts, deps.Metrics())
			// The preview tells of no limit; it is a page for people.
			return collect.Schedule{Source: source, Interval: 20 * time.Minute, Jitter: 0.2, Rate: 0.5, Burst: 1, Concurrency: 2, CircuitAfter: 5}, nil
		},
	}
}
