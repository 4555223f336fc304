package state

import (
	"context"
	"crypto/rand"
	"fmt"
)

// Secret returns the 32 random bytes of the given name; the first call makes
// them. They stay the same through restarts.
func (s *State) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	if _, err := s.db.Exec(ctx,
		`INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
		return nil, fmt.Errorf("make the secret %s: %w", name, err)
	}
	var value []byte
	if err := s.db.QueryRow(ctx, `SELECT value FROM secrets WHERE name = ?`, name).Scan(&value); err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	return value, nil
}
