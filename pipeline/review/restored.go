package review

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
)

// Sent hands over the ids of the decisions that ClickHouse has for sure: all but
// those that wait in the outbox. A restore calls it, where the tables of
// ClickHouse were copied later than the database: what is in them beyond these
// was decided after the copy, or would be sent once more.
func Sent(ctx context.Context, db database.Querier, each func(id string) error) error {
	waiting := map[string]bool{}
	err := texts(ctx, db, "SELECT row_json FROM review_outbox", func(text string) error {
		var row store.DecisionRow
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			return err
		}
		waiting[row.ID] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the outbox: %w", err)
	}
	err = texts(ctx, db, "SELECT id FROM review_decisions ORDER BY seq", func(id string) error {
		if waiting[id] {
			return nil
		}
		return each(id)
	})
	return inWords("read the decisions", err)
}

// texts visits the rows of a query of one text.
func texts(ctx context.Context, db database.Querier, query string, visit func(string) error) error {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := visit(text); err != nil {
			return err
		}
	}
	return rows.Err()
}
