package queue

import (
	"context"
	"time"
)

// batcher cuts the records of a reader into batches. While one batch is being
// handled the next is gathered, and no more than that: a full batch that nobody
// takes stops the reading.
type batcher struct {
	topic     string
	partition int
	cfg       ConsumerConfiguration
	batches   chan gathered

	records []Record
	bytes   int
	due     bool
	rest    []Record
	// highWater is the end of the log as of the newest chunk.
	highWater int64
}

// gathered is a batch that is ready to be planned.
type gathered struct {
	batch     Batch
	highWater int64
}

func newBatcher(topic string, partition int, cfg ConsumerConfiguration, rest []Record) *batcher {
	return &batcher{topic: topic, partition: partition, cfg: cfg, rest: rest, batches: make(chan gathered)}
}

// run gathers until ctx ends or chunks is closed, and closes batches then. What
// has been gathered but not taken is forgotten: it was never planned.
func (b *batcher) run(ctx context.Context, chunks <-chan chunk) {
	defer close(b.batches)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if b.fill() {
			timer.Reset(b.cfg.Linger)
		}
		var in <-chan chunk
		if len(b.rest) == 0 && !b.full() {
			in = chunks
		}
		var out chan<- gathered
		if len(b.records) > 0 && (b.full() || b.due) {
			out = b.batches
		}
		select {
		case <-ctx.Done():
			return
		case c, ok := <-in:
			if !ok {
				return
			}
			b.rest, b.highWater = c.records, c.highWater
		case <-timer.C:
			b.due = true
		case out <- b.gathered():
			b.records, b.bytes, b.due = nil, 0, false
		}
	}
}

// fill moves records from the rest into the batch up to its limits, and says
// whether that began the batch.
func (b *batcher) fill() bool {
	began := len(b.records) == 0 && len(b.rest) > 0
	for len(b.rest) > 0 && !b.full() {
		b.records = append(b.records, b.rest[0])
		b.bytes += b.rest[0].size()
		b.rest = b.rest[1:]
	}
	return began
}

func (b *batcher) full() bool {
	return len(b.records) >= b.cfg.MaxRecords || b.bytes >= b.cfg.MaxBytes
}

func (b *batcher) gathered() gathered {
	if len(b.records) == 0 {
		return gathered{}
	}
	return gathered{
		batch: Batch{
			Topic: b.topic, Partition: b.partition, Records: b.records,
			First: b.records[0].Offset, Last: b.records[len(b.records)-1].Offset,
		},
		highWater: b.highWater,
	}
}
