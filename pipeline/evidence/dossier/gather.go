package dossier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/report"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// gathered is all that is known of what was asked for.
type gathered struct {
	facts      report.Facts
	statements []pack.Statement
}

// gather reads all that the viewer may see.
func (d *Dossier) gather(ctx context.Context, viewer access.Viewer, q Request) (*gathered, error) {
	if !viewer.May(access.Review) {
		return nil, ErrForbidden
	}
	now, _ := d.deps.Pieces.Now()
	g := &gathered{facts: report.Facts{
		Region: d.deps.Region, Contestant: d.deps.Contestant, At: now.UTC().Truncate(time.Second), By: viewer.Name, Version: d.deps.Version, Key: d.deps.Log.PublicKey(),
	}}
	posts := q.Posts
	if q.Case != "" {
		var err error
		if g.facts.Case, err = d.deps.Cases.Case(ctx, viewer, q.Case); err != nil {
			return nil, err
		}
		posts = g.facts.Case.Posts
		events, err := d.deps.Cases.Timeline(ctx, viewer, g.facts.Case.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			g.statements = append(g.statements, pack.Statement{Kind: seal.KindCase, Bytes: e.Statement})
		}
	}
	if len(posts) == 0 {
		return nil, ErrEmpty
	}
	budget := &pictureBudget{bytes: mostPictureBytes, count: mostPictures}
	for _, id := range posts {
		if err := d.addPost(ctx, viewer, g, id, budget); err != nil {
			return nil, fmt.Errorf("gather what is known of post %q: %w", id, err)
		}
	}
	if q.Case == "" {
		g.facts.Case = withoutCase(g.facts.Posts)
	}
	return g, nil
}

// withoutCase is what stands for the case of posts that are in none.
func withoutCase(posts []report.Post) cases.Case {
	var c cases.Case
	for i := range posts {
		p := &posts[i]
		if region := p.Flag.Person.Region; !slices.Contains(c.Regions, region) {
			c.Regions = append(c.Regions, region)
		}
		if !p.KnownAt.IsZero() && (c.KnownAt.IsZero() || p.KnownAt.Before(c.KnownAt)) {
			c.KnownAt = p.KnownAt
		}
	}
	return c
}

func (d *Dossier) addPost(ctx context.Context, viewer access.Viewer, g *gathered, id string, budget *pictureBudget) error {
	item, err := d.deps.Review.Item(ctx, viewer, id)
	if err != nil {
		return err
	}
	p := report.Post{KnownAt: item.OpenedAt, Pictures: map[string][]byte{}}
	if p.Decisions, err = d.deps.Review.History(ctx, viewer, id); err != nil {
		return err
	}
	pieces, err := d.deps.Pieces.OfPost(ctx, id)
	if err != nil {
		return err
	}
	for i := range pieces {
		p.Pieces = append(p.Pieces, pieces[i].Piece)
		g.statements = append(g.statements, pack.Statement{Kind: seal.KindPiece, Post: id, Bytes: pieces[i].Statement})
		if err := d.addPicture(ctx, &p, &pieces[i].Piece, budget); err != nil {
			return err
		}
	}
	if err := d.addDecisions(ctx, g, id, p.Decisions); err != nil {
		return err
	}
	if p.Flag, err = d.flag(ctx, viewer, &item, pieces); err != nil {
		return err
	}
	if d.deps.Stage != nil {
		for _, l := range p.Flag.Verdict.Labels {
			if p.Stage == "" && l.Contestant != "" {
				p.Stage = d.deps.Stage(l.Contestant, p.Flag.Post.CreatedAt)
			}
		}
	}
	g.facts.Posts = append(g.facts.Posts, p)
	return nil
}

// addDecisions adds what was sealed of the decisions that the viewer may see: in
// a blind second round those are the own ones.
func (d *Dossier) addDecisions(ctx context.Context, g *gathered, id string, seen []review.Decision) error {
	statements, err := d.deps.Review.Statements(ctx, id)
	if err != nil {
		return err
	}
	for _, s := range statements {
		var stated review.Statement
		if err := json.Unmarshal(s, &stated); err != nil {
			return fmt.Errorf("read what was sealed of a decision: %w", err)
		}
		if slices.ContainsFunc(seen, func(dec review.Decision) bool { return dec.ID == stated.ID }) {
			g.statements = append(g.statements, pack.Statement{Kind: seal.KindDecision, Post: id, Bytes: s})
		}
	}
	return nil
}

// flag is the flagged post, or where it is not in the store any more, what was
// kept of it.
func (d *Dossier) flag(ctx context.Context, viewer access.Viewer, item *review.Item, pieces []evidence.Stored) (post.Flag, error) {
	flag, err := d.deps.Review.Flag(ctx, viewer, item.ID)
	if err == nil || !errors.Is(err, store.ErrNotFound) && !errors.Is(err, review.ErrNotFound) {
		return flag, err
	}
	flag = post.Flag{
		Post:   post.Post{ID: item.ID, Platform: item.Platform, Account: post.Account{Handle: item.Handle}, CreatedAt: item.CreatedAt},
		Person: post.Person{PersonID: item.PersonID, Agency: item.Agency, Region: item.Region},
	}
	if _, account, found := strings.Cut(item.Account, ":"); found {
		flag.Post.Account.ID = account
	}
	for i := len(pieces) - 1; i >= 0; i-- {
		if pieces[i].Kind != evidence.Record || pieces[i].SHA256 == "" {
			continue
		}
		data, err := d.read(ctx, pieces[i].SHA256, mostRecord)
		if err != nil {
			return flag, err
		}
		if kept, err := post.Decode(data); err == nil {
			flag.Post = kept
			break
		}
	}
	return flag, nil
}

// Bounds of what is read into memory.
const (
	mostRecord       = 4 << 20
	mostPicture      = 20 << 20
	mostPictureBytes = 120 << 20
	mostPictures     = 200
)

// pictureBudget bounds the pictures of one report. Those beyond it are in the
// pack and its list all the same.
type pictureBudget struct {
	bytes int64
	count int
}

func (d *Dossier) addPicture(ctx context.Context, p *report.Post, piece *evidence.Piece, budget *pictureBudget) error {
	if piece.SHA256 == "" || !strings.HasPrefix(piece.Type, "image/") || piece.Size > mostPicture || piece.Size > budget.bytes || budget.count == 0 {
		return nil
	}
	if _, there := p.Pictures[piece.SHA256]; there {
		return nil
	}
	data, err := d.read(ctx, piece.SHA256, mostPicture)
	if err != nil {
		return fmt.Errorf("the file of piece %s (%s): %w", piece.ID, piece.Kind, err)
	}
	p.Pictures[piece.SHA256] = data
	budget.bytes -= int64(len(data))
	budget.count--
	return nil
}

func (d *Dossier) read(ctx context.Context, sha256 string, most int64) (data []byte, err error) {
	file, err := d.deps.Pieces.Open(ctx, sha256)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, most))
}

func (g *gathered) posts() []string {
	ids := make([]string, len(g.facts.Posts))
	for i := range g.facts.Posts {
		ids[i] = g.facts.Posts[i].Flag.Post.ID
	}
	return ids
}

// name is a name for the pack's file.
func (g *gathered) name() string {
	what := "pos"
	if number := g.facts.Case.Number; number != "" {
		what = "kasus-" + strings.ReplaceAll(number, "/", "-")
	}
	return fmt.Sprintf("netra-%s-%s.zip", what, g.facts.At.Format("20060102-150405"))
}

// caseJSON is what a pack says of its case.
func (g *gathered) caseJSON() json.RawMessage {
	c := &g.facts.Case
	if c.ID == "" {
		return nil
	}
	data, err := json.Marshal(struct {
		ID        string        `json:"id"`
		Number    string        `json:"number"`
		Title     string        `json:"title"`
		Kind      string        `json:"kind"`
		Status    cases.Status  `json:"status"`
		Regions   []string      `json:"regions"`
		People    []string      `json:"people"`
		KnownAt   time.Time     `json:"known_at"`
		Due       time.Time     `json:"due"`
		Receiver  string        `json:"receiver,omitempty"`
		Reference string        `json:"reference,omitempty"`
		HandedAt  time.Time     `json:"handed_at,omitzero"`
		ClosedAt  time.Time     `json:"closed_at,omitzero"`
		Outcome   cases.Outcome `json:"outcome,omitempty"`
		CreatedAt time.Time     `json:"created_at"`
		CreatedBy string        `json:"created_by"`
		// Elsewhere counts posts in regions that the person who exported does not see.
		Elsewhere int `json:"elsewhere,omitempty"`
	}{
		c.ID, c.Number, c.Title, c.Kind, c.Status, c.Regions, c.People, c.KnownAt, c.Due, c.Receiver, c.Reference, c.HandedAt, c.ClosedAt, c.Outcome,
		c.CreatedAt, c.CreatedBy, c.Hidden,
	})
	if err != nil {
		return nil // it is text and times
	}
	return data
}
