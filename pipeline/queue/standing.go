package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Standing is how far a group has come in one partition.
type Standing struct {
	// Committed is the group's offset, -1 where it has none; End is the log's.
	Committed, End int64
	// Planned says that a batch from Committed on was begun and not yet
	// acknowledged.
	Planned bool
}

// Lag is the number of offsets that are not acknowledged.
func (s Standing) Lag() int64 { return s.End - max(s.Committed, 0) }

// Standings says how far the configured group has come in every partition of
// the posts topic.
func (q *Queue) Standings(ctx context.Context) (map[int]Standing, error) {
	partitions, err := q.partitionCount(ctx, q.cfg.Topic)
	if err != nil {
		return nil, err
	}
	ids := make([]int, partitions)
	for i := range ids {
		ids[i] = i
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	response, err := q.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{
		GroupID: q.cfg.Consumer.Group, Topics: map[string][]int{q.cfg.Topic: ids},
	})
	if err == nil {
		err = response.Error
	}
	if errors.Is(err, kafka.GroupIdNotFound) {
		return q.unread(ctx, ids)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch committed offsets of %s: %w", q.cfg.Topic, err)
	}
	standings := map[int]Standing{}
	for _, p := range response.Topics[q.cfg.Topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("fetch committed offset of %s/%d: %w", q.cfg.Topic, p.Partition, p.Error)
		}
		_, end, err := q.bounds(ctx, q.cfg.Topic, p.Partition)
		if err != nil {
			return nil, err
		}
		_, planned := parsePlan(p.Metadata, p.CommittedOffset)
		standings[p.Partition] = Standing{Committed: p.CommittedOffset, End: end, Planned: planned}
	}
	return standings, nil
}

// unread is the standing of a group that has never been.
func (q *Queue) unread(ctx context.Context, partitions []int) (map[int]Standing, error) {
	standings := map[int]Standing{}
	for _, partition := range partitions {
		_, end, err := q.bounds(ctx, q.cfg.Topic, partition)
		if err != nil {
			return nil, err
		}
		standings[partition] = Standing{Committed: -1, End: end}
	}
	return standings, nil
}
