package queue

import (
	"context"
	"time"
)

// groupLagInterval is how often WatchGroup asks.
const groupLagInterval = 15 * time.Second

// WatchGroup measures, until ctx ends, how far the group of the workers is
// behind in every partition, also while no worker runs: a worker knows only of
// the partitions that are its own. Somebody who is always there calls it, such
// as the collector.
func (q *Queue) WatchGroup(ctx context.Context) error {
	ticker := time.NewTicker(groupLagInterval)
	defer ticker.Stop()
	for {
		q.measureGroup(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// measureGroup leaves nothing behind where the broker does not answer: an old
// number would look like a lag that stands still.
func (q *Queue) measureGroup(ctx context.Context) {
	standings, err := q.Standings(ctx)
	if ctx.Err() != nil {
		return
	}
	q.metrics.groupLag.Reset()
	if err != nil {
		q.metrics.errors.WithLabelValues("group_lag", kindOf(err)).Inc()
		return
	}
	for partition, standing := range standings {
		q.metrics.groupLag.WithLabelValues(q.cfg.Topic, label(partition)).Set(float64(max(standing.Lag(), 0)))
	}
}
