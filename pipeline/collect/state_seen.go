package collect

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// version is one content of one post, as hashes.
type version struct {
	id, content [16]byte
}

// reservation says what to do with a version.
type reservation struct {
	version
	revision int
	// sent is true where the queue has acknowledged this very content before.
	sent     bool
	lastSeen time.Time
}

// versionOf hashes the post's id and what makes its content. What changes
// without an edit is left out: when, by whom and from which file it was
// collected, the account's display name, and of media addresses the host, which
// may be any of a platform's, and the query, where signatures are that expire.
func versionOf(p *post.Post) version {
	h := sha256.New()
	field(h, string(p.Kind), p.Key(), p.Text, p.Quoted, p.InReplyTo, p.CreatedAt.UTC().Format(time.RFC3339))
	for _, m := range p.Media {
		field(h, m.Type, m.Alt, mediaIdentity(m))
	}
	return version{id: hash16("post", p.ID), content: [16]byte(h.Sum(nil)[:16])}
}

func mediaIdentity(m post.Media) string {
	if m.SHA256 != "" {
		return m.SHA256
	}
	if u, err := url.Parse(m.URL); err == nil {
		u.RawQuery, u.Fragment = "", ""
		if m.Type != "link" {
			u.Scheme, u.Host = "", "" // the same file is on many servers of a platform
		}
		return u.String()
	}
	return m.URL
}

// versionOfRejected makes a rejected item something that is handed on once,
// however often a feed shows it.
func versionOfRejected(r *Rejected) version {
	return version{id: hash16("rejected", r.Source, r.Position), content: hash16(string(r.Cause), r.Reason, string(r.Raw))}
}

func hash16(values ...string) [16]byte {
	h := sha256.New()
	field(h, values...)
	return [16]byte(h.Sum(nil)[:16])
}

// field writes values so that no two lists of values give the same bytes.
func field(h hash.Hash, values ...string) {
	var length [8]byte
	for _, value := range values {
		binary.BigEndian.PutUint64(length[:], uint64(len(value)))
		h.Write(length[:])
		h.Write([]byte(value))
	}
}

// reserve gives each version its revision and remembers it as about to be sent.
// A version that was reserved before, but not acknowledged, gets the same
// revision again, so that what is sent twice after a crash is known as the same.
func (s *State) reserve(ctx context.Context, versions []version, now time.Time) ([]reservation, error) {
	reservations := make([]reservation, 0, len(versions))
	if len(versions) == 0 {
		return reservations, nil
	}
	err := s.transact(ctx, func(tx *sql.Tx) error {
		find, add := tx.StmtContext(ctx, s.findSeen), tx.StmtContext(ctx, s.addSeen)
		for _, v := range versions {
			r, err := reserveOne(ctx, find, add, v, now)
			if err != nil {
				return err
			}
			reservations = append(reservations, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reserve revisions of %d posts: %w", len(versions), err)
	}
	return reservations, nil
}

const (
	findSeen = `SELECT revision, sent, last_seen FROM seen WHERE id = ? AND content = ?`
	addSeen  = `INSERT INTO seen (id, content, revision, sent, last_seen)
		SELECT ?1, ?2, coalesce(max(revision), 0) + 1, 0, ?3 FROM seen WHERE id = ?1 RETURNING revision`
	markSeen = `UPDATE seen SET sent = 1, last_seen = ? WHERE id = ? AND content = ?`
)

func reserveOne(ctx context.Context, find, add *sql.Stmt, v version, now time.Time) (reservation, error) {
	r := reservation{version: v, lastSeen: now}
	var lastSeen int64
	err := find.QueryRowContext(ctx, v.id[:], v.content[:]).Scan(&r.revision, &r.sent, &lastSeen)
	if !errors.Is(err, sql.ErrNoRows) {
		r.lastSeen = fromMillis(lastSeen)
		return r, err
	}
	err = add.QueryRowContext(ctx, v.id[:], v.content[:], now.UnixMilli()).Scan(&r.revision)
	return r, err
}

// refreshSeen is how old the date of a known version must be before it is
// written anew: most pages show what was seen before.
const refreshSeen = 24 * time.Hour

// acknowledge remembers the versions as sent and the target's cursor, in one
// transaction. A nil cursor leaves the saved one as it is.
func (s *State) acknowledge(ctx context.Context, key targetKey, cursor Cursor, reserved []reservation, now time.Time) error {
	reserved = slices.DeleteFunc(reserved, func(r reservation) bool { return r.sent && now.Sub(r.lastSeen) < refreshSeen })
	if len(reserved) == 0 && cursor == nil {
		return nil
	}
	err := s.transact(ctx, func(tx *sql.Tx) error {
		mark := tx.StmtContext(ctx, s.markSeen) //nolint:sqlclosecheck // it ends with the transaction
		for _, r := range reserved {
			if _, err := mark.ExecContext(ctx, now.UnixMilli(), r.id[:], r.content[:]); err != nil {
				return err
			}
		}
		return saveCursor(ctx, tx, key, cursor, now)
	})
	if err != nil {
		return fmt.Errorf("save cursor of %s: %w", key, err)
	}
	return nil
}

// expire forgets versions that were last seen before the date, and returns how
// many. It works in small transactions, so that collecting goes on meanwhile.
func (s *State) expire(ctx context.Context, before time.Time) (int64, error) {
	var total int64
	for {
		result, err := s.db.ExecContext(ctx, `DELETE FROM seen WHERE (id, content) IN
			(SELECT id, content FROM seen WHERE last_seen < ? LIMIT 5000)`, before.UnixMilli())
		if err != nil {
			return total, fmt.Errorf("forget old posts: %w", err)
		}
		n, err := result.RowsAffected()
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// seenPosts counts the versions that are remembered.
func (s *State) seenPosts(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM seen`).Scan(&n)
	return n, err
}
