package seal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/database"
)

// sealAtOnce is how many statements one transaction seals at most.
const sealAtOnce = 500

// Seal appends all that waits to the log, signs checkpoints, and says how many
// leaves that made. Several processes may do so at the same time. Where the log
// does not agree with its last checkpoint nothing is appended: the error wraps a
// *RewrittenError, and what waits goes on waiting.
func (l *Log) Seal(ctx context.Context) (int, error) {
	sealed := 0
	for {
		var waits int
		if err := l.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM seal_waiting LIMIT 1) AS waits`).Scan(&waits); err != nil {
			return sealed, fmt.Errorf("look for what waits to be sealed: %w", err)
		}
		if waits == 0 {
			return sealed, nil
		}
		if l.key == nil {
			return 0, ErrNoKey
		}
		n, err := l.sealSome(ctx)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("append to the sealed log: %w", err)
		}
	}
}

func (l *Log) sealSome(ctx context.Context) (n int, err error) {
	var head string
	var at time.Time
	err = l.db.Write(ctx, func(tx *database.Tx) error {
		n, head = 0, ""
		if tx.Dialect() == database.Postgres {
			// Before the transaction's first query, so that it sees what the
			// process committed for which this one waited.
			if _, err := tx.Exec(ctx, `LOCK TABLE seal_leaves IN EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		size, tree, err := l.end(ctx, tx)
		if err != nil {
			return err
		}
		waiting, err := pending(ctx, tx)
		if err != nil {
			return err
		}
		at = l.deps.Now()
		leaves, err := unsealed(ctx, tx, waiting, size, at)
		if err != nil {
			return err
		}
		if n = len(leaves); n > 0 {
			if head, err = l.extend(ctx, tx, tree, leaves, at); err != nil {
				return err
			}
		}
		return forget(ctx, tx, waiting)
	})
	if err != nil {
		return 0, l.noticed(err)
	}
	if n > 0 {
		l.metrics.sealedSome(n, at)
		l.keepHead(head)
	}
	return n, nil
}

// end returns how many leaves there are, after it has seen that the tree is still
// the one that was last signed, and that of the head file.
func (l *Log) end(ctx context.Context, tx *database.Tx) (int64, *hashes, error) {
	tree := newHashes(ctx, tx)
	var size int64
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(number) + 1, 0) FROM seal_leaves`).Scan(&size); err != nil {
		return 0, nil, err
	}
	kept, err := l.readHead()
	if err != nil {
		return 0, nil, err
	}
	last, err := lastCheckpoint(ctx, tx)
	switch {
	case err != nil:
		return 0, nil, err
	case last == nil && size != 0:
		return 0, nil, &RewrittenError{fmt.Sprintf("it has %d leaves and no checkpoint", size)}
	case last != nil && last.size != size:
		return 0, nil, &RewrittenError{fmt.Sprintf("it has %d leaves, but its last checkpoint is of %d", size, last.size)}
	case last != nil:
		err = l.agrees(tree, last.note, size)
	}
	if err == nil && kept != "" {
		err = l.agrees(tree, kept, size)
	}
	return size, tree, err
}

// agrees says whether the tree, with this many leaves, has what a checkpoint
// says.
func (l *Log) agrees(tree *hashes, signed string, size int64) error {
	c, err := OpenCheckpoint([]byte(signed), l.keys...)
	switch {
	case errors.Is(err, ErrOtherKey):
		return fmt.Errorf("a checkpoint is signed by a key that is neither this console's (key evidence.seal.key_file) nor a previous one (key evidence.seal.previous_keys): %q", lastLine(signed))
	case err != nil:
		return &RewrittenError{fmt.Sprintf("its checkpoint is not what was signed: %v", err)}
	case c.N > size:
		return &RewrittenError{fmt.Sprintf("it has %d leaves, but a checkpoint says %d: its end was cut off", size, c.N)}
	case c.N == 0:
		return nil
	}
	root, err := tlog.TreeHash(c.N, tree)
	var missing *MissingHashError
	switch {
	case errors.As(err, &missing):
		return &RewrittenError{missing.Error()}
	case err != nil:
		return err
	case root != c.Hash:
		return &RewrittenError{fmt.Sprintf("its root of %d leaves is not the one that was signed", c.N)}
	}
	return nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}

// RewrittenError says that the log is not the one whose checkpoints were signed.
type RewrittenError struct{ Why string }

func (e *RewrittenError) Error() string { return "the sealed log was rewritten: " + e.Why }

// pending reads what waits, in the order in which it was added.
func pending(ctx context.Context, tx *database.Tx) ([]waiting, error) {
	rows, err := tx.Query(ctx, `SELECT id, kind, sha256 FROM seal_waiting ORDER BY id LIMIT ?`, sealAtOnce)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []waiting
	for rows.Next() {
		var w waiting
		var sum []byte
		if err := rows.Scan(&w.id, &w.kind, &sum); err != nil {
			return nil, err
		}
		if len(sum) != len(w.sum) {
			return nil, fmt.Errorf("what waits with the number %d has no SHA-256", w.id)
		}
		w.sum = [32]byte(sum)
		all = append(all, w)
	}
	return all, rows.Err()
}

// statementID tells statements apart.
type statementID struct {
	kind Kind
	sum  [32]byte
}

type waiting struct {
	id int64
	statementID
}

// unsealed makes leaves of what is not in the log yet, each statement once.
func unsealed(ctx context.Context, tx *database.Tx, all []waiting, size int64, at time.Time) ([]Leaf, error) {
	sums := make([][32]byte, len(all))
	for i, w := range all {
		sums[i] = w.sum
	}
	there, err := leavesOf(ctx, tx, sums)
	if err != nil {
		return nil, err
	}
	seen := map[statementID]bool{}
	for _, leaf := range there {
		seen[statementID{leaf.Kind, leaf.SHA256}] = true
	}
	var leaves []Leaf
	for _, w := range all {
		if seen[w.statementID] {
			continue
		}
		seen[w.statementID] = true
		leaves = append(leaves, Leaf{Number: size + int64(len(leaves)), Kind: w.kind, SHA256: w.sum, SealedAt: at})
	}
	return leaves, nil
}

// extend appends leaves and signs the checkpoint of the tree with them.
func (l *Log) extend(ctx context.Context, tx *database.Tx, tree *hashes, leaves []Leaf, at time.Time) (string, error) {
	fresh := map[int64]tlog.Hash{}
	args := make([]any, 0, 4*len(leaves))
	for _, leaf := range leaves {
		if err := tree.append(leaf.Number, leaf.Hash(), fresh); err != nil {
			return "", err
		}
		args = append(args, leaf.Number, string(leaf.Kind), leaf.SHA256[:], leaf.SealedAt.UnixMilli())
	}
	if _, err := tx.Exec(ctx, `INSERT INTO seal_leaves (number, kind, sha256, sealed_at) VALUES (?, ?, ?, ?)`+strings.Repeat(", (?, ?, ?, ?)", len(leaves)-1), args...); err != nil {
		return "", fmt.Errorf("append leaves: %w", err)
	}
	if err := storeHashes(ctx, tx, fresh); err != nil {
		return "", err
	}
	size := leaves[len(leaves)-1].Number + 1
	root, err := tlog.TreeHash(size, tree)
	if err != nil {
		return "", err
	}
	c := Checkpoint{Origin: l.cfg.Origin, Tree: tlog.Tree{N: size, Hash: root}}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, l.key)
	if err != nil {
		return "", fmt.Errorf("sign a checkpoint: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO seal_checkpoints (size, note, made_at) VALUES (?, ?, ?)`, size, string(signed), at.UnixMilli())
	return string(signed), err
}

// forget takes away what waited and is sealed.
func forget(ctx context.Context, tx *database.Tx, all []waiting) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]any, len(all))
	for i, w := range all {
		ids[i] = w.id
	}
	_, err := tx.Exec(ctx, `DELETE FROM seal_waiting WHERE id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, ids...)
	return err
}

// noticed makes a log that was rewritten known to those who watch.
func (l *Log) noticed(err error) error {
	var rewritten *RewrittenError
	if errors.As(err, &rewritten) {
		l.metrics.holds.Set(0)
	}
	return err
}
