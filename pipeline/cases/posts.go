package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// AddPosts adds posts to a case that is not closed. Those that are in it already
// stay as they are.
func (c *Cases) AddPosts(ctx context.Context, viewer access.Viewer, id string, posts []string) (Case, error) {
	if !viewer.May(access.Review) {
		return Case{}, ErrForbidden
	}
	links, err := c.linksOf(ctx, viewer, posts)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, AnyRevision, access.Review, false}, func(tx *database.Tx, r *row) (Event, error) {
		if r.Status == Closed {
			return Event{}, invalid("status", r.Status, "a case that is not closed")
		}
		var added []string
		for _, l := range links {
			if slices.Contains(r.Posts, l.Post) {
				continue
			}
			if err := insertLink(ctx, tx, r, l); err != nil {
				return Event{}, err
			}
			r.links = append(slices.DeleteFunc(r.links, func(old Link) bool { return old.Post == l.Post }), l)
			added = append(added, l.Post)
		}
		if len(added) == 0 {
			return Event{}, nil
		}
		r.gather()
		if len(r.Posts) > c.cfg.Posts {
			return Event{}, invalid("posts", len(r.Posts), fmt.Sprintf("1 to %d posts", c.cfg.Posts))
		}
		c.setClock(r)
		return Event{Change: PostsAdded, Posts: added}, nil
	})
}

// RemovePost takes a post out of a case that is not closed, with the reason. It
// stays among the Links. The last post of a case cannot be removed.
func (c *Cases) RemovePost(ctx context.Context, viewer access.Viewer, id string, revision int64, post, reason string) (Case, error) {
	reason, err := text("reason", reason, mostText, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(tx *database.Tx, r *row) (Event, error) {
		i := slices.IndexFunc(r.links, func(l Link) bool { return l.Post == post && l.RemovedAt.IsZero() && viewer.Sees(l.Region) })
		switch {
		case i < 0:
			return Event{}, ErrNoPost
		case r.Status == Closed:
			return Event{}, invalid("status", r.Status, "a case that is not closed")
		case len(r.Posts) == 1:
			return Event{}, invalid("post", post, "one of several posts of the case")
		}
		l := &r.links[i]
		l.RemovedAt, l.RemovedBy, l.Reason = c.now(), viewer.Name, reason
		_, err := tx.Exec(ctx, "UPDATE case_posts SET removed_at = ?, removed_by = ?, reason = ? WHERE case_num = ? AND post = ?",
			database.Milliseconds(l.RemovedAt), l.RemovedBy, l.Reason, r.num, post)
		if err != nil {
			return Event{}, fmt.Errorf("remove a post from case %s: %w", r.Number, err)
		}
		r.gather()
		c.setClock(r)
		return Event{Change: PostRemoved, Posts: []string{post}, Text: reason}, nil
	})
}

// Links returns the posts of a case in regions that the viewer sees, also those
// that were removed, in the order in which they were added first.
func (c *Cases) Links(ctx context.Context, viewer access.Viewer, id string) ([]Link, error) {
	r, err := c.find(ctx, c.db, viewer, id)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.links, func(l Link) bool { return !viewer.Sees(l.Region) }), nil
}

// OfPosts returns the cases in which posts are, by post, oldest case first.
// Cases that the viewer does not see are left out.
func (c *Cases) OfPosts(ctx context.Context, viewer access.Viewer, posts []string) (map[string][]Case, error) {
	if !viewer.May(access.Read) {
		return nil, ErrForbidden
	}
	of := map[string][]Case{}
	for part := range slices.Chunk(posts, 500) {
		found, err := queryCases(ctx, c.db, "WHERE c.num IN (SELECT case_num FROM case_posts WHERE removed_at = 0 AND post IN ("+database.Marks(len(part))+")) ORDER BY c.num", database.Arguments(part)...)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if !r.seen(viewer) {
				continue
			}
			for _, post := range r.Posts {
				if slices.Contains(part, post) {
					of[post] = append(of[post], r.show(viewer))
				}
			}
		}
	}
	return of, nil
}
