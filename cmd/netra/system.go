package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/worker"
)

// newQueue connects to the brokers of the configuration, or to the embedded one
// that runs on this machine.
func (a *app) newQueue() (*queue.Queue, error) {
	if a.cfg.EmbeddedBroker() {
		running, err := readRunning(a.cfg)
		if err == nil && len(running.Brokers) == 0 {
			err = errNotRunning
		}
		if err != nil {
			return nil, usage(fmt.Errorf(`key "kafka.brokers" is empty, and %w`, err))
		}
		a.cfg.Kafka.Brokers = running.Brokers
	}
	q, err := queue.New(a.cfg.Kafka, a.log, a.registry)
	return q, usage(err)
}

// topicsWithin is how long one try to reach the brokers takes at most.
const topicsWithin = 8 * time.Second

// ensureTopics makes and checks the topics. It does not wait long for brokers
// that are away: that is for its caller.
func ensureTopics(ctx context.Context, q *queue.Queue) error {
	ctx, cancel := context.WithTimeout(ctx, topicsWithin)
	defer cancel()
	_, err := q.EnsureTopics(ctx) // it logs what is not as configured
	if queue.LoginRefused(err) {
		return usage(err)
	}
	return err
}

// newStore connects to the ClickHouse of the configuration, or to the embedded
// engine that runs on this machine.
func (a *app) newStore() (*store.Store, error) {
	if a.cfg.EmbeddedEngine() {
		running, err := readRunning(a.cfg)
		if err == nil && running.Engine == "" {
			err = errNotRunning
		}
		if err != nil {
			return nil, usage(fmt.Errorf(`key "clickhouse.address" is empty, and %w`, err))
		}
		a.cfg.ClickHouse.Address = "http://" + running.Engine
		a.cfg.ClickHouse.User, a.cfg.ClickHouse.Password = running.User, running.Password
	}
	s, err := store.New(a.cfg.ClickHouse, a.log, a.registry)
	return s, usage(err)
}

// refusal marks an error by which ClickHouse refuses the login as one of the
// configuration.
func refusal(err error) error {
	if store.LoginRefused(err) {
		return usage(err)
	}
	return err
}

// loadRoster loads the roster from the store. Without an import there is nobody
// to watch, which is said, not passed over.
func (a *app) loadRoster(ctx context.Context, holder *roster.Holder) error {
	if err := holder.Load(ctx); err != nil {
		return refusal(fmt.Errorf("load the roster (was `netra migrate` run?): %w", err))
	}
	if holder.Roster().Len() == 0 {
		a.log.Warn("the roster is empty: nothing is collected until one is imported with `netra roster import FILE`")
	}
	return nil
}

// newWorker builds the worker.
func (a *app) newWorker(q *queue.Queue, s *store.Store, holder *roster.Holder, classifier classifiers.Classifier) (*worker.Worker, error) {
	w, err := worker.New(a.cfg.Worker, worker.Dependencies{
		Queue: q, Store: storeBatches{s}, Roster: holder, Classifier: classifier, Sketcher: a.sketcher(), Logger: a.log, Registerer: a.registry,
	})
	return w, usage(err)
}

// newCollector builds the collector with the sources of the configuration; the
// returned function closes what it opened.
func (a *app) newCollector(ctx context.Context, q *queue.Queue, s *store.Store, holder *roster.Holder) (*collect.Collector, func(), error) {
	schedules, err := sources.Build(a.cfg.Collect.Sources, sources.Dependencies{
		Logger: a.log, Registerer: a.registry, Accounts: rosterAccounts{holder.Roster},
	})
	if err != nil {
		return nil, nil, usage(err)
	}
	elections, err := a.elections(a.cfg.Classify)
	if err != nil {
		return nil, nil, usage(err)
	}
	deps, closeAll, err := a.collectDependencies(ctx, q, s, holder)
	if err != nil {
		return nil, nil, err
	}
	deps.Calendar = elections
	collector, err := collect.New(a.cfg.Collect.Configuration, schedules, deps)
	if err != nil {
		closeAll()
		return nil, nil, usage(err)
	}
	return collector, closeAll, nil
}

func (a *app) collectDependencies(ctx context.Context, q *queue.Queue, s *store.Store, holder *roster.Holder) (collect.Dependencies, func(), error) {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return collect.Dependencies{}, nil, fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	state, err := collect.OpenState(ctx, a.cfg.Path("collect.db"))
	if err != nil {
		return collect.Dependencies{}, nil, err
	}
	producer := q.NewProducer()
	closeAll := func() {
		if err := producer.Close(); err != nil {
			a.log.Error("the producer did not close", "error", err)
		}
		if err := state.Close(); err != nil {
			a.log.Error("the collector's state did not close", "error", err)
		}
	}
	return collect.Dependencies{
		Logger: a.log, Registerer: a.registry, State: state, Roster: holder,
		Ready:    func() bool { return holder.Roster().Len() > 0 },
		Version:  func() string { return holder.Roster().Version() },
		Listed:   rosterAccounts{holder.Roster}.keys,
		Producer: postProducer{producer}, Rejecter: deadLetters{producer, a.cfg.Kafka.DeadTopic}, Coverage: coverageStore{s},
	}, closeAll, nil
}

// newConsole builds the console on the road's store and database, and the review
// as a part of the road.
func (a *app) newConsole(r *road) (*console.Console, error) {
	regions, err := a.regions()
	if err != nil {
		return nil, usage(err)
	}
	elections, err := a.elections(a.cfg.Classify)
	if err != nil {
		return nil, usage(err)
	}
	words, err := a.ruleWords()
	if err != nil {
		return nil, usage(err)
	}
	lists := &listsInForce{words: words, contestants: console.ContestantsOf(elections)}
	if r.lists != nil {
		lists.current = r.lists.Current
	}
	names := &nameKeeper{app: a, store: r.store, regions: regions.All(), configured: elections, current: lists.current}
	r.parts = append(r.parts, part{name: "names", run: names.run})
	return console.New(a.cfg.Console, console.Dependencies{
		Database: r.database, Data: r.store, Contestants: lists, RegionName: regions.Name, Rule: lists.Rule,
		Tuning: func(ctx context.Context, parts console.TuningParts) (*console.Tuning, error) {
			return a.addTuning(ctx, r, parts)
		},
		Review: func(ctx context.Context, parts console.ReviewParts) (console.Review, error) {
			return a.addReview(ctx, r, parts)
		},
		Capture:     a.captureOf(r),
		Evidence:    &console.EvidenceParts{Keeper: r.keeper, Capture: r.evidence},
		Coordinated: a.coordinatedOf(r),
		Retention:   a.retentionOf(r),
		Cases:       a.casesOf(r, lists, regions.Name),
		Logger:      a.log, Registerer: a.registry,
	})
}

// addReview builds the review, which takes flags from the road's store and brings
// decisions back there.
func (a *app) addReview(ctx context.Context, r *road, parts console.ReviewParts) (*review.Review, error) {
	if err := a.addRetention(ctx, r, parts.Audit); err != nil {
		return nil, err
	}
	var confirmed func(context.Context, *database.Tx, string, string) error
	if r.evidence != nil {
		confirmed = r.evidence.Confirmed
	}
	work, err := review.New(a.cfg.Review, review.Dependencies{
		Database: parts.Database, Audit: parts.Audit, Person: parts.Person, Flags: roadFlags{r.store, r}, Decisions: r.store, Seal: r.seal, Confirmed: confirmed,
		Logger: a.log, Registerer: a.registry,
	})
	if err != nil {
		return nil, err
	}
	r.parts = append(r.parts, part{name: "review", run: work.Run})
	return work, work.Migrate(ctx)
}

func (a *app) regions() (*roster.Regions, error) {
	return roster.NewRegions(a.cfg.Roster.RegionFiles...)
}
