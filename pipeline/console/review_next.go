package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/review"
)

// itemNext leads from an item to the next one.
func (c *Console) itemNext(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	if skipped := r.PostForm.Get("skip"); skipped != "" {
		if err := c.skip(ctx, r, skipped); err != nil {
			return err
		}
	}
	return c.toNext(ctx, w, r, r.PathValue("id"))
}

func (c *Console) itemSkip(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	if err := c.skip(ctx, r, r.PathValue("id")); err != nil {
		return err
	}
	return c.toNext(ctx, w, r, r.PathValue("id"))
}

func (c *Console) queueNext(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	c.sessions.Remove(r.Context(), sessionSkipped)
	return c.toNext(ctx, w, r, "")
}

// toNext claims the item that the reader works on after this one and leads
// there, or back to the queue when nothing is left.
func (c *Console) toNext(ctx context.Context, w http.ResponseWriter, r *http.Request, after string) error {
	f := c.readQueueFilter(r)
	next, err := c.claimNext(ctx, r, f, after)
	if err != nil {
		return refused("claim the next item", err)
	}
	switch peek := r.PostForm.Get("peek") != ""; {
	case next != "" && peek:
		seeOther(w, r, f.to(itemPath(next), "peek", "1"))
	case next != "":
		seeOther(w, r, f.to(itemPath(next)))
	case peek:
		w.WriteHeader(http.StatusNoContent)
	default:
		if !c.sessions.Exists(r.Context(), sessionFlash) {
			c.later(r, flash{Text: c.pages.words(r).T("queue.end")})
		}
		seeOther(w, r, f.with())
	}
	return nil
}

// claimNext finds what follows: first of what the reader holds already, then the
// most urgent of what nobody holds, without what was skipped in this session.
func (c *Console) claimNext(ctx context.Context, r *http.Request, f queueFilter, after string) (string, error) {
	viewer, chosen := of(r).viewer, f.review()
	skipped := c.skipped(r)
	held := chosen
	held.Holder = viewer.Name
	if !slices.ContainsFunc(statusesOf(chosen), waits) {
		held.Status, chosen.Status = nil, nil // what is decided is not reviewed on
	}
	mine, err := c.review.List(ctx, viewer, held, f.sort, "", review.MostPage)
	if err != nil {
		return "", err
	}
	if next := following(mine.Items, after, skipped, viewer.Name, c.deps.Now()); next != "" {
		return next, nil
	}
	return c.claimFree(ctx, viewer, chosen, append(skipped, after))
}

func statusesOf(f review.Filter) []review.Status {
	if len(f.Status) == 0 {
		return review.Statuses
	}
	return f.Status
}

// claimFree claims the most urgent free item that is none of those to leave out.
// Where those come first, it takes them along and gives them back.
func (c *Console) claimFree(ctx context.Context, viewer access.Viewer, chosen review.Filter, without []string) (string, error) {
	n := 1
	for {
		items, err := c.review.ClaimNext(ctx, viewer, chosen, n)
		if err != nil || len(items) == 0 {
			return "", err
		}
		next := ""
		var back []string
		for _, item := range items {
			if next == "" && !slices.Contains(without, item.ID) {
				next = item.ID
			} else {
				back = append(back, item.ID)
			}
		}
		if len(back) > 0 {
			if err := c.review.Release(ctx, viewer, back); err != nil {
				return "", err
			}
		}
		if next != "" || len(items) < n || n > len(without) {
			return next, nil
		}
		n = min(len(without)+1, review.MostPage)
	}
}

// mostSkipped bounds how many items a session remembers as skipped.
const mostSkipped = 200

// sessionSkipped is the key of what was skipped since the reader began.
const sessionSkipped = "skipped"

func (c *Console) skipped(r *http.Request) []string {
	var ids []string
	for id := range parsedQuery(c.sessions.GetString(r.Context(), sessionSkipped)) {
		ids = append(ids, id)
	}
	return ids
}

// skip gives an item back and leaves it out until the reader begins anew.
func (c *Console) skip(ctx context.Context, r *http.Request, id string) error {
	if err := c.review.Release(ctx, of(r).viewer, []string{id}); err != nil && !tellable(err) {
		return refused("give an item back", err)
	}
	kept := parsedQuery(c.sessions.GetString(r.Context(), sessionSkipped))
	if len(kept) >= mostSkipped {
		kept = url.Values{}
	}
	kept.Set(id, "1")
	c.sessions.Put(r.Context(), sessionSkipped, kept.Encode())
	return nil
}

// following is the item behind one in what somebody holds, or the first one.
func following(held []review.Item, after string, skipped []string, holder string, now time.Time) string {
	first, behind := "", false
	for i := range held {
		item := &held[i]
		if item.ID == after {
			behind = true
			continue
		}
		if !waits(item.Status) || item.Holder != holder || !item.HeldUntil.After(now) || slices.Contains(skipped, item.ID) {
			continue
		}
		if behind || after == "" {
			return item.ID
		}
		if first == "" {
			first = item.ID
		}
	}
	return first
}
