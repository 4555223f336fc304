package console

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
)

// Bounds of the pages of evidence.
const (
	mostEvidenceOnItem = 6
	mostEvidence       = 500
	mostVersions       = 20
)

// evidenceView is what is shown of the evidence of a post.
type evidenceView struct {
	Flash      *flash
	ID         string
	Back, URL  string
	Total      string
	Pieces     []evidencePiece
	More       string
	Versions   []evidenceVersion
	Changed    string // says on the item's page that there are several versions
	Waiting    string
	MayRequest bool
}

type evidencePiece struct {
	Kind, Class, SHA256, Short, Size, By, Address, Problem, Public, Occasion, Clock, URL string
	At                                                                                   timeView
	Image                                                                                bool
}

// evidenceVersion is one content of the post, with the difference to the one before.
type evidenceVersion struct {
	Number, Sum, Title string
	At                 timeView
	Text, Quoted       []diffPiece
	First, Same        bool
	Missing            string
	Fields             []fieldView
	Pieces             []evidencePiece
}

func (v viewer) piece(p *evidence.Stored) evidencePiece {
	view := evidencePiece{
		Kind: v.named("evidence.kind", string(p.Kind)), Class: "piece-" + string(p.Kind), SHA256: p.SHA256, By: short(p.By, mostRowFieldBytes),
		Address: short(p.Address, mostFieldBytes), Problem: short(p.Problem, mostFieldBytes), Public: v.named("evidence.public", string(p.Public)),
		Occasion: v.named("evidence.occasion", string(p.Occasion)), Clock: short(p.Clock, mostRowFieldBytes), At: v.time(p.CapturedAt),
		Image: p.Kind == evidence.Screenshot || slices.Contains(shownInline, p.Type),
	}
	if p.SHA256 != "" {
		view.Short, view.Size, view.URL = p.SHA256[:12], v.bytes(p.Size), evidencePath(p.Post)+"/"+p.ID
	}
	return view
}

// evidenceSummary is the section of an item's page: the newest pieces.
func (v viewer) evidenceSummary(id string, pieces []evidence.Stored) *evidenceView {
	view := &evidenceView{ID: id, URL: evidencePath(id), Total: v.number(len(pieces))}
	shown := slices.Clone(pieces)
	slices.Reverse(shown)
	for i := range shown[:min(len(shown), mostEvidenceOnItem)] {
		view.Pieces = append(view.Pieces, v.piece(&shown[i]))
	}
	if len(shown) > mostEvidenceOnItem {
		view.More = v.words.T("evidence.more", "n", v.number(len(shown)-mostEvidenceOnItem))
	}
	if n := len(evidence.Versions(pieces)); n > 1 {
		view.Changed = v.words.T("evidence.changed", "n", v.number(n))
	}
	return view
}

// evidencePage is the page of all pieces, version by version, the newest first.
func (v viewer) evidencePage(id string, pieces []evidence.Stored, posts map[string]*post.Post) evidenceView {
	view := evidenceView{ID: id, URL: evidencePath(id), Back: itemPath(id), Total: v.number(len(pieces))}
	var before *post.Post
	left := mostEvidence
	for n, version := range evidence.Versions(pieces) {
		one := evidenceVersion{
			Number: strconv.Itoa(n + 1), Sum: version[0].Version, Title: v.words.T("evidence.version", "n", strconv.Itoa(n+1)),
			At: v.time(version[0].CapturedAt), First: before == nil,
		}
		if p := posts[one.Sum]; p != nil {
			one.compare(v, before, p)
			before = p
		} else {
			one.Missing = v.words.T("evidence.version.missing")
		}
		for i := range version[:min(len(version), left)] {
			one.Pieces = append(one.Pieces, v.piece(&version[i]))
		}
		left -= len(one.Pieces)
		view.Versions = append(view.Versions, one)
	}
	slices.Reverse(view.Versions)
	if len(view.Versions) > mostVersions {
		view.Versions = view.Versions[:mostVersions]
	}
	return view
}

// compare says what changed from one content to the next.
func (view *evidenceVersion) compare(v viewer, before, now *post.Post) {
	was := before
	if was == nil {
		was = now
	}
	view.Text, view.Quoted = diffWords(was.Text, now.Text), diffWords(was.Quoted, now.Quoted)
	view.Same = !view.First && was.Text == now.Text && was.Quoted == now.Quoted
	if now.Text == "" && was.Text == "" {
		view.Text = nil
	}
	if removed, added := mediaChange(was.Media, now.Media); before != nil && removed+added > 0 {
		view.Fields = append(view.Fields, fieldView{
			Title: v.words.T("post.media"), Text: v.words.T("evidence.media.changed", "removed", v.number(removed), "added", v.number(added)),
		})
	}
	view.Fields = append(view.Fields, v.fields("post.collected", v.time(now.CollectedAt).Text, "evidence.record_sum#", view.Sum)...)
}

// mediaChange counts the attachments that went and that came.
func mediaChange(before, now []post.Media) (removed, added int) {
	key := func(m post.Media) string { return m.Type + " " + m.URL + " " + m.SHA256 + " " + m.Alt }
	had := map[string]int{}
	for _, m := range before {
		had[key(m)]++
	}
	for _, m := range now {
		if had[key(m)] > 0 {
			had[key(m)]--
		} else {
			added++
		}
	}
	for _, n := range had {
		removed += n
	}
	return removed, added
}

// versionTexts reads the records of the versions. One that is damaged is left out:
// that is told where it is opened.
func (c *Console) versionTexts(ctx context.Context, pieces []evidence.Stored) map[string]*post.Post {
	posts := map[string]*post.Post{}
	for _, p := range pieces {
		if p.Kind != evidence.Record || p.SHA256 == "" || posts[p.Version] != nil || len(posts) >= 2*mostVersions {
			continue
		}
		if read, err := c.recordOf(ctx, p.SHA256); err == nil {
			posts[p.Version] = read
		} else {
			c.logger.Warn("a version of a post cannot be shown", "post", p.Post, "sha256", p.SHA256, "error", err)
		}
	}
	return posts
}

func (c *Console) recordOf(ctx context.Context, sum string) (*post.Post, error) {
	blob, err := c.deps.Evidence.Keeper.Open(ctx, sum)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }()
	data, err := io.ReadAll(blob)
	if err != nil {
		return nil, err
	}
	read, err := post.Decode(data)
	return &read, err
}

func (c *Console) mayRequest(r *http.Request) bool {
	return c.deps.Evidence.Capture != nil && of(r).viewer.May(access.Review)
}
