package collect

import (
	"container/heap"
	"time"

	"golang.org/x/time/rate"
)

// host is a server of a source, which has a budget and a circuit of its own. A
// source that names no hosts has one.
type host struct {
	budget  *budget
	circuit circuit
	running int
	// parked are due targets that wait for a visit of the host to end.
	parked []*entry
}

// host returns the host of the name, made where it was not there. It is called
// by the lane's goroutine, before any visit of the host begins.
func (l *lane) host(name string) *host {
	h, ok := l.hosts[name]
	if !ok {
		limit := rate.Inf
		if l.Rate > 0 {
			limit = rate.Limit(l.Rate)
		}
		h = &host{budget: newBudget(limit, l.Burst, l.meter), circuit: circuit{threshold: l.CircuitAfter, backoff: l.failures}}
		l.hosts[name] = h
	}
	return h
}

// admits says whether the host may have another visit now: one only, while it
// is tried whether an open circuit may close, and, where there are several
// hosts, a part of all visits, so that a slow one does not take every place.
func (l *lane) admits(h *host) bool {
	if h.circuit.failed() && h.running > 0 {
		return false
	}
	return len(l.hosts) == 1 || h.running < max(l.Concurrency/4, 2)
}

// left notes that a visit of the host has ended, and lets the parked ones go on.
func (l *lane) left(h *host) {
	l.running--
	h.running--
	for _, e := range h.parked {
		if !e.removed {
			heap.Push(&l.queue, e)
		}
	}
	h.parked = h.parked[:0]
}

// paused is the part of the hosts that pause.
func (l *lane) paused(now time.Time) float64 {
	paused := 0
	for _, h := range l.hosts {
		if now.Before(h.circuit.until) {
			paused++
		}
	}
	return float64(paused) / float64(max(len(l.hosts), 1))
}
