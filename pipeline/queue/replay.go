package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// Range is a run of offsets of one partition: from First, inclusive, to End,
// exclusive.
type Range struct {
	Partition int   `json:"partition"`
	First     int64 `json:"first"`
	End       int64 `json:"end"`
}

// Records is how many offsets the range has.
func (r Range) Records() int64 { return max(r.End-r.First, 0) }

// Ranges returns, for each partition of a topic, the records that reached the
// broker from one time (inclusive; zero: the oldest that are kept) until another
// (exclusive; zero: the end that the partition has now).
func (q *Queue) Ranges(ctx context.Context, topic string, from, until time.Time) ([]Range, error) {
	partitions, err := q.partitionCount(ctx, topic)
	if err != nil {
		return nil, err
	}
	ranges := make([]Range, 0, partitions)
	for partition := range partitions {
		first, end, err := q.settledBounds(ctx, topic, partition, 0)
		if err != nil {
			return nil, err
		}
		r := Range{Partition: partition, First: first, End: end}
		if !from.IsZero() {
			if r.First, err = q.offsetAt(ctx, topic, partition, from, end); err != nil {
				return nil, err
			}
		}
		if !until.IsZero() {
			if r.End, err = q.offsetAt(ctx, topic, partition, until, end); err != nil {
				return nil, err
			}
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}

// offsetAt returns the offset of the first record at a time or later, or end.
func (q *Queue) offsetAt(ctx context.Context, topic string, partition int, at time.Time, end int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	response, err := q.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{topic: {kafka.TimeOffsetOf(partition, at)}},
	})
	if err != nil {
		return 0, fmt.Errorf("find the offset of %s in %s/%d: %w", at.Format(time.RFC3339), topic, partition, err)
	}
	for _, p := range response.Topics[topic] {
		if p.Partition != partition {
			continue
		}
		if p.Error != nil {
			return 0, fmt.Errorf("find the offset of %s in %s/%d: %w", at.Format(time.RFC3339), topic, partition, p.Error)
		}
		for offset := range p.Offsets {
			if offset >= 0 {
				return min(offset, end), nil
			}
		}
	}
	return end, nil // nothing is as late
}

// Replay reads a topic, that of posts or of dead letters, from its start (or
// from the given offsets by partition) up to the end that each partition has
// when its turn comes, and hands every record to each, partition by partition.
// It commits nothing.
func (q *Queue) Replay(ctx context.Context, topic string, from map[int]int64, each func(partition int, record Record) error) error {
	partitions, err := q.partitionCount(ctx, topic)
	if err != nil {
		return err
	}
	for partition := range partitions {
		first, end, err := q.settledBounds(ctx, topic, partition, 0)
		if err != nil {
			return fmt.Errorf("replay %s/%d: %w", topic, partition, err)
		}
		r := Range{Partition: partition, First: max(first, from[partition]), End: end}
		err = q.ReplayRange(ctx, topic, r, func(records []Record, _ int64) error {
			for _, record := range records {
				if err := each(partition, record); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ReplayRange reads a range of one partition and hands over runs of records, in
// order, each with the offset from which the reading can go on later. Records
// that retention has removed are passed over. It commits nothing and belongs to
// no group, so the workers do not notice it.
func (q *Queue) ReplayRange(ctx context.Context, topic string, of Range, each func(records []Record, next int64) error) error {
	if of.Records() == 0 {
		return nil
	}
	reading, cancel := context.WithCancel(ctx)
	r := q.newReader(topic, of.Partition, of.First)
	stopped := make(chan struct{})
	go func() { defer close(stopped); r.run(reading) }()
	defer func() { cancel(); <-stopped }()
	for next := of.First; next < of.End; {
		c, ok := <-r.chunks
		if !ok {
			return fmt.Errorf("replay %s/%d: %w", topic, of.Partition, context.Cause(ctx))
		}
		next = c.next
		records := c.records
		for i := range records {
			records[i].Topic = topic
			if records[i].Offset >= of.End {
				records = records[:i]
				break
			}
		}
		if err := each(records, min(next, of.End)); err != nil {
			return fmt.Errorf("replay %s/%d: %w", topic, of.Partition, err)
		}
	}
	return nil
}
