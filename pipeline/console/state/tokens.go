package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/database"
)

// ErrWrongToken says that a token opens nothing: it is not known, expired,
// revoked, or its user disabled.
var ErrWrongToken = errors.New("wrong token")

var (
	// ErrTokenName says that a token's name cannot be one.
	ErrTokenName = fmt.Errorf("a token's name: allowed: 1 to %d characters", mostTokenName)
	// ErrTooManyTokens says that a person has as many as are allowed.
	ErrTooManyTokens = fmt.Errorf("too many tokens are valid: allowed: %d", MostTokens)
)

const (
	// tokenPrefix lets people and scanners of leaks know what it is.
	tokenPrefix = "netra_"
	// MostTokens is how many valid tokens a person may have.
	MostTokens = 20
	// LongestToken is how long a token may be valid.
	LongestToken = 366 * 24 * time.Hour
	// mostTokenName bounds a token's name in characters.
	mostTokenName = 60
	// tokenUseEvery is how exactly it is kept when a token was used last.
	tokenUseEvery = time.Minute
)

// Token is what is known of a token for the API.
type Token struct {
	ID        int64
	Name      string
	CreatedAt time.Time
	ExpiresAt time.Time
	LastUsed  time.Time
	Revoked   time.Time
}

// Valid says whether it opens something at a time.
func (t Token) Valid(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.ExpiresAt) }

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// AddToken makes a token for a user. It is returned this once; a hash is kept.
func (s *State) AddToken(ctx context.Context, user int64, name string, valid time.Duration, also Also) (token string, err error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > mostTokenName || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return "", ErrTokenName
	}
	if valid <= 0 || valid > LongestToken {
		return "", fmt.Errorf("a token for %v: allowed: more than 0, at most %v", valid, LongestToken)
	}
	token = tokenPrefix + strings.ToLower(rand.Text()+rand.Text()[:10])
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var have int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM api_tokens WHERE user_id = ? AND revoked_at = 0 AND expires_at > ?`, user, database.Milliseconds(s.now())).Scan(&have); err != nil {
			return err
		}
		if have >= MostTokens {
			return ErrTooManyTokens
		}
		if _, err := tx.Exec(ctx, `INSERT INTO api_tokens (user_id, name, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
			user, name, tokenHash(token), database.Milliseconds(s.now()), database.Milliseconds(s.now().Add(valid))); err != nil {
			return err
		}
		return also.in(tx)
	})
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return token, nil
}

// Tokens lists a user's tokens, the newest first.
func (s *State) Tokens(ctx context.Context, user int64) ([]Token, error) {
	rows, err := s.db.Query(ctx, `SELECT id, name, created_at, expires_at, last_used_at, revoked_at FROM api_tokens WHERE user_id = ? ORDER BY id DESC LIMIT 100`, user)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Token
	for rows.Next() {
		var t Token
		var created, expires, used, revoked int64
		if err := rows.Scan(&t.ID, &t.Name, &created, &expires, &used, &revoked); err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		t.CreatedAt, t.ExpiresAt, t.LastUsed, t.Revoked = database.Time(created), database.Time(expires), database.Time(used), database.Time(revoked)
		all = append(all, t)
	}
	return all, rows.Err()
}

// RevokeToken ends a token of a user; ErrWrongToken where there is none such.
func (s *State) RevokeToken(ctx context.Context, user, id int64, also Also) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at = 0`, database.Milliseconds(s.now()), id, user)
		if err := oneRow(result, err, ErrWrongToken); err != nil {
			return err
		}
		return also.in(tx)
	})
	if err != nil {
		return fmt.Errorf("revoke a token: %w", err)
	}
	return nil
}

// ByToken returns the user whose valid token it is, or ErrWrongToken.
func (s *State) ByToken(ctx context.Context, token string) (User, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return User{}, ErrWrongToken
	}
	hash, now := tokenHash(token), s.now()
	var user, used int64
	err := s.db.QueryRow(ctx, `SELECT user_id, last_used_at FROM api_tokens WHERE hash = ? AND revoked_at = 0 AND expires_at > ?`, hash, database.Milliseconds(now)).Scan(&user, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrWrongToken
	}
	if err != nil {
		return User{}, fmt.Errorf("read a token: %w", err)
	}
	u, err := s.User(ctx, user)
	if err != nil {
		return User{}, err
	}
	if u.Disabled {
		return User{}, ErrWrongToken
	}
	if now.Sub(database.Time(used)) >= tokenUseEvery {
		if _, err := s.db.Exec(ctx, `UPDATE api_tokens SET last_used_at = ? WHERE hash = ?`, database.Milliseconds(now), hash); err != nil {
			return User{}, fmt.Errorf("keep that a token was used: %w", err)
		}
	}
	return u, nil
}
