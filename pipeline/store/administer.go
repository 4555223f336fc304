package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Administer runs statements outside the database, which may not be there yet:
// those that make it, its users and their rights. An error names a statement by
// its first words, since others may hold a hash.
func (s *Store) Administer(ctx context.Context, statements []string) error {
	options := *s.options
	options.Auth.Database = ""
	outside, err := clickhouse.Open(&options)
	if err != nil {
		return s.failed("administer", "connect", err)
	}
	defer outside.Close()
	for _, statement := range statements {
		if err := outside.Exec(ctx, statement); err != nil {
			return s.failed("administer", fmt.Sprintf("run %q", firstWords(statement)), err)
		}
	}
	return nil
}

func firstWords(statement string) string {
	words := strings.Fields(statement)
	return strings.Join(words[:min(len(words), 6)], " ")
}
