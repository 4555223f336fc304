package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Sessions keeps sessions for scs.SessionManager. The tokens that it is given
// are hashes already (HashTokenInStore), so that a stolen file opens no session.
type Sessions struct {
	state *State
	now   func() time.Time
}

// Sessions returns the store of sessions; now is time.Now but in tests.
func (s *State) Sessions(now func() time.Time) *Sessions { return &Sessions{state: s, now: now} }

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.state.db.QueryRowContext(ctx,
		`SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ? AND NOT ended`, token, s.now().Unix()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read a session: %w", err)
	}
	return data, true, nil
}

// CommitCtx adds or replaces a session, but never one that was ended: a request
// that began before the logout must not bring it back.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.state.db.ExecContext(ctx,
		`INSERT INTO sessions (token_hash, data, expires_at) VALUES (?, ?, ?)
		 ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at WHERE NOT ended`,
		token, data, expiry.Unix())
	if err != nil {
		return fmt.Errorf("store a session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session. What it held is gone at once, the row with Purge.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.state.db.ExecContext(ctx, `UPDATE sessions SET ended = 1, data = '' WHERE token_hash = ?`, token); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// Purge deletes the sessions that have expired and says how many they were.
func (s *Sessions) Purge(ctx context.Context) (int64, error) {
	result, err := s.state.db.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= ?`, s.now().Unix())
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return result.RowsAffected()
}

// Find, Commit and Delete are for scs.Store, which wants them beside the ones
// with a context.

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
