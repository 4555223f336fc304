package console

import (
	"context"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/database"
)

// CaptureParts are what the capture shares with the console.
type CaptureParts struct {
	Database *database.DB
	Audit    *audit.Log
	// Key is derived from the secret that is kept outside the database.
	Key []byte
}

// openCapture asks for the desk where posts and tips are handed in.
func (c *Console) openCapture(ctx context.Context) error {
	if c.deps.Capture == nil {
		return nil
	}
	secret, err := c.config.encryptionSecret()
	if err != nil {
		return err
	}
	key, err := keyFor(secret, "capture")
	if err != nil {
		return err
	}
	desk, err := c.deps.Capture(ctx, CaptureParts{Database: c.db, Audit: c.audit, Key: key})
	if err != nil {
		return err
	}
	c.capture = desk
	return nil
}

// Capture is the desk, nil where there is none.
func (c *Console) Capture() *capture.Desk { return c.capture }
