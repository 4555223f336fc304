package tuning

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
)

// Undeliver notes that publications and shadows with numbers above those given
// are to be laid out (again). A restore calls it, where the board was copied
// earlier than the book.
func Undeliver(ctx context.Context, db *database.DB, publication, shadow uint64) error {
	if err := db.Migrate(ctx, "tuning", migrations()); err != nil {
		return err
	}
	err := db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE tuning_publications SET delivered = 0 WHERE number > ?", int64(publication)); err != nil { //nolint:gosec // they count from one
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE tuning_shadows SET delivered = 0 WHERE number > ?", int64(shadow)) //nolint:gosec // they count from one
		return err
	})
	if err != nil {
		return fmt.Errorf("note what is to be laid out again: %w", err)
	}
	return nil
}
