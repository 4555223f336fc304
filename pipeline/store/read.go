package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// read runs a query and puts its rows into destination, a pointer to a slice of
// structs. Values go as parameters ({name:Type}), apart from the statement.
func (s *Store) read(ctx context.Context, query string, destination any, statement string, parameters ...any) error {
	start := time.Now()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_execution_time": int(s.configuration.Timeout.Seconds()) + 1,
	}))
	if err := s.connection.Select(ctx, destination, statement, parameters...); err != nil {
		return s.failed(query, "query "+query, err)
	}
	s.metrics.querySeconds.WithLabelValues(query).Observe(time.Since(start).Seconds())
	return nil
}
