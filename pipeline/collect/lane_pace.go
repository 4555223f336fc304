package collect

import (
	"container/heap"
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
	return time.Duration(float64(l.unstretched(e)) * l.stretch)
}

// unstretched is the interval that a target should have where there is budget.
func (l *lane) unstretched(e *entry) time.Duration {
	interval := l.interval(e.pace)
	if e.silent {
		interval = max(interval/time.Duration(max(l.collector.cfg.SilentSpeedup, 1)), min(l.MinInterval, interval))
	}
	return interval
}

// rescale works out by how much intervals must be stretched so that the budget
// allows them, and brings forward what should be visited earlier than it is due:
// an account that a silent period has begun for, or the budget has grown for.
func (l *lane) rescale(now time.Time) {
	visits := 0.0 // a second
	for _, e := range l.entries {
		e.silent = l.collector.silent(e.Owner.Region, now)
		if e.failures == 0 {
			visits += 1 / l.unstretched(e).Seconds()
		}
	}
	l.stretch = 1
	if l.Quota.Units > 0 {
		l.stretch = max(l.stretch, visits*max(l.costs.units, 1)/l.Quota.perSecond())
	}
	if l.Rate > 0 && len(l.hosts) <= 1 {
		l.stretch = max(l.stretch, visits*max(l.costs.asked, 1)/l.Rate)
	}
	l.collector.metrics.stretch.WithLabelValues(l.name).Set(l.stretch)
	for _, e := range l.entries {
		l.bringForward(e, now)
	}
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
