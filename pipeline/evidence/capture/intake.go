package capture

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// Flags are found in the order in which ClickHouse got them, from a cursor on, as
// the review finds them. Blocks that are inserted at the same time come to light
// in another order than their times, so each look begins a while before the
// cursor; what was noted already is known by its task.

const (
	flagsPage = 2000
	tasksOfTx = 200
)

// TakeIn notes every flag that has come since the last time as a task.
func (w *Worker) TakeIn(ctx context.Context) error {
	if !w.cfg.Enabled {
		return nil
	}
	var newest store.InsertCursor
	if err := w.cursor(ctx, "flags", &newest); err != nil {
		return err
	}
	from := w.seen.From(newest, w.cfg.Overlap, w.deps.Now())
	for {
		places, err := w.deps.Flags.InsertedSince(ctx, from, flagsPage)
		if err != nil || len(places) == 0 {
			w.seen.Forget(newest.InsertedAt.Add(-2 * w.cfg.Overlap))
			return err
		}
		if err := w.takePlaces(ctx, places); err != nil {
			return err
		}
		if from = places[len(places)-1]; newest.Before(from) {
			newest = from
			if err := w.saveCursor(ctx, "flags", newest); err != nil {
				return err
			}
		}
	}
}

func (w *Worker) takePlaces(ctx context.Context, places []store.InsertCursor) error {
	fresh := w.seen.Unknown(places)
	for len(fresh) > 0 {
		n := min(tasksOfTx, len(fresh))
		flags, err := w.deps.Flags.FlagVersions(ctx, fresh[:n])
		if err != nil {
			return err
		}
		if err := w.note(ctx, flags); err != nil {
			return err
		}
		w.seen.Add(fresh[:n])
		fresh = fresh[n:]
	}
	return nil
}

func (w *Worker) note(ctx context.Context, flags []post.Flag) error {
	err := w.db.Write(ctx, func(tx *database.Tx) error {
		for i := range flags {
			if len(flags[i].Verdict.Labels) == 0 {
				continue // newer lists took it back
			}
			t := &task{post: flags[i].Post.ID, stage: stored, occasion: evidence.Flagged, what: target{Flag: &flags[i]}}
			key, err := t.keyOfFlag(&flags[i])
			if err != nil {
				return err
			}
			if err := w.add(ctx, tx, t, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(flags) > 0 {
		w.awaken()
	}
	return err
}

func (w *Worker) cursor(ctx context.Context, name string, into any) error {
	var value string
	err := w.db.QueryRow(ctx, "SELECT value FROM evidence_cursors WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), into)
	}
	if err != nil {
		return fmt.Errorf("read how far %s were looked at: %w", name, err)
	}
	return nil
}

func (w *Worker) saveCursor(ctx context.Context, name string, value any) error {
	data, err := json.Marshal(value)
	if err == nil {
		_, err = w.db.Exec(ctx, `INSERT INTO evidence_cursors (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, string(data))
	}
	if err != nil {
		return fmt.Errorf("keep how far %s were looked at: %w", name, err)
	}
	return nil
}
