package cases

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// AnyRevision lets a change be made on whatever the case is now, for callers
// that have shown nobody an older state.
const AnyRevision = -1

// request is a change that somebody asks for.
type request struct {
	viewer access.Viewer
	id     string
	// revision is the one that the person saw; AnyRevision is any.
	revision int64
	action   access.Action
	// silent changes leave the revision as it is.
	silent bool
}

// change changes a case in one transaction with what tells of it. do says what
// happened; where it is no change at all, an event without a Change.
func (c *Cases) change(ctx context.Context, q request, do func(tx *database.Tx, r *row) (Event, error)) (Case, error) {
	if !q.viewer.May(q.action) {
		return Case{}, ErrForbidden
	}
	var after Case
	var event Event
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		r, err := c.find(ctx, tx, q.viewer, q.id)
		if err != nil {
			return err
		}
		if q.revision != AnyRevision && q.revision != r.Revision {
			return ErrChanged
		}
		if event, err = do(tx, r); err != nil || event.Change == "" {
			after = r.show(q.viewer)
			return err
		}
		if r.ChangedAt = c.now(); !q.silent {
			r.Revision++
		}
		if err := r.save(ctx, tx); err != nil {
			return err
		}
		after = r.show(q.viewer)
		return c.happened(ctx, tx, q.viewer, r, event)
	})
	if err != nil {
		return Case{}, err
	}
	if event.Change != "" {
		c.metrics.changes.WithLabelValues(string(event.Change)).Inc()
	}
	return after, nil
}

// setClock sets a case's legal clock by its posts.
func (c *Cases) setClock(r *row) {
	r.KnownAt = time.Time{}
	for _, l := range r.links {
		if l.RemovedAt.IsZero() && (r.KnownAt.IsZero() || l.KnownAt.Before(r.KnownAt)) {
			r.KnownAt = l.KnownAt
		}
	}
	r.Due = c.cfg.Due(r.KnownAt, r.region())
}

// SetClocks sets the clocks of the cases that wait by the present configuration.
func (c *Cases) SetClocks(ctx context.Context) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		waiting, err := queryCases(ctx, tx, "WHERE c.status IN (?, ?)", string(Open), string(Ready))
		if err != nil {
			return err
		}
		for _, r := range waiting {
			before := r.Due
			if c.setClock(r); r.Due.Equal(before) {
				continue
			}
			if err := r.save(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rename gives a case another title.
func (c *Cases) Rename(ctx context.Context, viewer access.Viewer, id string, revision int64, title string) (Case, error) {
	title, err := line("title", title, mostTitle, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(_ *database.Tx, r *row) (Event, error) {
		if r.Title == title {
			return Event{}, nil
		}
		r.Title = title
		r.findBy(title)
		return Event{Change: Renamed, Text: title}, nil
	})
}

// Note adds a note. Notes are never changed, and several people can add some at
// the same time.
func (c *Cases) Note(ctx context.Context, viewer access.Viewer, id, note string) (Case, error) {
	note, err := text("note", note, mostText, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, AnyRevision, access.Review, true}, func(_ *database.Tx, r *row) (Event, error) {
		r.findBy(note)
		return Event{Change: Noted, Text: note}, nil
	})
}

// Exported records that a pack of the case with this hash was given to somebody.
func (c *Cases) Exported(ctx context.Context, viewer access.Viewer, id, sha256 string) (Case, error) {
	return c.change(ctx, request{viewer, id, AnyRevision, access.Read, true}, func(*database.Tx, *row) (Event, error) {
		return Event{Change: Exported, SHA256: sha256}, nil
	})
}
