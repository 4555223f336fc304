package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// ErrExpired says that a record is no longer in the log.
var ErrExpired = errors.New("the record is no longer in the queue")

// Read returns one record with all its headers, or an error that wraps ErrExpired
// where there is none at the offset, or none any more. It belongs to no group.
func (q *Queue) Read(ctx context.Context, topic string, partition int, offset int64) (Record, error) {
	gone := func(first, end int64) error {
		return fmt.Errorf("%s/%d/%d: %w: it holds the offsets from %d to before %d", topic, partition, offset, ErrExpired, first, end)
	}
	for attempt := 0; ; attempt++ {
		record, found, err := q.readOne(ctx, topic, partition, offset)
		if found {
			return record, nil
		}
		if err == nil || errors.Is(err, kafka.OffsetOutOfRange) {
			first, end, bounds := q.bounds(ctx, topic, partition)
			if bounds == nil && (offset < first || offset >= end || attempt >= readTries) {
				return Record{}, gone(first, end)
			}
			err = errors.Join(err, bounds)
		}
		if attempt >= readTries {
			return Record{}, fmt.Errorf("read %s/%d/%d: %w", topic, partition, offset, err)
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, time.Second); paused != nil {
			return Record{}, fmt.Errorf("read %s/%d/%d: %w", topic, partition, offset, errors.Join(err, paused))
		}
	}
}

// readTries is how often a record is asked for that may come to light: a new
// leader does not know the end of the log at once.
const readTries = 5

func (q *Queue) readOne(ctx context.Context, topic string, partition int, offset int64) (Record, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*requestTimeout)
	defer cancel()
	response, err := q.client.Fetch(ctx, &kafka.FetchRequest{
		Topic: topic, Partition: partition, Offset: offset, MinBytes: 1, MaxBytes: int64(q.cfg.Consumer.FetchBytes), MaxWait: q.cfg.Consumer.FetchWait,
	})
	if err == nil {
		err = response.Error
	}
	if err != nil {
		return Record{}, false, err
	}
	records, err := readRecords(response.Records, offset, true)
	if err != nil {
		return Record{}, false, err
	}
	for _, record := range records {
		if record.Offset == offset {
			record.Topic = topic
			return record, true, nil
		}
	}
	return Record{}, false, nil
}
