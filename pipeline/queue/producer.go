package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/netra-id/netra/pipeline/post"
)

// Producer sends records and returns when every in-sync replica has them. It is
// safe for concurrent use: concurrent sends travel together.
//
// A record goes to the partition that Kafka's own clients would choose for its
// key (murmur2), so one account stays in one partition whoever produces.
// kafka-go has no idempotent producer: a send that is retried may put a record
// into the log twice, which the worker recognises by the post's id.
type Producer struct {
	queue  *Queue
	writer *kafka.Writer
}

// NewProducer builds a producer. Close it before the queue.
func (q *Queue) NewProducer() *Producer {
	codec, _ := q.cfg.Producer.codec() // New has checked it
	return &Producer{queue: q, writer: &kafka.Writer{
		Addr: q.addr, Transport: q.transport, Balancer: kafka.Murmur2Balancer{},
		RequiredAcks: kafka.RequireAll, Compression: codec,
		BatchTimeout: q.cfg.Producer.Linger, BatchSize: q.cfg.Producer.BatchRecords,
		BatchBytes:   int64(q.cfg.Topics.MaxMessageBytes),
		ReadTimeout:  requestTimeout,
		WriteTimeout: 2 * requestTimeout,
		MaxAttempts:  3, WriteBackoffMin: 50 * time.Millisecond, WriteBackoffMax: 500 * time.Millisecond,
	}}
}

// Send sends posts of the first revision to the posts topic.
func (p *Producer) Send(ctx context.Context, posts ...post.Post) error {
	records := make([]Record, len(posts))
	for i := range posts {
		record, err := PostRecord(&posts[i], 1)
		if err != nil {
			return err
		}
		records[i] = record
	}
	return p.SendRecords(ctx, records...)
}

// SendRecords sends records and returns when all are acknowledged. A broker
// that is away is waited for until ctx ends or the delivery time-out has
// passed. The error is a *SendError that says which records failed; a record
// that is too large fails alone, with ErrTooLarge.
func (p *Producer) SendRecords(ctx context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, p.queue.cfg.Producer.DeliveryTimeout, errDelivery)
	defer cancel()
	failed := map[int]error{}
	pending := p.messages(records, failed)
	for attempt := 0; len(pending) > 0; attempt++ {
		pending = p.attempt(ctx, pending, failed)
		if len(pending) == 0 {
			break
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, 2*time.Second); paused != nil {
			for i := range pending {
				failed[pending[i].index] = fmt.Errorf("%w: last error: %w", paused, pending[i].err)
			}
			break
		}
	}
	if len(failed) == 0 {
		p.queue.metrics.produceTime.Observe(time.Since(begin).Seconds())
		return nil
	}
	for _, err := range failed {
		p.queue.metrics.produceErrors.WithLabelValues(kindOf(err)).Inc()
	}
	return &SendError{Failed: failed, Records: len(records)}
}

// Close waits for what is being sent.
func (p *Producer) Close() error {
	if err := p.writer.Close(); err != nil {
		return fmt.Errorf("close producer: %w", err)
	}
	return nil
}

var errDelivery = errors.New("the broker did not acknowledge within the delivery time-out")

// pendingMessage is a record on its way, with its last error.
type pendingMessage struct {
	index   int
	message kafka.Message
	err     error
}

// messages prepares the records; those that can never be sent go to failed.
func (p *Producer) messages(records []Record, failed map[int]error) []pendingMessage {
	pending := make([]pendingMessage, 0, len(records))
	for i := range records {
		record := &records[i]
		topic := record.Topic
		if topic == "" {
			topic = p.queue.cfg.Topic
		}
		if size := record.size(); size > p.queue.cfg.Topics.MaxMessageBytes {
			failed[i] = fmt.Errorf("record of about %d bytes for %s, at most %d: %w",
				size, topic, p.queue.cfg.Topics.MaxMessageBytes, ErrTooLarge)
			continue
		}
		pending = append(pending, pendingMessage{index: i, message: kafka.Message{
			Topic: topic, Key: record.Key, Value: record.Value, Headers: record.Headers, Time: record.Time,
		}})
	}
	return pending
}

// attempt writes what is pending and returns what may be tried again.
func (p *Producer) attempt(ctx context.Context, pending []pendingMessage, failed map[int]error) []pendingMessage {
	messages := make([]kafka.Message, len(pending))
	for i := range pending {
		messages[i] = pending[i].message
	}
	err := p.writer.WriteMessages(ctx, messages...)
	var each kafka.WriteErrors
	isEach := errors.As(err, &each) && len(each) == len(pending)
	again := pending[:0]
	for i, message := range pending {
		cause := err
		if isEach {
			cause = each[i]
		}
		switch {
		case cause == nil:
			p.queue.metrics.produced.WithLabelValues(message.message.Topic).Inc()
		case isRefused(cause):
			failed[message.index] = fmt.Errorf("send record %d to %s: %w", message.index, message.message.Topic, cause)
		case message.err != nil && ctx.Err() != nil:
			again = append(again, message) // what went wrong before says more
		default:
			message.err = fmt.Errorf("send to %s at %v: %w", message.message.Topic, p.queue.cfg.Brokers, cause)
			again = append(again, message)
		}
	}
	return again
}
