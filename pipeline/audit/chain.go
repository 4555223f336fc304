package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// Entry is an event in the chain.
type Entry struct {
	// Number is 1 for the first entry, and one more for each next.
	Number  int64
	At      time.Time
	ActorID int64
	Actor   string
	Role    string
	Action  string
	Subject string
	// Detail is a JSON object.
	Detail string
	// Address is the keyed hash of the address, or empty.
	Address string
	// Previous is the hash of the entry before; genesis for the first.
	Previous string
	Hash     string
}

// genesis stands before the first entry.
var genesis = strings.Repeat("0", 2*sha256.Size)

// canonical are the bytes that an entry's hash is of: the name of this form, then
// each field as its length in eight bytes, the highest first, and its UTF-8 text.
func (e *Entry) canonical() []byte {
	out := []byte("netra-audit-1\n")
	for _, field := range []string{
		strconv.FormatInt(e.Number, 10), strconv.FormatInt(e.At.UnixMilli(), 10), strconv.FormatInt(e.ActorID, 10), e.Actor, e.Role,
		e.Action, e.Subject, e.Detail, e.Address, e.Previous,
	} {
		out = binary.BigEndian.AppendUint64(out, uint64(len(field)))
		out = append(out, field...)
	}
	return out
}

// sum is the hash that the entry must have.
func (e *Entry) sum() string {
	hash := sha256.Sum256(e.canonical())
	return hex.EncodeToString(hash[:])
}

// Head is the end of a chain: it holds for all entries up to it. The zero Head
// is that of an empty log.
type Head struct {
	Number int64
	Hash   string
}

func (h Head) String() string {
	if h.Number == 0 {
		return "0:" + genesis
	}
	return strconv.FormatInt(h.Number, 10) + ":" + h.Hash
}

// ParseHead reads what String writes.
func ParseHead(text string) (Head, error) {
	number, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	hash = strings.ToLower(hash)
	if raw, bad := hex.DecodeString(hash); err != nil || n < 0 || bad != nil || len(raw) != sha256.Size {
		return Head{}, fmt.Errorf("head %q; allowed: NUMBER:HASH as `netra audit head` prints it", text)
	}
	if n == 0 {
		return Head{}, nil
	}
	return Head{Number: n, Hash: hash}, nil
}

// Head returns the end of the chain.
func (l *Log) Head(ctx context.Context) (Head, error) { return head(ctx, l.db) }

func head(ctx context.Context, q database.Querier) (Head, error) {
	var h Head
	err := q.QueryRow(ctx, `SELECT number, hash FROM audit_entries ORDER BY number DESC LIMIT 1`).Scan(&h.Number, &h.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, fmt.Errorf("read the end of the audit log: %w", err)
	}
	return h, nil
}

// sealAtOnce is how many events one transaction seals at most.
const sealAtOnce = 500

// Seal appends all that waits to the chain and says how many events that were.
// Several processes may do so at the same time.
func (l *Log) Seal(ctx context.Context) (int, error) {
	sealed := 0
	for {
		var waits int
		if err := l.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM audit_pending LIMIT 1) AS waits`).Scan(&waits); err != nil {
			return sealed, fmt.Errorf("look for what waits for the audit log: %w", err)
		}
		if waits == 0 {
			return sealed, nil
		}
		n, err := l.sealSome(ctx)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("append to the audit log: %w", err)
		}
	}
}

func (l *Log) sealSome(ctx context.Context) (n int, err error) {
	err = l.db.Write(ctx, func(tx *database.Tx) error {
		if tx.Dialect() == database.Postgres {
			// Before the transaction's first query, so that it sees what the
			// process committed for which this one waited.
			if _, err := tx.Exec(ctx, `LOCK TABLE audit_entries IN EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		end, err := head(ctx, tx)
		if err != nil {
			return err
		}
		ids, entries, err := pending(ctx, tx)
		if err != nil {
			return err
		}
		n = len(entries)
		for i := range entries {
			if end, err = chain(ctx, tx, end, ids[i], &entries[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	l.metrics.sealed.Add(float64(n))
	return n, nil
}

// pending reads what waits, in the order in which it was recorded.
func pending(ctx context.Context, tx *database.Tx) (ids []int64, entries []Entry, err error) {
	rows, err := tx.Query(ctx, `SELECT id, at, actor_id, actor, role, action, subject, detail, address FROM audit_pending ORDER BY id LIMIT ?`, sealAtOnce)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, at int64
		var e Entry
		if err := rows.Scan(&id, &at, &e.ActorID, &e.Actor, &e.Role, &e.Action, &e.Subject, &e.Detail, &e.Address); err != nil {
			return nil, nil, err
		}
		e.At = time.UnixMilli(at).UTC()
		ids, entries = append(ids, id), append(entries, e)
	}
	return ids, entries, rows.Err()
}

// chain appends an entry behind end, and returns the new end.
func chain(ctx context.Context, tx *database.Tx, end Head, id int64, e *Entry) (Head, error) {
	e.Number, e.Previous = end.Number+1, end.Hash
	if e.Previous == "" {
		e.Previous = genesis
	}
	e.Hash = e.sum()
	_, err := tx.Exec(ctx, `INSERT INTO audit_entries (number, pending_id, at, actor_id, actor, role, action, subject, detail, address, previous, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Number, id, e.At.UnixMilli(), e.ActorID, e.Actor, e.Role, e.Action, e.Subject, e.Detail, e.Address, e.Previous, e.Hash)
	if err != nil {
		return Head{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM audit_pending WHERE id = ?`, id); err != nil {
		return Head{}, err
	}
	return Head{Number: e.Number, Hash: e.Hash}, nil
}
