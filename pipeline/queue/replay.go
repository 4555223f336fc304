package queue

import (
	"context"
	"fmt"
)

// Replay reads a topic, that of posts or of dead letters, from its start (or
// from the given offsets by partition) up to the end that each partition has
// when its turn comes, and hands every record to each, partition by partition.
// It commits nothing: the back-test reads history with it.
func (q *Queue) Replay(ctx context.Context, topic string, from map[int]int64, each func(partition int, record Record) error) error {
	partitions, err := q.partitionCount(ctx, topic)
	if err != nil {
		return err
	}
	for partition := range partitions {
		if err := q.replayPartition(ctx, topic, partition, from[partition], each); err != nil {
			return fmt.Errorf("replay %s/%d: %w", topic, partition, err)
		}
	}
	return nil
}

func (q *Queue) replayPartition(ctx context.Context, topic string, partition int, from int64, each func(int, Record) error) error {
	first, end, err := q.settledBounds(ctx, topic, partition, 0)
	if err != nil {
		return err
	}
	next := max(first, from)
	if next >= end {
		return nil
	}
	reading, cancel := context.WithCancel(ctx)
	r := q.newReader(topic, partition, next)
	stopped := make(chan struct{})
	go func() { defer close(stopped); r.run(reading) }()
	defer func() { cancel(); <-stopped }()
	for next < end {
		c, ok := <-r.chunks
		if !ok {
			return context.Cause(ctx)
		}
		next = c.next
		for _, record := range c.records {
			if record.Offset >= end {
				break
			}
			record.Topic = topic
			if err := each(partition, record); err != nil {
				return err
			}
		}
	}
	return nil
}
