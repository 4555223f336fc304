package store

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
)

// Store is a ClickHouse database of Netra. It is safe for concurrent use.
type Store struct {
	configuration Configuration
	options       *clickhouse.Options
	connection    driver.Conn
	log           *slog.Logger
	metrics       *metrics
}

// New returns a store. It connects when it is first used, so that a server may
// come up later; Ping tells whether it is there.
func New(configuration Configuration, log *slog.Logger, registerer prometheus.Registerer) (*Store, error) {
	if err := configuration.Validate(); err != nil {
		return nil, err
	}
	options, err := configuration.options()
	if err != nil {
		return nil, err
	}
	connection, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("set up the connection to ClickHouse at %s: %w", configuration.Address, err)
	}
	return &Store{
		configuration: configuration, options: options, connection: connection,
		log: log, metrics: newMetrics(registerer),
	}, nil
}

// Ping asks the server for a sign of life. Its error says what to check.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.connection.Exec(ctx, "SELECT 1"); err != nil {
		return s.failed("ping", "ping", err)
	}
	return nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.connection.Close() }
