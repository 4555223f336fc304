package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// member is a worker's place in one generation of the group: commits made
// through it are refused by the broker once the group has moved on.
type member struct {
	queue      *Queue
	group      string
	generation int
	id         string
}

const requestTimeout = 5 * time.Second

// committed returns the group's offset of the partition and its metadata, or
// -1 where none was ever committed. It retries until ctx ends.
func (m *member) committed(ctx context.Context, partition int) (int64, string, error) {
	for attempt := 0; ; attempt++ {
		offset, metadata, err := m.tryCommitted(ctx, partition)
		if err == nil {
			return offset, metadata, nil
		}
		m.queue.metrics.errors.WithLabelValues("locate", kindOf(err)).Inc()
		if paused := pause(ctx, attempt, 50*time.Millisecond, 2*time.Second); paused != nil {
			return 0, "", errors.Join(err, paused)
		}
	}
}

func (m *member) tryCommitted(ctx context.Context, partition int) (int64, string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	topic := m.queue.cfg.Topic
	response, err := m.queue.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{
		GroupID: m.group, Topics: map[string][]int{topic: {partition}},
	})
	if err != nil {
		return 0, "", fmt.Errorf("fetch committed offset of %s/%d: %w", topic, partition, err)
	}
	if response.Error != nil {
		return 0, "", fmt.Errorf("fetch committed offset of %s/%d: %w", topic, partition, response.Error)
	}
	for _, p := range response.Topics[topic] {
		if p.Partition == partition {
			if p.Error != nil {
				return 0, "", fmt.Errorf("fetch committed offset of %s/%d: %w", topic, partition, p.Error)
			}
			return p.CommittedOffset, p.Metadata, nil
		}
	}
	return 0, "", fmt.Errorf("fetch committed offset of %s/%d: the broker did not answer for it", topic, partition)
}

// commit stores offset and metadata for the partition. It retries until ctx
// ends, and returns ErrFenced when the group has moved on.
func (m *member) commit(ctx context.Context, partition int, offset int64, metadata string) error {
	begin := time.Now()
	for attempt := 0; ; attempt++ {
		err := m.tryCommit(ctx, partition, offset, metadata)
		if err == nil {
			m.queue.metrics.commitTime.Observe(time.Since(begin).Seconds())
			return nil
		}
		m.queue.metrics.errors.WithLabelValues("commit", kindOf(err)).Inc()
		if isFenced(err) {
			return errors.Join(ErrFenced, err)
		}
		if attempt == 3 {
			m.queue.log.Warn("offset cannot be committed; retrying", "partition", partition, "offset", offset, "error", err)
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, 2*time.Second); paused != nil {
			return errors.Join(err, paused)
		}
	}
}

func (m *member) tryCommit(ctx context.Context, partition int, offset int64, metadata string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	topic := m.queue.cfg.Topic
	response, err := m.queue.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: m.group, GenerationID: m.generation, MemberID: m.id,
		Topics: map[string][]kafka.OffsetCommit{topic: {{Partition: partition, Offset: offset, Metadata: metadata}}},
	})
	if err != nil {
		return fmt.Errorf("commit offset %d of %s/%d: %w", offset, topic, partition, err)
	}
	for _, p := range response.Topics[topic] {
		if p.Partition == partition {
			if p.Error != nil {
				return fmt.Errorf("commit offset %d of %s/%d: %w", offset, topic, partition, p.Error)
			}
			return nil
		}
	}
	return fmt.Errorf("commit offset %d of %s/%d: the broker did not answer for it", offset, topic, partition)
}

// bounds returns the partition's first offset and the one behind its last.
func (q *Queue) bounds(ctx context.Context, topic string, partition int) (first, end int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	response, err := q.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{topic: {kafka.FirstOffsetOf(partition), kafka.LastOffsetOf(partition)}},
	})
	if err != nil {
		return 0, 0, fmt.Errorf("list offsets of %s/%d: %w", topic, partition, err)
	}
	for _, p := range response.Topics[topic] {
		if p.Partition != partition {
			continue
		}
		if p.Error != nil {
			return 0, 0, fmt.Errorf("list offsets of %s/%d: %w", topic, partition, p.Error)
		}
		if p.FirstOffset < 0 || p.LastOffset < 0 {
			return 0, 0, fmt.Errorf("list offsets of %s/%d: the broker does not know them yet", topic, partition)
		}
		return p.FirstOffset, p.LastOffset, nil
	}
	return 0, 0, fmt.Errorf("list offsets of %s/%d: the broker did not answer for it", topic, partition)
}
