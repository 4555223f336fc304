package store

import (
	"context"
	"time"
)

// read runs a query and puts its rows into destination, a pointer to a slice of
// structs. Values go as parameters ({name:Type}), apart from the statement. It
// changes no setting, so that a user who may only read can query.
func (s *Store) read(ctx context.Context, query string, destination any, statement string, parameters ...any) error {
	start := time.Now()
	if err := s.connection.Select(ctx, destination, statement, parameters...); err != nil {
		return s.failed(query, "query "+query, err)
	}
	s.metrics.querySeconds.WithLabelValues(query).Observe(time.Since(start).Seconds())
	return nil
}
