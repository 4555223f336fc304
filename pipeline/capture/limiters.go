package capture

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// mostLimiters bounds the memory of the limits; the one longest unused goes.
const mostLimiters = 20_000

// limiters bound how often something is done, by key. They are kept in memory:
// a restart forgives.
type limiters struct {
	mu   *sync.Mutex
	keys map[string]*list.Element
	used *list.List // of *limited, the latest used in front
}

type limited struct {
	key     string
	limiter *rate.Limiter
}

func newLimiters() limiters {
	return limiters{mu: &sync.Mutex{}, keys: map[string]*list.Element{}, used: list.New()}
}

// budget is so many times a period, for one key.
type budget struct {
	key    string
	times  int
	period time.Duration
}

// take counts something against all budgets, and says how long to wait before it
// may be done; 0 means now. Where one is used up, none is touched.
func (l limiters) take(now time.Time, budgets ...budget) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := make([]*rate.Reservation, 0, len(budgets))
	for _, b := range budgets {
		reservation := l.limiter(b).ReserveN(now, 1)
		if delay := reservation.DelayFrom(now); delay > 0 {
			for _, r := range append(taken, reservation) {
				r.CancelAt(now)
			}
			return delay
		}
		taken = append(taken, reservation)
	}
	return 0
}

func (l limiters) limiter(b budget) *rate.Limiter {
	if element, ok := l.keys[b.key]; ok {
		l.used.MoveToFront(element)
		return element.Value.(*limited).limiter //nolint:forcetypeassert // the list holds nothing else
	}
	if l.used.Len() >= mostLimiters {
		oldest := l.used.Back()
		delete(l.keys, oldest.Value.(*limited).key) //nolint:forcetypeassert // as above
		l.used.Remove(oldest)
	}
	limiter := rate.NewLimiter(rate.Every(b.period/time.Duration(b.times)), b.times)
	l.keys[b.key] = l.used.PushFront(&limited{key: b.key, limiter: limiter})
	return limiter
}
