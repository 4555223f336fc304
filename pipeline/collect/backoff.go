package collect

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff doubles from initial to most.
type backoff struct {
	initial, most time.Duration
}

// after returns how long to wait after so many failures in a row, from half to
// the whole of the doubled time, so that many targets that failed at once do
// not come back at once.
func (b backoff) after(failures int) time.Duration {
	wait := b.initial
	for n := 1; n < failures && wait < b.most; n++ {
		wait *= 2
	}
	wait = min(wait, b.most)
	return wait/2 + rand.N(wait/2+1)
}

// jittered varies d by the part, from 0 to 1, to both sides.
func jittered(d time.Duration, part float64) time.Duration {
	return d + time.Duration((rand.Float64()*2-1)*part*float64(d))
}

// sleep waits for d or the end of ctx.
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
