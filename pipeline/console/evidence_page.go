package console

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
)

// itemEvidence shows all pieces of a post and what changed from one version of it
// to the next.
func (c *Console) itemEvidence(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, id := c.reader(r), r.PathValue("id")
	item, err := c.review.Item(ctx, v.who, id)
	if err != nil {
		return refused("show the evidence of an item", err)
	}
	pieces, err := c.deps.Evidence.Keeper.OfPost(ctx, item.ID)
	if err != nil {
		return err
	}
	if err := c.viewed(r, ofPost(item.ID), map[string]string{"what": "evidence"}); err != nil {
		return err
	}
	view := v.evidencePage(item.ID, pieces, c.versionTexts(ctx, pieces))
	view.MayRequest = c.mayRequest(r)
	if capture := c.deps.Evidence.Capture; capture != nil {
		waiting, err := capture.Waiting(ctx, item.ID)
		if err != nil {
			return err
		}
		if view.Waiting = ""; waiting > 0 {
			view.Waiting = v.words.T("evidence.waiting", "n", v.number(waiting))
		}
	}
	view.Flash = c.flashed(r)
	return c.render(w, r, http.StatusOK, "evidence", view)
}

// requestEvidence has a post captured again.
func (c *Console) requestEvidence(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	v, id := c.reader(r), r.PathValue("id")
	item, err := c.review.Item(ctx, v.who, id)
	if err != nil {
		return refused("capture an item again", err)
	}
	if c.deps.Evidence.Capture == nil {
		c.later(r, flash{Text: v.words.T("evidence.request.off"), Bad: true})
		seeOther(w, r, evidencePath(item.ID))
		return nil
	}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		if err := c.deps.Evidence.Capture.Request(ctx, tx, item.ID, v.who.Name); err != nil {
			return err
		}
		return c.audit.Append(ctx, tx, event(r, didRequest, ofPost(item.ID), nil))
	})
	if err != nil {
		return err
	}
	c.later(r, flash{Text: v.words.T("evidence.request.done")})
	seeOther(w, r, evidencePath(item.ID))
	return nil
}

// shownInline are the types that a browser shows without running anything of them.
var shownInline = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

// evidenceFile gives the file of a piece, after it was verified and the opening
// recorded. A browser runs nothing of it: whatever it is, it is a picture or a
// download.
func (c *Console) evidenceFile(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	item, err := c.review.Item(ctx, of(r).viewer, r.PathValue("id"))
	if err != nil {
		return refused("open a file of evidence", err)
	}
	piece, err := c.deps.Evidence.Keeper.Piece(ctx, r.PathValue("piece"))
	if errors.Is(err, evidence.ErrNotFound) || err == nil && (piece.Post != item.ID || piece.SHA256 == "") {
		return failure{status: http.StatusNotFound, cause: err}
	}
	if err != nil {
		return err
	}
	detail := map[string]string{"piece": piece.ID, "kind": string(piece.Kind), "sha256": piece.SHA256}
	if err := c.audit.Tell(ctx, event(r, didOpenPiece, ofPost(item.ID), detail)); err != nil {
		return err
	}
	blob, err := c.deps.Evidence.Keeper.Open(ctx, piece.SHA256)
	if err != nil {
		return err
	}
	defer func() { _ = blob.Close() }()
	disposition, kind := "attachment", blobs.Unknown
	if slices.Contains(shownInline, blob.Type) {
		disposition, kind = "inline", blob.Type
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": string(piece.Kind) + "-" + piece.SHA256[:12] + endingOf(piece.Type)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, blob.File)
	return nil
}

// endingOf is how a file is called, so that people's programs know it.
func endingOf(kind string) string {
	return map[string]string{
		"application/json": ".json", "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif",
		"video/mp4": ".mp4", "video/webm": ".webm", "application/pdf": ".pdf", "multipart/related": ".mhtml",
	}[kind]
}

func evidencePath(id string) string { return itemPath(id) + "/evidence" }
