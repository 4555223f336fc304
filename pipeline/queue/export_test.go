package queue

import (
	"context"
	"net"
)

// SetDial makes the queue dial by dial, so that a test can hold its traffic.
func (q *Queue) SetDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	q.transport.Dial = dial
	q.dialer.DialFunc = dial
}

// Committed returns what the group has committed for the partition.
func (q *Queue) Committed(ctx context.Context, group string, partition int) (int64, string, error) {
	return (&member{queue: q, group: group}).committed(ctx, partition)
}

// Bounds returns the partition's first offset and the one behind its last.
func (q *Queue) Bounds(ctx context.Context, partition int) (first, end int64, err error) {
	return q.bounds(ctx, q.cfg.Topic, partition)
}
