package console

import (
	"context"

	"github.com/netra-id/netra/pipeline/database"
)

// CoordinatedParts are what the search for coordinated posting shares with the
// console.
type CoordinatedParts struct {
	Database *database.DB
}

// openCoordinated asks for what finds coordinated posting.
func (c *Console) openCoordinated(ctx context.Context) (err error) {
	if c.deps.Coordinated == nil {
		return nil
	}
	c.coordinated, err = c.deps.Coordinated(ctx, CoordinatedParts{Database: c.db})
	return err
}
