// Package queue is the road's Kafka: a producer that returns when the broker
// has the records, a consumer whose batches survive a crash with the same
// boundaries, and the topics with their retention.
//
// A batch is planned before it is handled: its first and last offset are
// committed as the metadata of the group's offset. Whoever takes the partition
// over rebuilds exactly that batch, so that a store which drops a repeated
// token stores nothing twice (see [Consumer]).
//
// The package knows records and offsets; what a record means is the business
// of its callers: the collector (producer), the worker (consumer and dead
// letters) and the back-test (a replay by [Queue.Replay]).
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
)

// Queue is the connection to one Kafka cluster, shared by every producer and
// consumer of the process.
type Queue struct {
	cfg       Configuration
	addr      net.Addr
	transport *kafka.Transport
	client    *kafka.Client
	dialer    *kafka.Dialer
	metrics   *metrics
	log       *slog.Logger
	raw       *rawCoder
}

// New builds a Queue and checks its configuration. It does not connect.
func New(cfg Configuration, log *slog.Logger, registry prometheus.Registerer) (*Queue, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	security, err := newSecurity(cfg)
	if err != nil {
		return nil, err
	}
	raw, err := newRawCoder()
	if err != nil {
		return nil, fmt.Errorf("prepare to compress answers: %w", err)
	}
	dial := (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	transport := &kafka.Transport{
		Dial:        dial,
		DialTimeout: 5 * time.Second,
		// A fresh topic or a moved leader is seen after this time at most.
		MetadataTTL:    2 * time.Second,
		MetadataTopics: []string{cfg.Topic, cfg.DeadTopic},
		ClientID:       cfg.ClientID,
		TLS:            security.tls,
		SASL:           security.sasl,
	}
	addr := kafka.TCP(cfg.Brokers...)
	return &Queue{
		cfg:       cfg,
		addr:      addr,
		transport: transport,
		client:    &kafka.Client{Addr: addr, Transport: transport},
		dialer: &kafka.Dialer{
			ClientID: cfg.ClientID, Timeout: 5 * time.Second, KeepAlive: 15 * time.Second,
			TLS: security.tls, SASLMechanism: security.sasl,
		},
		metrics: newMetrics(registry),
		log:     log,
		raw:     raw,
	}, nil
}

// Configuration returns what the queue was built with.
func (q *Queue) Configuration() Configuration { return q.cfg }

// Reach says whether any of the brokers accepts connections, and if not, what
// stands in the way at each.
func (q *Queue) Reach(ctx context.Context) error {
	var all []error
	for _, broker := range q.cfg.Brokers {
		conn, err := q.dialer.DialContext(ctx, "tcp", broker)
		if err == nil {
			_ = conn.Close() // it was only tried
			return nil
		}
		all = append(all, fmt.Errorf("broker %s: %w", broker, explained(err)))
	}
	return errors.Join(all...)
}

// Close ends the shared connections. Producers and consumers end before.
func (q *Queue) Close() { q.transport.CloseIdleConnections() }
