// Package chaos tries the promise of the road, nothing lost and nothing twice,
// by force: under load it kills workers, the broker and the engine (SIGKILL),
// stops workers past their session and lets them go on, adds workers and takes
// them away. Then it drains the road and counts.
//
// `make chaos` and a test call it. It runs workers as processes by their
// command lines; it knows nothing of how they are configured.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// Configuration of one run.
type Configuration struct {
	// Seed decides what happens when. 0 takes the clock; it is always reported.
	Seed uint64
	// The run goes on until Duration has passed, Kills processes were killed and
	// Posts posts were produced.
	Duration time.Duration
	Kills    int
	Posts    int
	// Rate is how many posts a second are produced.
	Rate int
	// Workers is how many there are at first and at most.
	Workers, MaxWorkers int
	// Between is the mean time between two acts.
	Between time.Duration
	// Pause is how long a stopped worker sleeps: longer than its session.
	Pause time.Duration
	// Outage is how long a killed broker stays away at most, while the run goes on:
	// for a cluster, where the others take over. Where it is 0 the run waits for the
	// broker.
	Outage time.Duration
	// FlaggedText is the text of the posts that are to be flagged.
	FlaggedText string
	// Drain bounds how long the end may take.
	Drain time.Duration
}

// DefaultConfiguration is the long form; Short is the one-minute form.
func DefaultConfiguration() Configuration {
	return Configuration{
		Duration: 4 * time.Minute, Kills: 30, Rate: 500, Workers: 2, MaxWorkers: 4,
		Between: 4 * time.Second, Pause: 14 * time.Second,
		FlaggedText: "Siap bagi amplop 100 ribu per kepala asal coblos nomor 2", Drain: 4 * time.Minute,
	}
}

// Short is the form that fits into a minute or little more.
func Short() Configuration {
	cfg := DefaultConfiguration()
	cfg.Duration, cfg.Kills, cfg.Between, cfg.Pause = 40*time.Second, 20, 1200*time.Millisecond, 8*time.Second
	return cfg
}

// OnCluster is the configuration for several brokers, of which each is away for a
// while in turn.
func (c Configuration) OnCluster() Configuration {
	c.Outage = 3 * c.Between
	return c
}

// Restartable is a server that the run kills and starts again: on the same
// address, with the same data.
type Restartable interface {
	// Kill ends it at once (SIGKILL).
	Kill() error
	// Start returns when it answers again.
	Start(ctx context.Context) error
}

// Parts are what the run works on. Broker and Engine may be nil: then they are
// left alone.
type Parts struct {
	Broker, Engine Restartable
	// Worker returns the command of a new worker process.
	Worker func() *exec.Cmd
	// Old returns the command of a worker of an older version, nil where there is
	// none. Where it is set, the run begins with old workers only; after a third of
	// the time Upgrade migrates and both kinds work side by side; after two thirds
	// the old ones are replaced in turn.
	Old     func() *exec.Cmd
	Upgrade func(ctx context.Context) error
	// Queue is this program's own way to the broker, with the worker's group in
	// its configuration.
	Queue *queue.Queue
	// Stored counts what is in the store.
	Stored func(ctx context.Context) (Stored, error)
	// Flagged says whether the workers' classifier flags a post.
	Flagged func(p *post.Post) bool
	Log     *slog.Logger
}

// run is one run under way.
type run struct {
	cfg     Configuration
	parts   Parts
	random  *rand.Rand
	workers *pool
	report  Report
	acts    sync.WaitGroup
	// outage holds how the last outage ended, once it did.
	outage chan error
	// stage is how far an upgrade has come.
	stage upgradeStage
}

// Run does one run and returns what it counted. An error says that the run
// itself could not be done; whether the promise holds is in the report.
func Run(ctx context.Context, cfg Configuration, parts Parts) (Report, error) {
	if cfg.Seed == 0 {
		cfg.Seed = uint64(time.Now().UnixNano())
	}
	r := &run{
		cfg: cfg, parts: parts, random: rand.New(rand.NewPCG(cfg.Seed, 1)),
		report: Report{Seed: cfg.Seed, Acts: map[string]int{}},
	}
	r.workers = newPool(r.nextWorker)
	defer r.workers.killAll()
	parts.Log.Info("chaos begins", "seed", cfg.Seed, "duration", cfg.Duration, "kills", cfg.Kills, "rate", cfg.Rate)
	for range cfg.Workers {
		if err := r.workers.add(); err != nil {
			return r.report, err
		}
	}
	l := newLoad(cfg, parts.Queue)
	loading, stop := context.WithCancel(ctx)
	loaded := make(chan error, 1)
	go func() { loaded <- l.run(loading) }()
	err := r.havoc(ctx, l)
	r.acts.Wait()
	stop()
	if err := errors.Join(err, r.recovered(), <-loaded); err != nil {
		return r.report, err
	}
	if err := r.drain(ctx); err != nil {
		return r.report, err
	}
	r.report.Died = r.workers.died()
	return r.report, r.count(ctx, l)
}

// havoc acts until time and kills are reached, and puts everything back on its
// feet.
func (r *run) havoc(ctx context.Context, l *load) error {
	begin := time.Now()
	var deck []act
	for time.Since(begin) < r.cfg.Duration || r.report.Kills < r.cfg.Kills || l.produced.Load() < int64(r.cfg.Posts) {
		wait := time.Duration(float64(r.cfg.Between) * (0.3 + 1.4*r.random.Float64()))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if err := r.upgrade(ctx, time.Since(begin)); err != nil {
			return err
		}
		if len(deck) == 0 {
			deck = r.shuffled()
		}
		if err := r.do(ctx, deck[0]); err != nil {
			return err
		}
		deck = deck[1:]
	}
	return r.upgrade(ctx, r.cfg.Duration) // also where the run was short
}

// drain waits until the workers have acknowledged everything.
func (r *run) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Drain)
	defer cancel()
	begin := time.Now()
	for {
		if err := r.workers.atLeast(1); err != nil {
			return err
		}
		standings, err := r.parts.Queue.Standings(ctx)
		if err == nil && settled(standings) {
			r.report.DrainTime = time.Since(begin)
			return nil
		}
		if paused := sleep(ctx, 200*time.Millisecond); paused != nil {
			return fmt.Errorf("the road did not drain within %s: standings %v: %w", r.cfg.Drain, standings, errors.Join(err, paused))
		}
	}
}

func settled(standings map[int]queue.Standing) bool {
	for _, s := range standings {
		if s.Planned || s.Committed != s.End && s.End > 0 {
			return false
		}
	}
	return true
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
