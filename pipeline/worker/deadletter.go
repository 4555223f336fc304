package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// Reasons of dead letters, as they stand in the header "reason".
const (
	// ReasonEmpty is a record without a value.
	ReasonEmpty = "empty"
	// ReasonJSON is a value that is not JSON of a post.
	ReasonJSON = "json"
	// ReasonField is a post whose field, named in the header "field", is wrong.
	ReasonField = "field"
	// ReasonClassifier is a post on which the classifier failed.
	ReasonClassifier = "classifier"
	// ReasonRefused is a flagged post that the store refuses.
	ReasonRefused = "refused"
)

const (
	firstBytes = 120
	// spareBytes is what headers and framing may take of the largest message.
	spareBytes = 16 << 10
)

// deadLetter is why a record cannot be processed.
type deadLetter struct {
	reason string
	field  string
	err    error
}

// unreadable sorts an error of decoding or validating.
func unreadable(err error) *deadLetter {
	var field *post.FieldError
	if errors.As(err, &field) {
		return &deadLetter{reason: ReasonField, field: field.Key, err: err}
	}
	return &deadLetter{reason: ReasonJSON, err: err}
}

// record is the dead letter as it travels: key, value and headers of the
// record, and where it came from and why in further headers. The headers
// source_* tell a repeated dead letter.
func (d *deadLetter) record(topic string, partition int, from *queue.Record, limit int) queue.Record {
	headers := []queue.Header{
		header("reason", d.reason),
		header("error", clip(d.err.Error(), 1000)),
		header("source_topic", topic),
		header("source_partition", strconv.Itoa(partition)),
		header("source_offset", strconv.FormatInt(from.Offset, 10)),
		header("source_time", from.Time.UTC().Format(time.RFC3339Nano)),
		header("first_bytes", clip(string(from.Value[:min(len(from.Value), firstBytes)]), firstBytes)),
	}
	if d.field != "" {
		headers = append(headers, header("field", d.field))
	}
	value := from.Value
	if most := limit - spareBytes; len(value) > most {
		headers = append(headers, header("truncated_from", strconv.Itoa(len(value))))
		value = value[:most]
	}
	for _, own := range from.Headers {
		if len(own.Key)+len(own.Value) < 256 && len(headers) < 32 {
			headers = append(headers, queue.Header{Key: "source_header_" + own.Key, Value: own.Value})
		}
	}
	key := from.Key
	if len(key) > 1024 {
		key = key[:1024]
	}
	return queue.Record{Key: key, Value: value, Headers: headers}
}

func header(key, value string) queue.Header { return queue.Header{Key: key, Value: []byte(value)} }

// clip makes s valid UTF-8 of at most n bytes, so that a header can be read.
func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// bury sends dead letters and returns when they are acknowledged. It tries
// until ctx ends.
func (w *Worker) bury(ctx context.Context, b *queue.Batch, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	limit := w.deps.Queue.Configuration().Topics.MaxMessageBytes
	records := make([]queue.Record, len(items))
	for i, it := range items {
		records[i] = it.dead.record(b.Topic, b.Partition, it.record, limit)
		records[i].Topic = w.deadTopic
	}
	for attempt := 0; ; attempt++ {
		err := w.producer.SendRecords(ctx, records...)
		if err == nil {
			break
		}
		w.metrics.errors.WithLabelValues("dead_letter").Inc()
		var some *queue.SendError
		if errors.As(err, &some) {
			records = remaining(records, some)
		}
		if attempt%10 == 3 {
			w.deps.Logger.Warn("dead letters cannot be sent; retrying", "batch", b.Token(), "records", len(records), "error", err)
		}
		if paused := w.pause(ctx, attempt); paused != nil {
			return fmt.Errorf("send %d dead letters of batch %s: %w", len(records), b.Token(), errors.Join(err, paused))
		}
		w.metrics.retries.WithLabelValues("dead_letter").Inc()
	}
	for _, it := range items {
		w.metrics.deadLetters.WithLabelValues(it.dead.reason).Inc()
		w.deps.Logger.Debug("dead letter", "reason", it.dead.reason, "field", it.dead.field,
			"partition", b.Partition, "offset", it.record.Offset)
	}
	return nil
}

// remaining keeps the records that were not acknowledged.
func remaining(records []queue.Record, err *queue.SendError) []queue.Record {
	var kept []queue.Record
	for i := range records {
		if err.Failed[i] != nil {
			kept = append(kept, records[i])
		}
	}
	return kept
}
