package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

// A backup wants a moment in which the store holds exactly what the group has
// acknowledged. It asks the workers to rest: they finish the batch in hand,
// commit its end, and begin no other until they are released or the time is up.
// The request is the metadata of an offset in a group of its own, beside the
// workers' group, so that it reaches all workers of the cluster. That it was
// heeded is seen from the standings, not believed.

// restPolled is how often a worker looks for a request, and LongestRest how long
// it heeds one, whatever the clock of the asking machine says.
const (
	restPolled  = time.Second
	LongestRest = 2 * time.Minute
)

const restPrefix = "rest-until:"

// restGroup is the group that holds the request.
func (q *Queue) restGroup() string { return q.cfg.Consumer.Group + ".rest" }

// AskForRest asks all workers of the group to rest for a while, at most two
// minutes; see Release.
func (q *Queue) AskForRest(ctx context.Context, rest time.Duration) error {
	until := time.Now().Add(min(rest, LongestRest)).UnixMilli()
	return q.setRest(ctx, restPrefix+strconv.FormatInt(until, 10))
}

// Release lets the workers go on.
func (q *Queue) Release(ctx context.Context) error { return q.setRest(ctx, "") }

func (q *Queue) setRest(ctx context.Context, metadata string) error {
	err := q.commitOutside(ctx, q.restGroup(), map[int]Position{0: {Offset: 0, Metadata: metadata}})
	if err != nil {
		return fmt.Errorf("tell the workers to rest or go on: %w", err)
	}
	return nil
}

// Position is an offset of a partition with what a group keeps beside it.
type Position struct {
	Offset   int64  `json:"offset"`
	Metadata string `json:"metadata,omitempty"`
}

// SetPositions moves the workers' group, of which nobody may be a member now:
// what lies behind the positions is handled (again). It is for a restore.
func (q *Queue) SetPositions(ctx context.Context, positions map[int]Position) error {
	if err := q.commitOutside(ctx, q.cfg.Consumer.Group, positions); err != nil {
		return fmt.Errorf("move group %s (no worker may run): %w", q.cfg.Consumer.Group, err)
	}
	return nil
}

// commitOutside commits as nobody's member. A group with members refuses it.
func (q *Queue) commitOutside(ctx context.Context, group string, positions map[int]Position) error {
	commits := make([]kafka.OffsetCommit, 0, len(positions))
	for partition, p := range positions {
		commits = append(commits, kafka.OffsetCommit{Partition: partition, Offset: p.Offset, Metadata: p.Metadata})
	}
	for attempt := 0; ; attempt++ {
		err := q.tryCommitOutside(ctx, group, commits)
		if err == nil || isFenced(err) {
			return err
		}
		if paused := pause(ctx, attempt, 50*time.Millisecond, time.Second); paused != nil || attempt > 20 {
			return errors.Join(err, paused)
		}
	}
}

func (q *Queue) tryCommitOutside(ctx context.Context, group string, commits []kafka.OffsetCommit) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	response, err := q.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
		GroupID: group, GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{q.cfg.Topic: commits},
	})
	if err != nil {
		return err
	}
	for _, p := range response.Topics[q.cfg.Topic] {
		if p.Error != nil {
			return fmt.Errorf("partition %d: %w", p.Partition, p.Error)
		}
	}
	return nil
}

// rest is whether the workers of this process are to rest.
type rest struct {
	until atomic.Int64 // Unix milliseconds
	seen  string
}

func (r *rest) asked() bool { return time.Now().UnixMilli() < r.until.Load() }

// heed takes over a request that was not seen before.
func (r *rest) heed(metadata string, now time.Time) {
	if metadata == r.seen {
		return
	}
	r.seen = metadata
	text, _ := strings.CutPrefix(metadata, restPrefix)
	until, err := strconv.ParseInt(text, 10, 64)
	if err != nil { // released, or not ours
		until = 0
	}
	r.until.Store(min(until, now.Add(LongestRest).UnixMilli()))
}

// watchRest looks for requests until ctx ends. Where they cannot be read, the
// workers work: whoever asks sees that they do not rest.
func (c *Consumer) watchRest(ctx context.Context) {
	ticker := time.NewTicker(restPolled)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		metadata, err := c.queue.restAsked(ctx)
		if err != nil {
			c.queue.log.Debug("cannot see whether a rest is asked for", "error", err)
			continue
		}
		c.rest.heed(metadata, time.Now())
	}
}

func (q *Queue) restAsked(ctx context.Context) (string, error) {
	m := &member{queue: q, group: q.restGroup()}
	_, metadata, err := m.tryCommitted(ctx, 0)
	return metadata, err
}
