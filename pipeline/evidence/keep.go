package evidence

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
)

// anyType lets a file be of any type: evidence is kept as it is, and nothing of
// it is ever run.
var anyType = append(slices.Clone(blobs.Types), blobs.Unknown)

// Draft is a piece before it is kept: what the caller knows of it, and its file.
type Draft struct {
	// Piece is filled in by the caller but for Format, ID, Salt, SHA256 and Size.
	// A CapturedAt that is zero is now, by the keeper's clock; an empty Type is
	// what the file begins like.
	Piece
	// Bytes are the file, or File is; neither where Problem says why.
	Bytes []byte
	File  *File
}

// File is a file that is in the storage already.
type File struct {
	blobs.Ref
	generation int64
}

// Stored is a piece that was kept.
type Stored struct {
	Piece
	// Statement is what was sealed, byte for byte.
	Statement []byte
	// Number orders the pieces as they were kept.
	Number int64
}

// Put brings a large file into the storage, for a Draft. A file that no piece is
// kept of proves nothing and is not removed by itself.
func (k *Keeper) Put(ctx context.Context, r io.Reader, most int64) (*File, error) {
	return k.put(ctx, r, blobs.Limits{MaxBytes: most, Types: anyType})
}

// put is done when what was put can be read back: a storage that says that it
// has a file may be wrong.
func (k *Keeper) put(ctx context.Context, r io.Reader, limits blobs.Limits) (*File, error) {
	ref, err := k.files.Put(ctx, r, limits)
	if err != nil {
		return nil, err
	}
	generation, err := k.generation(ctx, k.db, ref.SHA256)
	if err != nil {
		return nil, err
	}
	// What is read back after the generation was read is not about to be removed
	// without that changing.
	blob, err := k.Open(ctx, ref.SHA256)
	if err != nil {
		return nil, fmt.Errorf("read back what was kept: %w", err)
	}
	return &File{Ref: ref, generation: generation}, blob.Close()
}

// Open opens the file of a piece, whose bytes have been verified. Its errors wrap
// blobs.ErrNotFound and blobs.ErrDamaged.
func (k *Keeper) Open(ctx context.Context, sha256 string) (*blobs.Blob, error) {
	blob, err := k.files.Open(ctx, sha256)
	if errors.Is(err, blobs.ErrDamaged) || errors.Is(err, blobs.ErrNotFound) {
		k.metrics.damaged.Inc()
		k.logger.ErrorContext(ctx, "a file of evidence is not what was kept", "sha256", sha256, "error", err)
	}
	return blob, err
}

// ErrAgain says that a file was removed while it was being kept: nothing was
// kept, and the same call can be made again.
var ErrAgain = errors.New("the file was removed in the meantime")

// Keep keeps pieces: first their files, then their statements, which are sealed
// from then on, all in one transaction with whatever else also does in it. After
// an error nothing of it is evidence.
func (k *Keeper) Keep(ctx context.Context, drafts []Draft, also ...func(tx *database.Tx) error) ([]Stored, error) {
	pieces := make([]Stored, len(drafts))
	generations := make([]int64, len(drafts))
	for i := range drafts {
		file, err := k.fileOf(ctx, &drafts[i])
		if err != nil {
			return nil, fmt.Errorf("keep a piece (%s) of %s: %w", drafts[i].Kind, drafts[i].Post, err)
		}
		if file != nil {
			generations[i] = file.generation
		}
		if pieces[i], err = k.state(drafts[i].Piece, file); err != nil {
			return nil, err
		}
	}
	err := k.db.Write(ctx, func(tx *database.Tx) error {
		for i := range pieces {
			if err := k.insert(ctx, tx, &pieces[i], generations[i]); err != nil {
				return fmt.Errorf("keep a piece (%s) of %s: %w", pieces[i].Kind, pieces[i].Post, err)
			}
		}
		for _, do := range also {
			if err := do(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range pieces {
		k.count(&pieces[i].Piece)
	}
	return pieces, nil
}

func (k *Keeper) fileOf(ctx context.Context, d *Draft) (*File, error) {
	switch {
	case d.Problem != "":
		return nil, nil //nolint:nilnil // there is no file, and that is no error
	case d.File != nil:
		return d.File, nil
	case len(d.Bytes) == 0:
		return nil, blobs.ErrEmpty
	}
	return k.put(ctx, bytes.NewReader(d.Bytes), blobs.Limits{Types: anyType})
}

// state completes a piece and writes its statement.
func (k *Keeper) state(p Piece, file *File) (Stored, error) {
	if p.Post == "" || !slices.Contains(Kinds, p.Kind) || !blobs.IsSum(p.Version) {
		return Stored{}, &post.FieldError{Key: "piece", Value: fmt.Sprintf("kind %q, post %q, version %q", p.Kind, p.Post, p.Version), Allowed: "a known kind, a post and a SHA-256"}
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	p.Format, p.ID, p.Salt = 1, uuid.NewString(), hex.EncodeToString(salt)
	p.SHA256, p.Size = "", 0
	if file != nil {
		p.SHA256, p.Size = file.SHA256, file.Size
		if p.Type == "" {
			p.Type = file.Type
		}
	} else {
		p.Type = ""
	}
	if p.CapturedAt.IsZero() {
		p.CapturedAt, p.Clock = k.clock.Now()
	}
	if p.Clock == "" {
		p.Clock = NotChecked
	}
	if p.Public == "" {
		p.Public = PublicUnknown
	}
	p.CapturedAt = p.CapturedAt.Round(0)
	statement, err := json.Marshal(&p)
	return Stored{Piece: p, Statement: statement}, err
}

func (k *Keeper) insert(ctx context.Context, tx *database.Tx, p *Stored, generation int64) error {
	if p.SHA256 != "" {
		now, err := k.generation(ctx, tx, p.SHA256)
		if err != nil {
			return err
		}
		if now != generation {
			return ErrAgain
		}
		// A file that was to be removed is needed again.
		if _, err := tx.Exec(ctx, "DELETE FROM evidence_removals WHERE sha256 = ? AND state = 'due' AND generation = 0", p.SHA256); err != nil {
			return err
		}
	}
	err := tx.QueryRow(ctx, `INSERT INTO evidence_pieces (id, kind, post, version, sha256, size, occasion, captured_at, statement)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
		p.ID, string(p.Kind), p.Post, p.Version, p.SHA256, p.Size, string(p.Occasion), p.CapturedAt.UnixMilli(), string(p.Statement)).Scan(&p.Number)
	if err != nil {
		return err
	}
	return k.log.Add(ctx, tx, seal.KindPiece, p.Statement)
}

// generation says how often the file was or is being removed; ErrAgain while it
// is being.
func (k *Keeper) generation(ctx context.Context, q database.Querier, sum string) (generation int64, err error) {
	var state string
	err = q.QueryRow(ctx, "SELECT generation, state FROM evidence_removals WHERE sha256 = ?", sum).Scan(&generation, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("look whether a file is being removed: %w", err)
	case state == removing:
		return 0, ErrAgain
	}
	return generation, nil
}

func (k *Keeper) count(p *Piece) {
	if p.Problem != "" {
		k.metrics.problems.WithLabelValues(string(p.Kind)).Inc()
		return
	}
	k.metrics.kept.WithLabelValues(string(p.Kind), string(p.Occasion)).Inc()
	k.metrics.bytes.Add(float64(p.Size))
}
