package evidence

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
)

// ErrNotFound says that there is no such piece, or none any more.
var ErrNotFound = errors.New("no such piece of evidence")

const columns = "num, statement"

// OfPost returns the pieces of a post in the order in which they were kept.
func (k *Keeper) OfPost(ctx context.Context, post string) ([]Stored, error) {
	return list(ctx, k.db, "SELECT "+columns+" FROM evidence_pieces WHERE post = ? ORDER BY num", post)
}

// Piece returns one piece, or ErrNotFound.
func (k *Keeper) Piece(ctx context.Context, id string) (Stored, error) {
	pieces, err := list(ctx, k.db, "SELECT "+columns+" FROM evidence_pieces WHERE id = ?", id)
	if err == nil && len(pieces) == 0 {
		err = fmt.Errorf("piece %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Stored{}, err
	}
	return pieces[0], nil
}

// Has says whether there is any piece of the post.
func (k *Keeper) Has(ctx context.Context, post string) (bool, error) {
	var num int64
	err := k.db.QueryRow(ctx, "SELECT num FROM evidence_pieces WHERE post = ? LIMIT 1", post).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func list(ctx context.Context, q database.Querier, query string, args ...any) (pieces []Stored, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list pieces of evidence: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p Stored
		var statement string
		if err := rows.Scan(&p.Number, &statement); err != nil {
			return nil, fmt.Errorf("list pieces of evidence: %w", err)
		}
		p.Statement = []byte(statement)
		if err := json.Unmarshal(p.Statement, &p.Piece); err != nil {
			return nil, fmt.Errorf("read the statement of piece %d: %w", p.Number, err)
		}
		pieces = append(pieces, p)
	}
	return pieces, rows.Err()
}

// Versions groups the pieces of one post by version, the oldest first.
func Versions(pieces []Stored) [][]Stored {
	var versions [][]Stored
	at := map[string]int{}
	for _, p := range pieces {
		i, known := at[p.Version]
		if !known {
			i = len(versions)
			at[p.Version] = i
			versions = append(versions, nil)
		}
		versions[i] = append(versions[i], p)
	}
	return versions
}
