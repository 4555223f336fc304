package queue

import (
	"context"
	"time"

	"github.com/segmentio/kafka-go"
)

const lagInterval = 3 * time.Second

// watchLag asks the broker for the ends of the partitions, so that the lag is
// also right while a handler waits and nothing is read.
func (q *Queue) watchLag(ctx context.Context, partitions []*partition) {
	ticker := time.NewTicker(lagInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			q.measureLag(ctx, partitions)
		}
	}
}

func (q *Queue) measureLag(ctx context.Context, partitions []*partition) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	byID := map[int]*partition{}
	var ends []kafka.OffsetRequest
	for _, p := range partitions {
		if p.done.Load() >= 0 {
			byID[p.id] = p
			ends = append(ends, kafka.LastOffsetOf(p.id))
		}
	}
	if len(ends) == 0 {
		return
	}
	response, err := q.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{q.cfg.Topic: ends}})
	if err != nil {
		q.metrics.errors.WithLabelValues("lag", kindOf(err)).Inc()
		return
	}
	for _, answer := range response.Topics[q.cfg.Topic] {
		if p := byID[answer.Partition]; p != nil && answer.Error == nil && answer.LastOffset >= 0 {
			p.setLag(answer.LastOffset)
		}
	}
}
