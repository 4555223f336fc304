package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func openPostgres(ctx context.Context, address string) (*DB, error) {
	shown := shownAddress(address)
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open the console's database %s: %w", shown, err)
	}
	pool.SetMaxOpenConns(mostConnections)
	pool.SetMaxIdleConns(mostConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db := &DB{pool: pool, dialect: Postgres, writers: make(chan struct{}, writersPostgres)}
	if err := db.Ping(ctx); err != nil {
		var unread *pgconn.ParseConfigError
		if errors.As(err, &unread) { // it quotes the address with its parameters
			err = errors.New("the address has a part that is not understood")
		}
		return nil, errors.Join(fmt.Errorf("open the console's database %s: %w", shown, err), pool.Close())
	}
	return db, nil
}

// shownAddress is an address without what is secret in it: no password, and none
// of its parameters.
func shownAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres"
	}
	u.RawQuery, u.Fragment = "", ""
	return u.Redacted()
}

// WithoutPassword returns an address of PostgreSQL without its password, and the
// password, for programs that are not to be given it on their command line.
func WithoutPassword(address string) (shown, password string) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address, ""
	}
	password, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	return u.String(), password
}

// rebind writes a query's ? as $1, $2 … for PostgreSQL. A ? in a quoted string
// stays.
func rebind(dialect Dialect, query string) string {
	if dialect != Postgres || !strings.Contains(query, "?") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 16)
	argument, quoted := 0, false
	for i := range len(query) {
		switch c := query[i]; {
		case c == '\'':
			quoted = !quoted
			b.WriteByte(c)
		case c == '?' && !quoted:
			argument++
			b.WriteString("$" + strconv.Itoa(argument))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// The error classes of PostgreSQL, appendix A of its manual.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
)

// lost says whether a transaction lost against another and can be repeated.
func lost(err error) bool {
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		return failed.Code == serializationFailure || failed.Code == deadlockDetected
	}
	return lostSQLite(err)
}

// IsUnique says whether a statement failed since a row with the same unique
// value is there.
func IsUnique(err error) bool {
	var failed *pgconn.PgError
	if errors.As(err, &failed) {
		return failed.Code == uniqueViolation
	}
	return uniqueSQLite(err)
}
