package seal

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/evidence/clock"
)

// Within which one round of work is given up.
const (
	sealWithin = time.Minute
	checkEvery = 6 * time.Hour
)

// Run seals what is added, has checkpoints time-stamped, and checks the log
// every few hours, until ctx ends; what was added by then is sealed before it
// returns. It returns no error: what fails is tried again, counted and logged.
func (l *Log) Run(ctx context.Context) error {
	l.checked(ctx)
	var both sync.WaitGroup
	if l.stamper != nil {
		both.Go(func() { l.runStamps(ctx) })
	}
	both.Go(func() { l.runSeals(ctx) })
	both.Wait()
	return nil
}

func (l *Log) runSeals(ctx context.Context) {
	watch := clock.New()
	var set time.Duration
	seal, check := time.NewTicker(l.cfg.Every), time.NewTicker(checkEvery)
	defer seal.Stop()
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			l.sealedAll(context.WithoutCancel(ctx))
			return
		case <-check.C:
			l.checked(ctx)
		case <-l.tell:
			if sleep(ctx, min(l.cfg.Every, sealDelay)) {
				l.sealedAll(ctx)
			}
		case <-seal.C:
			l.sealedAll(ctx)
		}
		if now := watch.Jumped(); now != set {
			l.metrics.clock.Inc()
			l.deps.Logger.Error("this machine's clock was set; times of evidence since then may be wrong", "by", (now - set).String())
			set = now
		}
	}
}

// sealDelay lets a few statements come together.
const sealDelay = time.Second

func (l *Log) sealedAll(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, sealWithin)
	defer cancel()
	_, err := l.Seal(within)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrNoKey) {
		l.metrics.errors.WithLabelValues("seal").Inc()
		l.deps.Logger.Error("the sealed log was not appended to; what was added waits", "error", err)
	}
	var waits int64
	if err := l.db.QueryRow(within, `SELECT count(*) FROM seal_waiting`).Scan(&waits); err == nil {
		l.metrics.waiting.Set(float64(waits))
	}
}

func (l *Log) checked(ctx context.Context) {
	err := l.CheckHead(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	l.metrics.errors.WithLabelValues("check").Inc()
	var rewritten *RewrittenError
	if errors.As(err, &rewritten) {
		l.deps.Logger.Error("THE SEALED LOG DOES NOT HOLD: nothing more is appended to it; see docs/evidence.md", "error", err)
		return
	}
	l.deps.Logger.Error("the sealed log was not checked", "error", err)
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
