package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// chunk is what one fetch brought: records in order, and where the next fetch
// begins. The offsets before next that are not among the records do not exist.
type chunk struct {
	records   []Record
	next      int64
	highWater int64
}

// reader reads one partition from an offset on and hands over chunks, one
// ahead. It knows nothing of groups: it is a plain partition reader.
type reader struct {
	queue     *Queue
	topic     string
	partition int
	chunks    chan chunk

	offset int64
	// stuckSince is when fetches began to bring nothing although the log goes
	// on behind offset; zero when they do not.
	stuckSince time.Time
	attempt    int
}

func (q *Queue) newReader(topic string, partition int, offset int64) *reader {
	return &reader{queue: q, topic: topic, partition: partition, chunks: make(chan chunk), offset: offset}
}

// run reads until ctx ends, and closes chunks then. Errors are counted and
// retried: a broker that is away is waited for.
func (r *reader) run(ctx context.Context) {
	defer close(r.chunks)
	for ctx.Err() == nil {
		c, err := r.fetch(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, kafka.OffsetOutOfRange) {
			err = r.relocate(ctx)
		}
		if err != nil {
			r.failed(ctx, err)
			continue
		}
		r.attempt = 0
		if c.next == 0 {
			continue
		}
		select {
		case r.chunks <- c:
		case <-ctx.Done():
			return
		}
	}
}

func (r *reader) failed(ctx context.Context, err error) {
	r.queue.metrics.errors.WithLabelValues("fetch", kindOf(err)).Inc()
	if r.attempt == 3 {
		r.queue.log.Warn("partition cannot be read; retrying", "topic", r.topic, "partition", r.partition,
			"offset", r.offset, "error", err)
	}
	_ = pause(ctx, r.attempt, 50*time.Millisecond, 2*time.Second) // the caller looks at ctx
	r.attempt++
}

// fetch asks the broker once. A chunk without next means that nothing came.
func (r *reader) fetch(ctx context.Context) (chunk, error) {
	cfg := r.queue.cfg.Consumer
	ctx, cancel := context.WithTimeout(ctx, cfg.FetchWait+2*requestTimeout)
	defer cancel()
	response, err := r.queue.client.Fetch(ctx, &kafka.FetchRequest{
		Topic: r.topic, Partition: r.partition, Offset: r.offset,
		MinBytes: int64(cfg.FetchMinBytes), MaxBytes: int64(cfg.FetchBytes), MaxWait: cfg.FetchWait,
	})
	if err == nil {
		err = response.Error
	}
	if err != nil {
		return chunk{}, fmt.Errorf("fetch %s/%d from offset %d: %w", r.topic, r.partition, r.offset, err)
	}
	records, err := readRecords(response.Records, r.offset, false)
	if err != nil {
		return chunk{}, fmt.Errorf("read records of %s/%d from offset %d: %w", r.topic, r.partition, r.offset, err)
	}
	c := chunk{records: records, highWater: response.HighWatermark}
	switch {
	case len(records) > 0:
		c.next = records[len(records)-1].Offset + 1
	case behindControl(response.Records, r.offset) > 0:
		c.next = behindControl(response.Records, r.offset)
	default:
		c.next = r.stuck(response.HighWatermark)
	}
	if c.next > 0 {
		r.offset = c.next
		if len(records) > 0 {
			r.stuckSince = time.Time{}
		}
	}
	return c, nil
}

// stuck returns the offset to go on from when the log goes on behind the
// offset but the broker has given no record for a long time: the records there
// were compacted away. It returns 0 as long as waiting may help.
func (r *reader) stuck(highWater int64) int64 {
	if highWater <= r.offset {
		r.stuckSince = time.Time{}
		return 0
	}
	if r.stuckSince.IsZero() {
		r.stuckSince = time.Now()
	}
	if time.Since(r.stuckSince) < r.queue.cfg.Consumer.Patience {
		return 0
	}
	r.queue.log.Error("no record at this offset; is the topic compacted? going on behind it",
		"topic", r.topic, "partition", r.partition, "offset", r.offset, "high_watermark", highWater)
	return r.offset + 1
}

// relocate moves the offset back into the log after the broker said that it is
// outside.
func (r *reader) relocate(ctx context.Context) error {
	first, end, err := r.queue.settledBounds(ctx, r.topic, r.partition, r.offset)
	if err != nil {
		return err
	}
	switch {
	case r.offset < first:
		r.queue.countExpired(r.topic, r.partition, r.offset, first)
		r.offset = first
	case r.offset > end:
		r.queue.log.Error("the log ends before the offset that was read last; reading it from its start, so that nothing is missed",
			"topic", r.topic, "partition", r.partition, "offset", r.offset, "log_start", first, "log_end", end)
		r.offset = first
	}
	return nil
}

// readRecords reads the records from an offset on; without raw it leaves out what
// only evidence needs.
func readRecords(from kafka.RecordReader, offset int64, raw bool) ([]Record, error) {
	var records []Record
	for {
		next, err := from.ReadRecord()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		record, err := copyRecord(next)
		if err != nil {
			return nil, err
		}
		if record.Offset >= offset { // a batch may begin before what was asked for
			if !raw {
				record.Headers = withoutRaw(record.Headers)
			}
			records = append(records, record)
		}
	}
}

// copyRecord takes the record out of the library's page buffers and frees them.
func copyRecord(from *kafka.Record) (Record, error) {
	record := Record{Offset: from.Offset, Time: from.Time, Headers: from.Headers}
	for _, part := range []struct {
		from kafka.Bytes
		to   *[]byte
	}{{from.Key, &record.Key}, {from.Value, &record.Value}} {
		if part.from == nil {
			continue
		}
		data, err := protocol.ReadAll(part.from)
		if closed := part.from.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return Record{}, fmt.Errorf("record at offset %d: %w", from.Offset, err)
		}
		*part.to = data
	}
	return record, nil
}

// behindControl returns the offset behind the last transaction marker among
// batches, which hold no records for us, or 0.
func behindControl(batches kafka.RecordReader, offset int64) int64 {
	stream, ok := batches.(*protocol.RecordStream)
	if !ok {
		return 0
	}
	behind := int64(0)
	for _, batch := range stream.Records {
		if control, ok := batch.(*protocol.ControlBatch); ok && control.BaseOffset >= offset {
			behind = control.BaseOffset + 1
		}
	}
	return behind
}

func (q *Queue) countExpired(topic string, partition int, from, first int64) {
	q.metrics.expired.WithLabelValues(topic, label(partition)).Add(float64(first - from))
	q.log.Error("retention removed records before they were handled",
		"topic", topic, "partition", partition, "from", from, "until", first, "records", first-from)
}

// settledBounds returns the log's bounds. When the offset lies behind the end
// it asks again for a while: a new leader may not know the end yet.
func (q *Queue) settledBounds(ctx context.Context, topic string, partition int, offset int64) (first, end int64, err error) {
	deadline := time.Now().Add(q.cfg.Consumer.Patience)
	for attempt := 0; ; attempt++ {
		first, end, err = q.bounds(ctx, topic, partition)
		if err == nil && (offset <= end || time.Now().After(deadline)) {
			return first, end, nil
		}
		if err != nil {
			q.metrics.errors.WithLabelValues("locate", kindOf(err)).Inc()
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, time.Second); paused != nil {
			return 0, 0, errors.Join(err, paused)
		}
	}
}
