package seal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/stamp"
)

// Statement is what Add was given.
type Statement struct {
	Kind  Kind
	Bytes []byte
}

// ErrNotSealed says that a statement is not in the log.
var ErrNotSealed = errors.New("the statement is not in the sealed log")

// Leaves returns the leaves of statements, in their order. Its error wraps
// ErrNotSealed where one is not in the log (yet).
func (l *Log) Leaves(ctx context.Context, statements []Statement) ([]Leaf, error) {
	sums := make([][32]byte, len(statements))
	for i := range statements {
		sums[i] = sha256.Sum256(statements[i].Bytes)
	}
	found, err := leavesOf(ctx, l.db, sums)
	if err != nil {
		return nil, err
	}
	byID := make(map[statementID]Leaf, len(found))
	for _, leaf := range found {
		byID[statementID{leaf.Kind, leaf.SHA256}] = leaf
	}
	leaves := make([]Leaf, len(statements))
	for i, s := range statements {
		leaf, ok := byID[statementID{s.Kind, sums[i]}]
		if !ok {
			return nil, fmt.Errorf("%w: kind %s, SHA-256 %x", ErrNotSealed, s.Kind, sums[i])
		}
		leaves[i] = leaf
	}
	return leaves, nil
}

// Now has a statement sealed in a transaction of its own, with all that waits,
// before it returns.
func (l *Log) Now(ctx context.Context, s Statement) error {
	if err := l.db.Write(ctx, func(tx *database.Tx) error { return l.Add(ctx, tx, s.Kind, s.Bytes) }); err != nil {
		return err
	}
	_, err := l.Seal(ctx)
	return err
}

// Stamped is a checkpoint with its time stamp.
type Stamped struct {
	Size int64
	// Note is the signed checkpoint, Response the authority's answer in DER; empty
	// where the checkpoint is not stamped.
	Note     []byte
	Response []byte
}

// Last returns the last checkpoint, with its time stamp where it has one.
func (l *Log) Last(ctx context.Context) (Stamped, error) {
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil {
		return Stamped{}, err
	}
	if last == nil {
		return Stamped{}, fmt.Errorf("the sealed log has no checkpoint: %w", ErrNotSealed)
	}
	der, err := stampOf(ctx, l.db, last.size)
	return Stamped{Size: last.size, Note: []byte(last.note), Response: der}, err
}

// Around returns the stamped checkpoints that bound the time of the leaves: for
// each leaf the last one without it and the first one with it, as far as there
// are. They are ordered by size, each once.
func (l *Log) Around(ctx context.Context, leaves []Leaf) ([]Stamped, error) {
	sizes, err := l.stampedSizes(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[int64]bool{}
	for _, leaf := range leaves {
		i, _ := slices.BinarySearch(sizes, leaf.Number+1)
		if i > 0 {
			wanted[sizes[i-1]] = true
		}
		if i < len(sizes) {
			wanted[sizes[i]] = true
		}
	}
	var around []Stamped
	for _, size := range sizes {
		if !wanted[size] {
			continue
		}
		s := Stamped{Size: size}
		err := l.db.QueryRow(ctx, `SELECT c.note, s.response FROM seal_checkpoints c JOIN seal_stamps s ON s.size = c.size WHERE c.size = ?`, size).Scan(&s.Note, &s.Response)
		if err != nil {
			return nil, fmt.Errorf("read a time stamp: %w", err)
		}
		around = append(around, s)
	}
	return around, nil
}

func (l *Log) stampedSizes(ctx context.Context) (sizes []int64, err error) {
	rows, err := l.db.Query(ctx, `SELECT size FROM seal_stamps ORDER BY size`)
	if err != nil {
		return nil, fmt.Errorf("read the time stamps: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var size int64
		if err := rows.Scan(&size); err != nil {
			return nil, fmt.Errorf("read the time stamps: %w", err)
		}
		sizes = append(sizes, size)
	}
	return sizes, rows.Err()
}

// Prover proves what is in the tree of one checkpoint. It is not safe for
// concurrent use.
type Prover struct {
	tree   *hashes
	Signed Checkpoint
}

// Prover returns one for a checkpoint of this log.
func (l *Log) Prover(ctx context.Context, signed []byte) (*Prover, error) {
	c, err := OpenCheckpoint(signed, l.keys...)
	if err != nil {
		return nil, fmt.Errorf("prove by a checkpoint: %w", err)
	}
	return &Prover{tree: newHashes(ctx, l.db), Signed: c}, nil
}

// Leaf proves that the leaf is in the tree. The proof was verified.
func (p *Prover) Leaf(leaf Leaf) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(p.Signed.N, leaf.Number, p.tree)
	if err == nil {
		err = tlog.CheckRecord(proof, p.Signed.N, p.Signed.Hash, leaf.Number, leaf.Hash())
	}
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d: %w", leaf.Number, err)
	}
	return proof, nil
}

// Prefix proves that the tree began with the tree of an earlier checkpoint.
func (p *Prover) Prefix(earlier Checkpoint) (tlog.TreeProof, error) {
	proof, err := tlog.ProveTree(p.Signed.N, earlier.N, p.tree)
	if err == nil {
		err = tlog.CheckTree(proof, p.Signed.N, p.Signed.Hash, earlier.N, earlier.Hash)
	}
	if err != nil {
		return nil, fmt.Errorf("prove the checkpoint of %d leaves: %w", earlier.N, err)
	}
	return proof, nil
}

// Sign signs a text that is no checkpoint with the log's key.
func (l *Log) Sign(text string) ([]byte, error) {
	if l.key == nil {
		return nil, ErrNoKey
	}
	if _, err := ParseCheckpoint(text); err == nil {
		return nil, errors.New("a checkpoint is signed by sealing only")
	}
	return note.Sign(&note.Note{Text: text}, l.key)
}

// Origin is the log's name.
func (l *Log) Origin() string { return l.cfg.Origin }

// Says returns what the time stamp of a stamped checkpoint says: when, and who
// says so.
func (s Stamped) Says() (at time.Time, authority string, err error) {
	got, err := stamp.Open(s.Response)
	if err != nil {
		return at, "", err
	}
	return got.Time, got.Authority(), nil
}
