package seal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/database"
)

// hashes reads the tree's stored hashes, and keeps those that it has read or that
// are about to be stored.
type hashes struct {
	ctx   context.Context  //nolint:containedctx // tlog.HashReader takes none
	q     database.Querier // nil where nothing is read
	known map[int64]tlog.Hash
}

func newHashes(ctx context.Context, q database.Querier) *hashes {
	return &hashes{ctx: ctx, q: q, known: map[int64]tlog.Hash{}}
}

// ReadHashes implements tlog.HashReader.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []any
	for _, i := range indexes {
		if _, ok := h.known[i]; !ok {
			missing = append(missing, i)
		}
	}
	if err := h.load(missing); err != nil {
		return nil, fmt.Errorf("read the hashes of the sealed log: %w", err)
	}
	out := make([]tlog.Hash, len(indexes))
	for n, i := range indexes {
		hash, ok := h.known[i]
		if !ok {
			return nil, &MissingHashError{i}
		}
		out[n] = hash
	}
	return out, nil
}

// MissingHashError says that the tree's hash of this number is gone.
type MissingHashError struct{ Number int64 }

func (e *MissingHashError) Error() string {
	return fmt.Sprintf("hash %d of the sealed log is missing", e.Number)
}

// atOnce is how many values one statement takes at most.
const atOnce = 500

func (h *hashes) load(numbers []any) error {
	if h.q == nil {
		return nil
	}
	for some := range slices.Chunk(numbers, atOnce) {
		if err := h.loadWhere(`number IN (?`+strings.Repeat(", ?", len(some)-1)+`)`, some...); err != nil {
			return err
		}
	}
	return nil
}

func (h *hashes) loadWhere(condition string, args ...any) error {
	rows, err := h.q.Query(h.ctx, `SELECT number, hash FROM seal_hashes WHERE `+condition, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number int64
		var hash []byte
		if err := rows.Scan(&number, &hash); err != nil {
			return err
		}
		if len(hash) != tlog.HashSize {
			return fmt.Errorf("hash %d has %d bytes", number, len(hash))
		}
		h.known[number] = tlog.Hash(hash)
	}
	return rows.Err()
}

// append adds a leaf's hash to the tree, in memory.
func (h *hashes) append(number int64, leaf tlog.Hash, fresh map[int64]tlog.Hash) error {
	stored, err := tlog.StoredHashesForRecordHash(number, leaf, h)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, number)
	for i, hash := range stored {
		h.known[first+int64(i)], fresh[first+int64(i)] = hash, hash
	}
	return nil
}

// storeHashes writes hashes down.
func storeHashes(ctx context.Context, tx *database.Tx, fresh map[int64]tlog.Hash) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(fresh)), atOnce) {
		args := make([]any, 0, 2*len(some))
		for _, number := range some {
			hash := fresh[number]
			args = append(args, number, hash[:])
		}
		if _, err := tx.Exec(ctx, `INSERT INTO seal_hashes (number, hash) VALUES (?, ?)`+strings.Repeat(", (?, ?)", len(some)-1), args...); err != nil {
			return fmt.Errorf("store hashes: %w", err)
		}
	}
	return nil
}

// made is a checkpoint that was made.
type made struct {
	size int64
	note string
}

// lastCheckpoint returns the last checkpoint, nil where there is none.
func lastCheckpoint(ctx context.Context, q database.Querier) (*made, error) {
	var m made
	err := q.QueryRow(ctx, `SELECT size, note FROM seal_checkpoints ORDER BY size DESC LIMIT 1`).Scan(&m.size, &m.note)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last checkpoint of the sealed log: %w", err)
	}
	return &m, nil
}
