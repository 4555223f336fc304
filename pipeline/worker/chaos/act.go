package chaos

import (
	"context"
	"fmt"
	"time"
)

// act is one thing that goes wrong.
type act string

const (
	killWorker   act = "kill a worker"
	killBroker   act = "kill the broker"
	killEngine   act = "kill the engine"
	pauseWorker  act = "pause a worker past its session"
	addWorker    act = "add a worker"
	removeWorker act = "take a worker away"
)

// shuffled is a fresh deck of acts: every kind comes up in each round.
func (r *run) shuffled() []act {
	deck := []act{killWorker, killWorker, killWorker, pauseWorker, addWorker, addWorker, removeWorker}
	if r.parts.Broker != nil {
		deck = append(deck, killBroker)
	}
	if r.parts.Broker != nil && r.cfg.Outage > 0 {
		deck = append(deck, killBroker, killBroker) // each of three in every round
	}
	if r.parts.Engine != nil {
		deck = append(deck, killEngine, killEngine)
	}
	r.random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	return deck
}

func (r *run) do(ctx context.Context, a act) error {
	r.parts.Log.Info("chaos", "act", string(a), "workers", r.workers.size())
	r.report.Acts[string(a)]++
	switch a {
	case killWorker:
		r.report.Kills++
		if err := r.workers.kill(r.random.IntN); err != nil {
			return err
		}
		return r.workers.atLeast(r.cfg.Workers)
	case killBroker:
		if r.cfg.Outage > 0 {
			return r.takeAway(ctx)
		}
		return r.restart(ctx, "broker", r.parts.Broker)
	case killEngine:
		return r.restart(ctx, "engine", r.parts.Engine)
	case pauseWorker:
		return r.pause(ctx)
	case addWorker:
		if r.workers.size() < r.cfg.MaxWorkers {
			return r.workers.add()
		}
	case removeWorker:
		if r.workers.size() > 1 {
			return r.workers.remove(ctx, r.random.IntN)
		}
	}
	return nil
}

func (r *run) restart(ctx context.Context, name string, part Restartable) error {
	r.report.Kills++
	if err := part.Kill(); err != nil {
		return fmt.Errorf("kill the %s: %w", name, err)
	}
	if err := sleep(ctx, time.Duration(r.random.IntN(1500))*time.Millisecond); err != nil {
		return err
	}
	if err := part.Start(ctx); err != nil {
		return fmt.Errorf("start the %s again: %w", name, err)
	}
	return nil
}

// takeAway kills the broker whose turn it is, now and then the next one, too, and
// starts what is away again some time later, while the run goes on. That all
// replicas have caught up after it came back is not waited for.
func (r *run) takeAway(ctx context.Context) error {
	if err := r.recovered(); err != nil {
		return err
	}
	kills := 1
	if r.random.IntN(4) == 0 { // no majority is left, and nothing can be acknowledged
		r.report.Acts["two brokers at once"]++
		kills = 2
	}
	for range kills {
		r.report.Kills++
		if err := r.parts.Broker.Kill(); err != nil {
			return fmt.Errorf("kill a broker: %w", err)
		}
	}
	away := time.Duration(r.random.Int64N(int64(r.cfg.Outage)))
	r.outage = make(chan error, 1)
	r.acts.Go(func() {
		_ = sleep(ctx, away) // it is started again in any case
		r.outage <- r.parts.Broker.Start(ctx)
	})
	return nil
}

// recovered waits until the broker that was taken away is back.
func (r *run) recovered() error {
	if r.outage == nil {
		return nil
	}
	err := <-r.outage
	r.outage = nil
	if err != nil {
		return fmt.Errorf("start a broker again: %w", err)
	}
	return nil
}

// pause stops a worker and lets it go on after its session, while the run goes
// on.
func (r *run) pause(ctx context.Context) error {
	resume, err := r.workers.pause(r.random.IntN)
	if err != nil || resume == nil {
		return err
	}
	r.acts.Go(func() {
		_ = sleep(ctx, r.cfg.Pause) // it is resumed in any case
		resume()
	})
	return r.workers.atLeast(r.cfg.Workers)
}
