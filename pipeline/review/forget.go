package review

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
)

// Purged is the status of what is left of an item after its time is over: what
// statistics need, without post, account, person and text. It is in no list and
// found by nothing.
const Purged Status = "purged"

// Forget takes out of the database, in the caller's transaction, who and what an
// item is about. What stays counts: region, agency, labels, rules, the day, and
// the decisions without notes, under the name that is given instead of the post's.
// It returns the statements of the decisions, which are not kept either. An item
// that is not there is no error.
func Forget(ctx context.Context, tx *database.Tx, id, name string) (statements [][]byte, err error) {
	var num, group int64
	nums, err := queryNums(ctx, tx, "SELECT num FROM review_items WHERE id = ?", id)
	if err != nil || len(nums) == 0 {
		return nil, inWords("look for an item to forget", err)
	}
	num = nums[0]
	if err := tx.QueryRow(ctx, "SELECT grp FROM review_items WHERE num = ?", num).Scan(&group); err != nil {
		return nil, fmt.Errorf("forget item %q: %w", id, err)
	}
	if statements, err = Statements(ctx, tx, id); err != nil {
		return nil, err
	}
	number, err := stamp(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{`INSERT INTO review_statements (decision, statement) SELECT id, '' FROM review_decisions d
			WHERE item = ? AND NOT EXISTS (SELECT 1 FROM review_statements s WHERE s.decision = d.id)`, []any{num}},
		{`UPDATE review_statements SET statement = '' WHERE decision IN (SELECT id FROM review_decisions WHERE item = ?)`, []any{num}},
		{`UPDATE review_decisions SET note = '' WHERE item = ?`, []any{num}},
		{`UPDATE review_decisions SET same = ? WHERE same = ?`, []any{name, id}},
		{`DELETE FROM review_search WHERE rowid = ?`, []any{num}},
		{`UPDATE review_items SET id = ?, status = ?, account = '', handle = '', person_id = '', excerpt = '', text_sum = 0, flag_sum = 0, holder = '',
			held_until = 0, assignee = '', opened_at = 0, due_at = 0, created_at = created_at - created_at % 86400000, revision = revision + 1, changed = ?
			WHERE num = ?`, []any{name, string(Purged), number, num}},
	} {
		if _, err := tx.Exec(ctx, step.statement, step.args...); err != nil {
			return nil, fmt.Errorf("forget item %q: %w", id, err)
		}
	}
	return statements, forgetGroup(ctx, tx, group)
}

// forgetGroup takes out what a text was compared by, where no item is left that
// has it.
func forgetGroup(ctx context.Context, tx *database.Tx, group int64) error {
	left, err := queryNums(ctx, tx, "SELECT num FROM review_items WHERE grp = ? AND status <> ? LIMIT 1", group, string(Purged))
	if err != nil || len(left) > 0 {
		return err
	}
	for _, statement := range []string{"UPDATE review_groups SET exact = 0, signature = NULL WHERE num = ?", "DELETE FROM review_bands WHERE grp = ?"} {
		if _, err := tx.Exec(ctx, statement, group); err != nil {
			return fmt.Errorf("forget what a text was compared by: %w", err)
		}
	}
	return nil
}
