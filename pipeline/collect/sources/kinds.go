package sources

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/feed"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/files"
)

// Dependencies are what sources are built with.
type Dependencies struct {
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Accounts is the roster, for the sources that collect its accounts.
	Accounts collect.Accounts
	// metrics are those of all clients.
	metrics *fetch.Metrics
}

// Metrics are those that the clients of all sources share.
func (d Dependencies) Metrics() *fetch.Metrics { return d.metrics }

// kind is one kind of source. A platform's file adds its own.
type kind struct {
	// key is the name of its part in the configuration.
	key string
	// apart says that its targets have no server in common, so that failures of
	// some say nothing of the others.
	apart bool
	// even says that all its targets are visited at one interval.
	even bool
	// set says whether the source is of this kind.
	set func(s *Source) bool
	// validate checks its part; key is the path of that.
	validate func(s *Source, key string) error
	// build makes the source, and sets what it wants of the schedule. What the
	// operator has configured goes over it.
	build func(s *Source, deps Dependencies) (collect.Schedule, error)
}

// kinds lists all kinds of sources, in the order in which messages name them.
func kinds() []kind {
	return []kind{filesKind(), feedKind(), blueskyKind(), mastodonKind(), telegramKind(), facebookKind(), instagramKind(), threadsKind(), xKind(), youtubeKind()}
}

func filesKind() kind {
	return kind{
		key: "files", apart: true, even: true,
		set: func(s *Source) bool { return s.Files != nil },
		validate: func(s *Source, key string) error {
			filled := s.Files.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source, err := files.New(s.Name, s.Files.WithDefaults(), deps.Logger)
			return collect.Schedule{Source: source, Interval: 10 * time.Second, Concurrency: 2}, err
		},
	}
}

func feedKind() kind {
	return kind{
		key: "feed", apart: true,
		set: func(s *Source) bool { return s.Feed != nil },
		validate: func(s *Source, key string) error {
			filled := s.Feed.WithDefaults()
			return filled.Validate(key)
		},
		build: func(s *Source, deps Dependencies) (collect.Schedule, error) {
			source := feed.New(s.Name, s.Feed.WithDefaults(), deps.Metrics())
			return collect.Schedule{Source: source, Interval: 15 * time.Minute, Jitter: 0.1, Concurrency: 8}, nil
		},
	}
}
