// Package state keeps what the console itself must remember of people: users,
// their rights, password hashes, second factors, sessions, tokens of the API,
// and the keys that sign forms. It knows nothing of posts, nor of HTTP. It is
// called by the console and by the commands that manage its users.
package state

import (
	"context"
	"crypto/cipher"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// component is the name under which the migrations are counted.
const component = "state"

// State is the people's part of the open database. It is safe for concurrent
// use.
type State struct {
	db     *database.DB
	hasher Hasher
	now    func() time.Time
	aead   cipher.AEAD // nil without WithKey
}

// New brings the tables in the database to the present version; a file of
// before Netra 0.3 keeps its users.
func New(ctx context.Context, db *database.DB, hasher Hasher) (*State, error) {
	if err := setAside(ctx, db); err != nil {
		return nil, fmt.Errorf("take over the users of an earlier version: %w", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, component, files); err != nil {
		return nil, err
	}
	if err := adopt(ctx, db); err != nil {
		return nil, fmt.Errorf("take over the users of an earlier version: %w", err)
	}
	return &State{db: db, hasher: hasher, now: time.Now}, nil
}

// WithClock returns the same state by another clock, for tests.
func (s *State) WithClock(now func() time.Time) *State {
	other := *s
	other.now = now
	return &other
}

// Ping says whether the database answers.
func (s *State) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
