package capture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// stage is a part of the work that is done by itself.
type stage string

const (
	// stored takes what is in the queue and in the store, before retention does.
	stored stage = "stored"
	// fetched takes what must be asked for on the web.
	fetched stage = "fetched"
)

var stages = []stage{stored, fetched}

// lease is how long a task stays with who took it. Nothing that is done for it
// takes longer.
func (s stage) lease() time.Duration {
	if s == fetched {
		return longestLease
	}
	return time.Minute
}

const longestLease = 10 * time.Minute

// target is what a task is about.
type target struct {
	// Flag is the flag as it was found; nil where it is to be read anew.
	Flag *post.Flag `json:"flag,omitempty"`
	// Place is the record of an edit.
	Place *store.Edit `json:"place,omitempty"`
	// Version is set for what is fetched: which version of the post it belongs to.
	Version string `json:"version,omitempty"`
}

// task is one thing to do.
type task struct {
	num      int64
	post     string
	stage    stage
	occasion evidence.Occasion
	what     target
	wantedBy string
	tries    int
	claim    string
	kept     []string
}

// key names what is to be done.
func (t *task) key(about ...any) (string, error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(append([]any{t.post, t.stage, t.occasion}, about...)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keyOfFlag tells one verdict on one record from another.
func (t *task) keyOfFlag(f *post.Flag) (string, error) {
	return t.key(f.Topic, f.Partition, f.Offset, f.Verdict, f.Person)
}

// add puts a task into the list, unless it is or was there.
func (w *Worker) add(ctx context.Context, tx *database.Tx, t *task, key string) error {
	what, err := json.Marshal(t.what)
	if err != nil {
		return err
	}
	now := w.deps.Now().UnixMilli()
	_, err = tx.Exec(ctx, `INSERT INTO evidence_tasks (task, post, stage, occasion, what, wanted_by, made_at, next_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task) DO NOTHING`, key, t.post, string(t.stage), string(t.occasion), string(what), t.wantedBy, now, now)
	if err != nil {
		return fmt.Errorf("note what is to be captured of %s: %w", t.post, err)
	}
	return nil
}

// Confirmed has a post captured again, when the caller's transaction, in which it
// was confirmed, is committed. The decision names which confirmation it is.
func (w *Worker) Confirmed(ctx context.Context, tx *database.Tx, post, decision string) error {
	if !w.cfg.Enabled {
		return nil
	}
	return w.ask(ctx, tx, post, evidence.Confirmed, "", decision)
}

// Request has a post captured again because a person wants it.
func (w *Worker) Request(ctx context.Context, tx *database.Tx, post, by string) error {
	return w.ask(ctx, tx, post, evidence.Requested, by, uuid.NewString())
}

func (w *Worker) ask(ctx context.Context, tx *database.Tx, post string, occasion evidence.Occasion, by, which string) error {
	t := &task{post: post, stage: stored, occasion: occasion, wantedBy: by}
	key, err := t.key(which)
	if err != nil {
		return err
	}
	if err := w.add(ctx, tx, t, key); err != nil {
		return err
	}
	w.awaken()
	return nil
}

// Waiting says how many tasks of a post are not done.
func (w *Worker) Waiting(ctx context.Context, post string) (n int, err error) {
	err = w.db.QueryRow(ctx, "SELECT count(*) FROM evidence_tasks WHERE post = ? AND done_at = 0", post).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the tasks of a post: %w", err)
	}
	return n, nil
}

// take claims tasks of a stage whose time has come, up to a number. A time that is further
// ahead than any is ever set was set by a clock that has been put right since.
func (w *Worker) take(ctx context.Context, s stage, most int) (taken []*task, err error) {
	err = w.db.Write(ctx, func(tx *database.Tx) error {
		taken = taken[:0]
		now := w.deps.Now()
		rows, err := tx.Query(ctx, `SELECT num, post, stage, occasion, what, wanted_by, tries, kept FROM evidence_tasks
			WHERE done_at = 0 AND stage = ? AND (next_at <= ? OR next_at > ?) AND (claimed_until <= ? OR claimed_until > ?) ORDER BY num LIMIT ?`,
			string(s), now.UnixMilli(), now.Add(w.cfg.RetryMax+time.Minute).UnixMilli(), now.UnixMilli(), now.Add(longestLease+time.Minute).UnixMilli(), most)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			t := &task{claim: uuid.NewString()}
			var what, kept string
			if err := rows.Scan(&t.num, &t.post, &t.stage, &t.occasion, &what, &t.wantedBy, &t.tries, &kept); err != nil {
				return err
			}
			if err := errors.Join(json.Unmarshal([]byte(what), &t.what), json.Unmarshal([]byte(kept), &t.kept)); err != nil {
				return fmt.Errorf("read task %d: %w", t.num, err)
			}
			taken = append(taken, t)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, t := range taken {
			if _, err := tx.Exec(ctx, "UPDATE evidence_tasks SET claim = ?, claimed_until = ? WHERE num = ?", t.claim, now.Add(t.stage.lease()).UnixMilli(), t.num); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take tasks: %w", err)
	}
	return taken, nil
}

// errLost says that somebody else has taken the task since.
var errLost = errors.New("another one has taken the task")

// held makes sure that the task is still ours, in the transaction of its pieces.
func (t *task) held(ctx context.Context, tx *database.Tx, set string, args ...any) error {
	result, err := tx.Exec(ctx, "UPDATE evidence_tasks SET "+set+" WHERE num = ? AND claim = ? AND done_at = 0", append(args, t.num, t.claim)...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errLost, err)
	}
	return nil
}

// end notes that a task is done. What it was about is kept no longer.
func (w *Worker) end(ctx context.Context, tx *database.Tx, t *task, problem string) error {
	return t.held(ctx, tx, "done_at = ?, what = '{}', kept = '[]', problem = ?", w.deps.Now().UnixMilli(), problem)
}

// again puts a task back until later.
func (w *Worker) again(ctx context.Context, t *task, cause error) error {
	wait := w.cfg.RetryMax
	if t.tries < 20 {
		wait = min(w.cfg.RetryInitial<<t.tries, w.cfg.RetryMax)
	}
	w.metrics.retries.WithLabelValues(string(t.stage)).Inc()
	return w.db.Write(ctx, func(tx *database.Tx) error {
		return t.held(ctx, tx, "claim = '', claimed_until = 0, tries = tries + 1, next_at = ?, problem = ?",
			w.deps.Now().Add(wait).UnixMilli(), cut(cause.Error(), 500))
	})
}

// doneFor is how long it is remembered that a task was done: longer than flags
// are looked at again.
const doneFor = 48 * time.Hour

func (w *Worker) forget(ctx context.Context, now time.Time) error {
	_, err := w.db.Exec(ctx, "DELETE FROM evidence_tasks WHERE done_at > 0 AND done_at < ?", now.Add(-max(doneFor, 2*w.cfg.Overlap)).UnixMilli())
	if err != nil {
		return fmt.Errorf("forget old tasks: %w", err)
	}
	return nil
}
