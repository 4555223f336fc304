// Package dossier gathers what is known of a case, or of posts without one, for
// whoever exports it: statements and files for the pack, who saw and decided
// what, and the report for people. It keeps nothing; what it does is recorded in
// the audit log. It is called by the console's pages of cases and by the command
// `netra evidence export`.
package dossier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/report"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Errors that callers tell apart.
var (
	// ErrForbidden says that the person's role does not allow to export.
	ErrForbidden = errors.New("not allowed to this role")
	// ErrNoKey says that this console cannot sign packs, because it has no key.
	ErrNoKey = seal.ErrNoKey
	// ErrEmpty says that nothing was asked for, or nothing that the person sees.
	ErrEmpty = errors.New("there is nothing to export")
)

// Review is what is asked of the review.
type Review interface {
	Item(ctx context.Context, viewer access.Viewer, id string) (review.Item, error)
	Flag(ctx context.Context, viewer access.Viewer, id string) (post.Flag, error)
	History(ctx context.Context, viewer access.Viewer, id string) ([]review.Decision, error)
	Statements(ctx context.Context, post string) ([][]byte, error)
}

// Pieces are the kept pieces of evidence. The keeper implements it.
type Pieces interface {
	OfPost(ctx context.Context, post string) ([]evidence.Stored, error)
	Open(ctx context.Context, sha256 string) (*blobs.Blob, error)
	Now() (now time.Time, checked string)
}

// Dependencies are the parts that a dossier is made of. Audit, Region, Contestant
// and Stage may be nil.
type Dependencies struct {
	Review Review
	Cases  *cases.Cases
	Pieces Pieces
	Log    *seal.Log
	Audit  *audit.Log
	Report report.Configuration
	// Region names a region's code, Contestant a contestant's id; Stage says where
	// the election of a contestant stood at a time.
	Region     func(code string) string
	Contestant func(id string) string
	Stage      func(contestant string, at time.Time) string
	Version    string
}

// Dossier gathers. It is safe for concurrent use.
type Dossier struct{ deps Dependencies }

// New returns what gathers from these parts.
func New(deps Dependencies) (*Dossier, error) {
	if deps.Review == nil || deps.Cases == nil || deps.Pieces == nil || deps.Log == nil {
		return nil, errors.New("a dossier needs the review, the cases, the pieces of evidence and the sealed log")
	}
	return &Dossier{deps}, nil
}

// Request says what is asked for: a case by its id or number, or posts.
type Request struct {
	Case  string
	Posts []string
}

// PublicKey is the key by which packs are verified; empty where this process has
// none.
func (d *Dossier) PublicKey() string { return d.deps.Log.PublicKey() }

// Export writes a pack, after the audit log says that it is exported. What it
// returns tells the hash, which the case's time line then has.
func (d *Dossier) Export(ctx context.Context, viewer access.Viewer, q Request, w io.Writer) (pack.Made, error) {
	prepared, err := d.Prepare(ctx, viewer, q)
	if err != nil {
		return pack.Made{}, err
	}
	return prepared.Write(ctx, w)
}

// Prepared is a pack before it is written.
type Prepared struct {
	dossier  *Dossier
	viewer   access.Viewer
	caseID   string
	contents pack.Contents
	// Name is a name for the file, and Pieces how many pieces of evidence it has.
	Name   string
	Pieces int
}

// Prepare gathers all that a pack has, so that what hinders it is known before
// the first byte is sent.
func (d *Dossier) Prepare(ctx context.Context, viewer access.Viewer, q Request) (*Prepared, error) {
	if d.deps.Log.PublicKey() == "" {
		return nil, ErrNoKey
	}
	g, err := d.gather(ctx, viewer, q)
	if err != nil {
		return nil, err
	}
	if err := d.record(ctx, viewer, g); err != nil {
		return nil, err
	}
	custody, err := d.custody(ctx, g)
	if err != nil {
		return nil, err
	}
	reports, err := d.reports(g)
	if err != nil {
		return nil, err
	}
	p := &Prepared{dossier: d, viewer: viewer, caseID: g.facts.Case.ID, Name: g.name()}
	p.contents = pack.Contents{Case: g.caseJSON(), Posts: g.posts(), Statements: g.statements, Custody: custody, Reports: reports, By: viewer.Name, Netra: d.deps.Version}
	for _, s := range g.statements {
		if s.Kind == seal.KindPiece {
			p.Pieces++
		}
	}
	return p, nil
}

// Write writes the pack, and tells the case's time line of it.
func (p *Prepared) Write(ctx context.Context, w io.Writer) (pack.Made, error) {
	d := p.dossier.deps
	made, err := pack.Write(ctx, w, p.contents, pack.Dependencies{Log: d.Log, Files: d.Pieces, Now: d.Pieces.Now})
	if err != nil || p.caseID == "" {
		return made, err
	}
	if _, err := d.Cases.Exported(ctx, p.viewer, p.caseID, made.SHA256); err != nil {
		return made, fmt.Errorf("tell the case of its pack: %w", err)
	}
	return made, nil
}

// Document makes the report alone, for a person to read or edit.
func (d *Dossier) Document(ctx context.Context, viewer access.Viewer, q Request) (*report.Document, error) {
	g, err := d.gather(ctx, viewer, q)
	if err != nil {
		return nil, err
	}
	if err := d.record(ctx, viewer, g); err != nil {
		return nil, err
	}
	return d.document(g)
}
