package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
)

// Handler handles the batches of one partition, one at a time, as long as this
// worker owns the partition.
type Handler interface {
	// Recall receives, before the first batch, the records that lie before it
	// (as many offsets as the consumer was told to recall), oldest first. They
	// have been handled already.
	Recall(record Record)
	// Handle returns nil only when everything that follows from the batch is
	// durable. It retries by itself: an error gives the partition up, and the
	// next owner is handed the same batch. ctx ends when the partition is
	// taken away.
	Handle(ctx context.Context, batch Batch) error
}

// HandlerFunc is a Handler that recalls nothing.
type HandlerFunc func(ctx context.Context, batch Batch) error

// Recall does nothing.
func (HandlerFunc) Recall(Record) {}

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, batch Batch) error { return f(ctx, batch) }

// Open builds the handler of one partition when it is assigned.
type Open func(topic string, partition int) Handler

// Consumer is one member of the consumer group on the posts topic.
//
// Before a batch is handed over, the offset of its first record is committed
// with its boundaries as metadata ("plan:first-last"). That commit acknowledges
// the batch before, is refused when the group has moved on, and lets the next
// owner rebuild exactly this batch. A batch is therefore handled at least once,
// always with the same boundaries: a store that drops a repeated Batch.Token
// stores it once.
type Consumer struct {
	queue  *Queue
	open   Open
	recall int
	joined atomic.Bool
	// memberID is the member of the newest generation, for Run alone.
	memberID string
	// rest says whether somebody asked for a rest.
	rest rest
}

// NewConsumer builds a consumer whose handlers are made by open. recall is how
// many offsets before the first batch a new handler is shown.
func (q *Queue) NewConsumer(recall int, open Open) *Consumer {
	return &Consumer{queue: q, open: open, recall: recall}
}

// Joined says whether the consumer is in a generation of the group now.
func (c *Consumer) Joined() bool { return c.joined.Load() }

// Run consumes until ctx ends; then it finishes the batches in hand, commits
// and leaves the group. A broker that is away is waited for.
func (c *Consumer) Run(ctx context.Context) error {
	cfg := c.queue.cfg.Consumer
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: cfg.Group, Brokers: c.queue.cfg.Brokers, Topics: []string{c.queue.cfg.Topic}, Dialer: c.queue.dialer,
		HeartbeatInterval: cfg.HeartbeatInterval, SessionTimeout: cfg.SessionTimeout,
		RebalanceTimeout: cfg.RebalanceTimeout, JoinGroupBackoff: time.Second,
		WatchPartitionChanges: true, PartitionWatchInterval: 10 * time.Second,
		StartOffset: kafka.FirstOffset, Timeout: requestTimeout,
		GroupBalancers: []kafka.GroupBalancer{kafka.RangeGroupBalancer{}},
	})
	if err != nil {
		return fmt.Errorf("consumer group %s: %w", cfg.Group, err)
	}
	defer c.leave(group)
	c.queue.metrics.generation.Set(-1)
	for failures := 0; ; {
		generation, err := group.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			c.notJoined(err, failures)
			failures++
			continue
		}
		failures = 0
		if err := c.generation(ctx, generation); err != nil && ctx.Err() == nil {
			_ = pause(ctx, 0, time.Second, time.Second) // the loop looks at ctx
		}
	}
}

// leave gives the membership back. A group that is in the middle of a join
// cannot be left before the broker has answered, so it is not waited for
// longer than a drain may take.
func (c *Consumer) leave(group *kafka.ConsumerGroup) {
	left := make(chan error, 1)
	go func() { left <- group.Close() }()
	timer := time.NewTimer(c.queue.cfg.Consumer.DrainTimeout)
	defer timer.Stop()
	select {
	case <-left:
		c.farewell()
	case <-timer.C:
		c.queue.log.Warn("the group could not be left in time; the broker will notice by the session", "group", c.queue.cfg.Consumer.Group)
	}
}

// farewell leaves the group once more: the library forgets to when it is closed
// just after a failed join, and the others would wait for the dead member.
func (c *Consumer) farewell() {
	if c.memberID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	// The usual answer is that the member is unknown: it has left already.
	_, err := c.queue.client.LeaveGroup(ctx, &kafka.LeaveGroupRequest{
		GroupID: c.queue.cfg.Consumer.Group, Members: []kafka.LeaveGroupRequestMember{{ID: c.memberID}},
	})
	if err != nil {
		c.queue.log.Debug("leaving the group again failed", "error", err)
	}
}

func (c *Consumer) notJoined(err error, failures int) {
	c.queue.metrics.errors.WithLabelValues("join", kindOf(err)).Inc()
	if failures%10 == 0 && !errors.Is(err, kafka.RebalanceInProgress) {
		c.queue.log.Warn("cannot join the consumer group; retrying", "group", c.queue.cfg.Consumer.Group,
			"brokers", c.queue.cfg.Brokers, "error", err)
	}
}

// generation handles the partitions of one generation and returns when all of
// them have come to rest. It returns an error when one of them gave up.
func (c *Consumer) generation(ctx context.Context, g *kafka.Generation) error {
	c.memberID = g.MemberID
	assigned := g.Assignments[c.queue.cfg.Topic]
	c.begin(g, len(assigned))
	done := make(chan error, 1)
	// One function for the whole generation: the first one to return ends it.
	g.Start(func(generation context.Context) {
		done <- c.partitions(ctx, generation, g, assigned)
	})
	err := <-done
	c.end(ctx, g, err)
	return err
}

func (c *Consumer) begin(g *kafka.Generation, assigned int) {
	c.joined.Store(true)
	c.queue.metrics.generation.Set(float64(g.ID))
	c.queue.metrics.partitions.Set(float64(assigned))
	c.queue.log.Info("joined the consumer group", "group", g.GroupID, "generation", g.ID, "partitions", assigned)
}

func (c *Consumer) end(ctx context.Context, g *kafka.Generation, err error) {
	c.joined.Store(false)
	c.queue.metrics.generation.Set(-1)
	c.queue.metrics.partitions.Set(0)
	c.queue.metrics.lag.Reset()
	cause := "rebalance"
	switch {
	case ctx.Err() != nil:
		cause = "stopped"
	case errors.Is(err, ErrFenced):
		cause = "fenced"
	case err != nil:
		cause = "error"
	}
	c.queue.metrics.rebalances.WithLabelValues(cause).Inc()
	c.queue.log.Info("left the generation", "generation", g.ID, "cause", cause, "error", err)
}

// partitions runs every assigned partition and waits for all of them. The
// first that gives up ends the others.
func (c *Consumer) partitions(stop, generation context.Context, g *kafka.Generation, assigned []kafka.PartitionAssignment) error {
	work, cancel := context.WithCancelCause(generation)
	defer cancel(nil)
	release := context.AfterFunc(stop, func() {
		timer := time.NewTimer(c.queue.cfg.Consumer.DrainTimeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(errors.New("the drain took too long"))
		case <-work.Done():
		}
	})
	defer release()

	m := &member{queue: c.queue, group: g.GroupID, generation: int(g.ID), id: g.MemberID}
	owned := make([]*partition, len(assigned))
	failed := make(chan error, len(assigned))
	var running, watching sync.WaitGroup
	for i, assignment := range assigned {
		p := &partition{
			queue: c.queue, member: m, topic: c.queue.cfg.Topic, id: assignment.ID, recall: c.recall, rest: &c.rest,
			handler: c.open(c.queue.cfg.Topic, assignment.ID),
		}
		p.done.Store(-1)
		owned[i] = p
		running.Go(func() {
			if err := p.run(stop, work); err != nil && generation.Err() == nil {
				failed <- err
				cancel(err)
			}
		})
	}
	watching.Go(func() { c.queue.watchLag(work, owned) })
	watching.Go(func() { c.watchRest(work) })
	running.Wait()
	if len(assigned) == 0 {
		select {
		case <-stop.Done():
		case <-generation.Done():
		}
	}
	cancel(nil)
	watching.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
