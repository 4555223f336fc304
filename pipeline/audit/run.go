package audit

import (
	"context"
	"time"
)

const (
	// sealEvery is the longest time for which what was recorded by this process,
	// or by another that ended, waits for the chain.
	sealEvery = 2 * time.Second
	// sealDelay lets a few events come together.
	sealDelay = 50 * time.Millisecond
	// verifyEvery is how often the whole chain is walked by itself.
	verifyEvery = 6 * time.Hour
)

// Run seals what is recorded, and verifies the chain every few hours, until ctx
// ends.
func (l *Log) Run(ctx context.Context) error {
	seal, verify := time.NewTicker(sealEvery), time.NewTimer(time.Minute)
	defer seal.Stop()
	defer verify.Stop()
	for {
		select {
		case <-ctx.Done():
			l.sealed(context.WithoutCancel(ctx))
			return nil
		case <-verify.C:
			verify.Reset(verifyEvery)
			l.verified(ctx)
		case <-l.tell:
			if !sleep(ctx, sealDelay) {
				continue
			}
			l.sealed(ctx)
		case <-seal.C:
			l.sealed(ctx)
		}
	}
}

func (l *Log) sealed(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, groupWithin)
	defer cancel()
	if _, err := l.Seal(within); err != nil && ctx.Err() == nil {
		l.metrics.errors.WithLabelValues("seal").Inc()
		l.logger.Error("the audit log was not appended to; what was recorded waits", "error", err)
	}
}

func (l *Log) verified(ctx context.Context) {
	check, err := l.Verify(ctx, Head{})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.metrics.errors.WithLabelValues("verify").Inc()
		l.logger.Error("the audit log was not verified", "error", err)
	case !check.Holds():
		l.logger.Error("the audit log does not hold", "entry", check.Broken, "why", string(check.Why))
	}
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
