package capture

import (
	"context"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/store"
)

// Edits tells of edited posts, flagged or not: the places of their records, not
// what is in them. The store implements it.
type Edits interface {
	// EditedSince returns up to limit edits behind one, in their order.
	EditedSince(ctx context.Context, after store.Edit, limit int) ([]store.Edit, error)
}

// TakeInEdits notes each edit of a post of which there is evidence as a task, also
// where its newer text is not flagged any more: a worker stores no text of it, but
// the place of its record.
func (w *Worker) TakeInEdits(ctx context.Context) error {
	if !w.cfg.Enabled || w.deps.Edits == nil {
		return nil
	}
	var newest store.Edit
	if err := w.cursor(ctx, "edits", &newest); err != nil {
		return err
	}
	// Edits are few, so each look goes back as far as it must.
	var from store.Edit
	if !newest.InsertedAt.IsZero() {
		from.InsertedAt = newest.InsertedAt.Add(-w.cfg.Overlap)
	}
	for {
		edits, err := w.deps.Edits.EditedSince(ctx, from, flagsPage)
		if err != nil || len(edits) == 0 {
			return err
		}
		if err := w.noteEdits(ctx, edits); err != nil {
			return err
		}
		if from = edits[len(edits)-1]; newest.InsertedAt.Before(from.InsertedAt) {
			newest = from
			if err := w.saveCursor(ctx, "edits", newest); err != nil {
				return err
			}
		}
	}
}

func (w *Worker) noteEdits(ctx context.Context, edits []store.Edit) error {
	var ours []store.Edit
	for _, e := range edits {
		known, err := w.known(ctx, e.ID)
		if err != nil {
			return err
		}
		if known {
			ours = append(ours, e)
		}
	}
	if len(ours) == 0 {
		return nil
	}
	err := w.db.Write(ctx, func(tx *database.Tx) error {
		for i := range ours {
			t := &task{post: ours[i].ID, stage: stored, occasion: evidence.Edited, what: target{Place: &ours[i]}}
			key, err := t.key(ours[i].Topic, ours[i].Partition, ours[i].Offset)
			if err != nil {
				return err
			}
			if err := w.add(ctx, tx, t, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		w.awaken()
	}
	return err
}

// known says whether there is evidence of a post, or will be.
func (w *Worker) known(ctx context.Context, post string) (bool, error) {
	waiting, err := w.Waiting(ctx, post)
	if err != nil || waiting > 0 {
		return waiting > 0, err
	}
	return w.keeper.Has(ctx, post)
}
