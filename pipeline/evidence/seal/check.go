package seal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Checked is what a walk over the whole log found.
type Checked struct {
	Leaves, Checkpoints int64
	Head                Head
}

// Check walks the whole log: computes every hash of the tree anew from the
// leaves, and compares them with what is stored, with every checkpoint that was
// signed and with the head file. Its error wraps a *RewrittenError that names the
// first thing that does not hold.
func (l *Log) Check(ctx context.Context) (Checked, error) {
	checked, err := l.walk(ctx)
	if err == nil {
		err = l.CheckHead(ctx)
	}
	if err == nil {
		checked.Head, err = l.Head(ctx)
	}
	if err != nil {
		return checked, fmt.Errorf("check the sealed log: %w", l.noticed(err))
	}
	return checked, nil
}

// walk goes from the first leaf to the last checkpoint. What is appended
// meanwhile is behind that.
func (l *Log) walk(ctx context.Context) (c Checked, err error) {
	var leaves, size int64 // the leaves first: each has a checkpoint from the same transaction
	if err := l.db.QueryRow(ctx, `SELECT coalesce(max(number) + 1, 0) FROM seal_leaves`).Scan(&leaves); err != nil {
		return c, err
	}
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil {
		return c, err
	}
	if last != nil {
		size = last.size
	}
	if leaves > size {
		return c, &RewrittenError{fmt.Sprintf("it has %d leaves, but its last checkpoint is of %d", leaves, size)}
	}
	w := walker{log: l, tree: newHashes(ctx, nil)}
	for c.Leaves < size {
		until := min(c.Leaves+atOnce, size)
		if err := w.walk(ctx, c.Leaves, until); err != nil {
			return c, err
		}
		c.Leaves, c.Checkpoints = until, w.checkpoints
	}
	return c, nil
}

// walker computes the tree from its leaves. It keeps only the hashes that later
// leaves need: those of the full subtrees to their left.
type walker struct {
	log         *Log
	tree        *hashes
	checkpoints int64
}

// walk compares the leaves from one number (inclusive) until another
// (exclusive), the hashes that they complete, and the checkpoints among them.
func (w *walker) walk(ctx context.Context, from, until int64) error {
	leaves, err := readLeaves(ctx, w.log.db, `SELECT number, kind, sha256, sealed_at FROM seal_leaves WHERE number >= ? AND number < ? ORDER BY number`, from, until)
	if err != nil {
		return err
	}
	stored, err := w.stored(ctx, tlog.StoredHashIndex(0, from), tlog.StoredHashCount(until))
	if err != nil {
		return err
	}
	checkpoints, err := w.log.checkpointsIn(ctx, from, until)
	if err != nil {
		return err
	}
	for number := from; number < until; number++ {
		if i := int(number - from); i >= len(leaves) || leaves[i].Number != number {
			return &RewrittenError{fmt.Sprintf("leaf %d is missing", number)}
		}
		if err := w.leaf(leaves[number-from], stored); err != nil {
			return err
		}
		if signed, ok := checkpoints[number+1]; ok {
			w.checkpoints++
			if err := w.log.agrees(w.tree, signed, until); err != nil {
				return err
			}
		}
	}
	return w.prune(until)
}

func (w *walker) leaf(leaf Leaf, stored map[int64]tlog.Hash) error {
	first := tlog.StoredHashIndex(0, leaf.Number)
	computed, err := tlog.StoredHashesForRecordHash(leaf.Number, leaf.Hash(), w.tree)
	if err != nil {
		return err
	}
	for i, hash := range computed {
		number := first + int64(i)
		there, ok := stored[number]
		switch {
		case !ok:
			return &RewrittenError{(&MissingHashError{number}).Error()}
		case there != hash && i == 0:
			return &RewrittenError{fmt.Sprintf("leaf %d is not what was sealed, or hash %d of it is not", leaf.Number, number)}
		case there != hash:
			return &RewrittenError{fmt.Sprintf("hash %d is not the one of the leaves below it", number)}
		}
		w.tree.known[number] = hash
	}
	return nil
}

// stored reads the hashes of a range.
func (w *walker) stored(ctx context.Context, from, until int64) (map[int64]tlog.Hash, error) {
	there := newHashes(ctx, w.log.db)
	if err := there.loadWhere(`number >= ? AND number < ?`, from, until); err != nil {
		return nil, fmt.Errorf("read the hashes of the sealed log: %w", err)
	}
	return there.known, nil
}

// prune forgets the hashes that no leaf from size on needs.
func (w *walker) prune(size int64) error {
	kept := map[int64]tlog.Hash{}
	_, err := tlog.TreeHash(size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found, err := w.tree.ReadHashes(indexes)
		for i, hash := range found {
			kept[indexes[i]] = hash
		}
		return found, err
	}))
	w.tree.known = kept
	return err
}

// checkpointsIn reads the checkpoints of more than from and up to until leaves.
func (l *Log) checkpointsIn(ctx context.Context, from, until int64) (map[int64]string, error) {
	rows, err := l.db.Query(ctx, `SELECT size, note FROM seal_checkpoints WHERE size > ? AND size <= ?`, from, until)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[int64]string{}
	for rows.Next() {
		var m made
		if err := rows.Scan(&m.size, &m.note); err != nil {
			return nil, err
		}
		all[m.size] = m.note
	}
	return all, rows.Err()
}
