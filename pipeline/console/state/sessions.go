package state

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// Sessions keeps sessions for scs.SessionManager. The tokens that it is given
// are hashes already (HashTokenInStore), so that a stolen file opens no session.
type Sessions struct {
	state *State
	now   func() time.Time
	slack time.Duration
}

// Sessions returns the store of sessions; now is time.Now but in tests. A
// session of which nothing but its expiry changed, by less than slack, is not
// written: a page that is read costs no write.
func (s *State) Sessions(now func() time.Time, slack time.Duration) *Sessions {
	return &Sessions{state: s, now: now, slack: slack}
}

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.state.db.QueryRow(ctx,
		`SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ? AND ended = 0`, token, database.Milliseconds(s.now())).Scan(&data)
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
	var have []byte
	var until int64
	err := s.state.db.QueryRow(ctx, `SELECT data, expires_at FROM sessions WHERE token_hash = ?`, token).Scan(&have, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read a session: %w", err)
	}
	if err == nil && bytes.Equal(have, data) && (expiry.Sub(database.Time(until))).Abs() < s.slack {
		return nil
	}
	user, address, agent := owner(data)
	_, err = s.state.db.Exec(ctx,
		`INSERT INTO sessions (token_hash, user_id, data, address, agent, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, user_id = excluded.user_id, address = excluded.address,
			agent = excluded.agent, seen_at = excluded.seen_at, expires_at = excluded.expires_at WHERE sessions.ended = 0`,
		token, user, data, address, agent, database.Milliseconds(s.now()), database.Milliseconds(s.now()), database.Milliseconds(expiry))
	if err != nil {
		return fmt.Errorf("store a session: %w", err)
	}
	return nil
}

// owner reads whose session it is; nobody's where it is not in the Codec's form.
func owner(data []byte) (user int64, address, agent string) {
	_, values, err := Codec{}.Decode(data)
	if err != nil {
		return 0, "", ""
	}
	user, _ = values[SessionUser].(int64)
	address, _ = values[SessionAddress].(string)
	agent, _ = values[SessionAgent].(string)
	return user, address, agent
}

// DeleteCtx ends a session. What it held is gone at once, the row with Purge.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.state.db.Exec(ctx, `UPDATE sessions SET ended = 1, data = ? WHERE token_hash = ?`, []byte{}, token); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// Purge deletes the sessions that have expired and says how many they were.
func (s *Sessions) Purge(ctx context.Context) (int64, error) {
	result, err := s.state.db.Exec(ctx, `DELETE FROM sessions WHERE expires_at <= ?`, database.Milliseconds(s.now()))
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return result.RowsAffected()
}

// Session is one of a person's open sessions.
type Session struct {
	// ID names the session in pages; no session can be opened with it.
	ID             string
	Address, Agent string
	// SeenAt is a few minutes old at most.
	CreatedAt, SeenAt, ExpiresAt time.Time
}

// sessionIDBytes of a token's hash name a session.
const sessionIDBytes = 16

// SessionID is the ID of the session with the given hash of its token.
func SessionID(hash string) string { return hash[:min(len(hash), sessionIDBytes)] }

// Of lists a person's open sessions, the one used last first.
func (s *Sessions) Of(ctx context.Context, user int64) ([]Session, error) {
	rows, err := s.state.db.Query(ctx, `SELECT token_hash, address, agent, created_at, seen_at, expires_at FROM sessions
		WHERE user_id = ? AND ended = 0 AND expires_at > ? ORDER BY seen_at DESC, token_hash LIMIT 100`, user, database.Milliseconds(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Session
	for rows.Next() {
		var one Session
		var hash string
		var created, seen, expires int64
		if err := rows.Scan(&hash, &one.Address, &one.Agent, &created, &seen, &expires); err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		one.ID, one.CreatedAt, one.SeenAt, one.ExpiresAt = SessionID(hash), database.Time(created), database.Time(seen), database.Time(expires)
		all = append(all, one)
	}
	return all, rows.Err()
}

// EndSession ends one session of a person, by its ID, and says how many that were.
func (s *State) EndSession(ctx context.Context, tx *database.Tx, user int64, id string) (int64, error) {
	return ended(tx.Exec(ctx, `UPDATE sessions SET ended = 1, data = ? WHERE user_id = ? AND ended = 0 AND substr(token_hash, 1, ?) = ?`,
		[]byte{}, user, sessionIDBytes, id))
}

// EndSessions ends a person's sessions but the one with the ID except, and says
// how many those were.
func (s *State) EndSessions(ctx context.Context, tx *database.Tx, user int64, except string) (int64, error) {
	return ended(tx.Exec(ctx, `UPDATE sessions SET ended = 1, data = ? WHERE user_id = ? AND ended = 0 AND substr(token_hash, 1, ?) <> ?`,
		[]byte{}, user, sessionIDBytes, except))
}

func ended(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
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
