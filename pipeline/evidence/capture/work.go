package capture

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/version"
)

// Who captures what is taken out of the queue, and how it is called in a piece.
func by() string { return "netra " + version.Version + " evidence" }

// tasksAtOnce is how many tasks one worker claims in one go.
const tasksAtOnce = 10

// Work does all tasks whose time has come, until there are none.
func (w *Worker) Work(ctx context.Context) error {
	for _, s := range stages {
		if err := w.work(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// work does the tasks of a stage whose time has come.
func (w *Worker) work(ctx context.Context, s stage) error {
	most := tasksAtOnce
	if s == fetched {
		most = 1
	}
	for ctx.Err() == nil {
		tasks, err := w.take(ctx, s, most)
		if err != nil || len(tasks) == 0 {
			return err
		}
		// A lease is for one task: those behind a long one are given back.
		until := w.deps.Now().Add(time.Minute / 2)
		for i, t := range tasks {
			if i > 0 && w.deps.Now().After(until) {
				if err := w.release(ctx, tasks[i:]); err != nil {
					return err
				}
				break
			}
			if err := w.do(ctx, t); err != nil {
				return errors.Join(err, w.release(ctx, tasks[i+1:]))
			}
		}
	}
	return nil
}

// do does one task. Its error is about the worker, not about the task.
func (w *Worker) do(ctx context.Context, t *task) error {
	working, cancel := context.WithTimeout(ctx, t.stage.lease()*9/10)
	defer cancel()
	begun := time.Now()
	var err error
	if t.stage == fetched {
		err = w.fetch(working, t)
	} else {
		err = w.captureStored(working, t)
	}
	w.metrics.duration.WithLabelValues(string(t.stage)).Observe(time.Since(begun).Seconds())
	switch {
	case err == nil || errors.Is(err, errLost):
		return nil
	case ctx.Err() != nil:
		return w.release(context.WithoutCancel(ctx), []*task{t})
	}
	w.logger.WarnContext(ctx, "evidence could not be captured; it is tried again", "post", t.post, "stage", t.stage, "tries", t.tries+1, "error", err)
	if err := w.again(ctx, t, err); err != nil && !errors.Is(err, errLost) {
		return err
	}
	return nil
}

// last says whether this try is the last one, after which a problem is kept.
func (w *Worker) last(t *task) bool { return t.tries+1 >= w.cfg.Tries }

// release gives tasks back that were not begun, or were broken off.
func (w *Worker) release(ctx context.Context, tasks []*task) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, t := range tasks {
		if _, err := w.db.Exec(ctx, "UPDATE evidence_tasks SET claim = '', claimed_until = 0 WHERE num = ? AND claim = ? AND done_at = 0", t.num, t.claim); err != nil {
			return err
		}
	}
	return nil
}

// about begins the piece of a post.
func about(t *task, version string, kind evidence.Kind) evidence.Piece {
	return evidence.Piece{Post: t.post, Version: version, Kind: kind, Occasion: t.occasion, By: by(), Public: evidence.PublicUnknown}
}

// problem is a piece that says why there is no file.
func problem(p evidence.Piece, cause error) evidence.Draft {
	p.Problem = cut(cause.Error(), 1000)
	return evidence.Draft{Piece: p}
}

func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
