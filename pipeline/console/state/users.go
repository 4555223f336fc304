package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// BootstrapUser is the name of the user that a new database begins with.
const BootstrapUser = "admin"

var (
	// ErrNoUser says that no user has that name or id.
	ErrNoUser = errors.New("no such user")
	// ErrUserExists says that the name is taken.
	ErrUserExists = errors.New("the user exists already")
	// ErrWrongLogin says that name and password do not belong together.
	ErrWrongLogin = errors.New("wrong name or password")
)

var userName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$`)

// User is a person who may log in.
type User struct {
	ID   int64
	Name string
	// Stamp changes when the password does; sessions carry it.
	Stamp string
}

// Bootstrap creates the user BootstrapUser with a random password when there is
// no user at all. The password is returned this once and kept nowhere.
func (s *State) Bootstrap(ctx context.Context) (user, password string, created bool, err error) {
	password = RandomPassword()
	hash, err := s.hasher.hash(password)
	if err != nil {
		return "", "", false, fmt.Errorf("hash the first password: %w", err)
	}
	result, err := s.db.ExecContext(ctx,
		`INSERT INTO users (name, password_hash, stamp, created_at)
		 SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM users)`,
		BootstrapUser, hash, rand.Text(), time.Now().Unix())
	if err != nil {
		return "", "", false, fmt.Errorf("create the first user: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return "", "", false, err
	}
	return BootstrapUser, password, true, nil
}

// AddUser creates a user.
func (s *State) AddUser(ctx context.Context, name, password string) error {
	if !userName.MatchString(name) {
		return fmt.Errorf("user name %q: allowed: 1 to 64 of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit", name)
	}
	hash, err := s.hasher.hash(password)
	if err != nil {
		return fmt.Errorf("add user %s: %w", name, err)
	}
	result, err := s.db.ExecContext(ctx,
		`INSERT INTO users (name, password_hash, stamp, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
		name, hash, rand.Text(), time.Now().Unix())
	return oneRow(result, err, ErrUserExists, "add user "+name)
}

// SetPassword gives a user a new password and ends the user's sessions.
func (s *State) SetPassword(ctx context.Context, name, password string) error {
	hash, err := s.hasher.hash(password)
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", name, err)
	}
	result, err := s.db.ExecContext(ctx,
		`UPDATE users SET password_hash = ?, stamp = ? WHERE name = ?`, hash, rand.Text(), name)
	return oneRow(result, err, ErrNoUser, "set the password of "+name)
}

// User returns the user with the id, or ErrNoUser.
func (s *State) User(ctx context.Context, id int64) (User, error) {
	var u User
	err := s.db.QueryRowContext(ctx, `SELECT id, name, stamp FROM users WHERE id = ?`, id).Scan(&u.ID, &u.Name, &u.Stamp)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrNoUser
	}
	if err != nil {
		return User{}, fmt.Errorf("read user %d: %w", id, err)
	}
	return u, nil
}

// Login returns the user whose name and password these are, or ErrWrongLogin.
// An unknown name takes as long as a wrong password.
func (s *State) Login(ctx context.Context, name, password string) (User, error) {
	var u User
	var hash string
	err := s.db.QueryRowContext(ctx, `SELECT id, name, stamp, password_hash FROM users WHERE name = ?`, name).
		Scan(&u.ID, &u.Name, &u.Stamp, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.hasher.hash("for the time it takes"); err != nil {
			return User{}, fmt.Errorf("log in: %w", err)
		}
		return User{}, ErrWrongLogin
	}
	if err != nil {
		return User{}, fmt.Errorf("read the user who logs in: %w", err)
	}
	ok, err := s.hasher.matches(password, hash)
	if err != nil {
		return User{}, fmt.Errorf("compare the password of %s: %w", u.Name, err)
	}
	if !ok {
		return User{}, ErrWrongLogin
	}
	return u, nil
}

func oneRow(result sql.Result, err, none error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", doing, none)
	}
	return nil
}
