package collect

import (
	"container/heap"
	"math"
	"time"
)

// costs are what a visit costs as a rule, as means that forget.
type costs struct{ asked, units float64 }

func (c *costs) add(asked, units int) {
	const weight = 0.02
	if c.asked == 0 && c.units == 0 {
		c.asked, c.units = float64(asked), float64(units)
		return
	}
	c.asked += weight * (float64(asked) - c.asked)
	c.units += weight * (float64(units) - c.units)
}

// wanted is the interval of a target, before jitter.
func (l *lane) wanted(e *entry) time.Duration {
	return time.Duration(l.stretch.of(l.unstretched(e), l.MaxInterval))
}

// unstretched is the interval that a target should have where there is budget.
func (l *lane) unstretched(e *entry) time.Duration {
	interval := l.interval(e.pace)
	if e.silent {
		interval = max(interval/time.Duration(max(l.collector.cfg.SilentSpeedup, 1)), min(l.MinInterval, interval))
	}
	return interval
}

// stretch is by how much intervals are longer than wanted, so that the budget
// allows them: each up to the longest, by one factor, and only where that is not
// enough all of them beyond it, by another.
type stretch struct{ within, beyond float64 }

func (s stretch) of(interval, longest time.Duration) float64 {
	return min(float64(interval)*s.within, max(float64(longest), float64(interval))) * s.beyond
}

// rescale works out the stretch, and brings forward what should be visited
// earlier than it is due: an account that a silent period has begun for, or that
// the budget has grown for.
func (l *lane) rescale(now time.Time) {
	intervals := make([]time.Duration, 0, len(l.entries))
	for _, e := range l.entries {
		e.silent = l.collector.silent(e.Owner.Region, now)
		if e.failures == 0 {
			intervals = append(intervals, l.unstretched(e))
		}
	}
	l.stretch = stretched(intervals, l.MinInterval, l.MaxInterval, l.supply())
	l.collector.metrics.stretch.WithLabelValues(l.name).Set(l.stretch.within * l.stretch.beyond)
	for _, e := range l.entries {
		l.bringForward(e, now)
	}
}

// supply is how many visits a second the configured budget allows, with some
// room for what cannot be foreseen; it is infinite without one.
func (l *lane) supply() float64 {
	const used = 0.95
	supply := math.Inf(1)
	if l.Quota.Units > 0 {
		supply = used * l.Quota.perSecond() / max(l.costs.units, 1)
	}
	if l.Rate > 0 && len(l.hosts) <= 1 {
		supply = min(supply, used*l.Rate/max(l.costs.asked, 1))
	}
	return supply
}

// stretched finds the least stretch with which the intervals need no more visits
// a second than there are.
func stretched(intervals []time.Duration, shortest, longest time.Duration, supply float64) stretch {
	visits := func(s stretch) (sum float64) {
		for _, interval := range intervals {
			sum += 1e9 / s.of(interval, longest)
		}
		return sum
	}
	none := stretch{1, 1}
	if visits(none) <= supply {
		return none
	}
	most := stretch{max(float64(longest)/float64(max(shortest, 1)), 1), 1}
	if least := visits(most); least > supply {
		most.beyond = least / supply
		return most
	}
	low, high := none, most
	for range 30 {
		middle := stretch{(low.within + high.within) / 2, 1}
		if visits(middle) > supply {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// bringForward lets a target not be due later than its interval wants.
func (l *lane) bringForward(e *entry, now time.Time) {
	if e.failures > 0 || e.fixed || e.visited.IsZero() || e.index < 0 {
		return
	}
	latest := e.visited.Add(time.Duration(float64(l.wanted(e)) * (1 + l.Jitter)))
	if e.due.After(latest) {
		e.due = later(latest, now)
		e.at = e.due
		heap.Fix(&l.queue, e.index)
	}
}
