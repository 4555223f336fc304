package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// leaseFor is how long a run has the purge for itself before it must say so again.
const leaseFor = 10 * time.Minute

// Purge finishes what was broken off, and then purges what is due. Progress, which
// may be nil, is told of each lot.
func (r *Retention) Purge(ctx context.Context, by access.Viewer, progress func(Counts)) (Counts, error) {
	counts := Counts{Posts: map[Why]int{}}
	if err := r.lease(ctx); err != nil {
		return counts, err
	}
	number, err := r.begin(ctx, by)
	if err != nil {
		return counts, errors.Join(err, r.release(ctx))
	}
	err = r.purge(ctx, by, &counts, progress)
	ending := context.WithoutCancel(ctx)
	return counts, errors.Join(err, r.end(ending, number, by, &counts, err), r.release(ending))
}

func (r *Retention) purge(ctx context.Context, by access.Viewer, counts *Counts, progress func(Counts)) error {
	var err error
	if counts.Finished, err = r.finish(ctx); err != nil {
		return err
	}
	if err := r.outboxEmpty(ctx); err != nil {
		return err
	}
	for {
		plan, err := r.Plan(ctx)
		if err != nil {
			return err
		}
		if len(plan.Due) == 0 {
			files, err := r.removeFiles(ctx, plan.Files)
			counts.Files = files
			return err
		}
		before := total(counts.Posts)
		for len(plan.Due) > 0 {
			lot := plan.Due[:min(r.cfg.Batch, len(plan.Due))]
			if err := r.purgeLot(ctx, by, lot, counts); err != nil {
				return err
			}
			if _, err := r.finish(ctx); err != nil {
				return err
			}
			if err := r.lease(ctx); err != nil {
				return err
			}
			if progress != nil {
				progress(*counts)
			}
			plan.Due = plan.Due[len(lot):]
		}
		if total(counts.Posts) == before { // all of them were held or decided anew in between
			return nil
		}
	}
}

func total(posts map[Why]int) (n int) {
	for _, count := range posts {
		n += count
	}
	return n
}

// outboxEmpty says whether ClickHouse has all decisions: one that came later would
// bring back whom it was about.
func (r *Retention) outboxEmpty(ctx context.Context) error {
	var waiting int
	if err := r.db.QueryRow(ctx, "SELECT count(*) FROM review_outbox").Scan(&waiting); err != nil {
		return fmt.Errorf("look for decisions on their way: %w", err)
	}
	if waiting > 0 {
		return fmt.Errorf("%d wait: %w", waiting, ErrOutbox)
	}
	return nil
}

// lot is what one transaction did.
type lot struct {
	posts              map[Why]int
	pieces, statements int
}

// purgeLot takes posts out of the database in one transaction, with their
// tombstones. Each is judged again in it: a hold that came in between counts.
func (r *Retention) purgeLot(ctx context.Context, by access.Viewer, posts []Due, counts *Counts) error {
	var done lot
	err := r.db.Write(ctx, func(tx *database.Tx) error {
		done = lot{posts: map[Why]int{}}
		for _, p := range posts {
			if err := r.purgePost(ctx, tx, by, p.Post, &done); err != nil {
				return fmt.Errorf("purge a post: %w", err)
			}
		}
		if total(done.posts) == 0 {
			return nil
		}
		details := map[string]string{"pieces": strconv.Itoa(done.pieces), "statements": strconv.Itoa(done.statements)}
		for why, n := range done.posts {
			details[string(why)] = strconv.Itoa(n)
		}
		return r.deps.Audit.Record(ctx, tx, by, "retention.purge", "posts", details)
	})
	if err != nil {
		return err
	}
	for why, n := range done.posts {
		counts.Posts[why] += n
		r.metrics.purged.WithLabelValues(string(why)).Add(float64(n))
	}
	counts.Pieces, counts.Statements = counts.Pieces+done.pieces, counts.Statements+done.statements
	return nil
}

func (r *Retention) purgePost(ctx context.Context, tx *database.Tx, by access.Viewer, post string, done *lot) error {
	now := r.deps.Now()
	found, err := r.candidates(ctx, tx, post)
	if err != nil || len(found) == 0 {
		return err
	}
	why, _, goes := r.judge(&found[0], now)
	if !goes {
		return nil
	}
	pieces, err := r.piecesOf(ctx, tx, post)
	if err != nil {
		return err
	}
	purged, err := r.deps.Keeper.Purge(ctx, tx, pieces)
	if err != nil {
		return err
	}
	name := r.nameOf(post)
	statements, err := review.Forget(ctx, tx, post, name)
	if err != nil {
		return err
	}
	stone := Tombstone{Format: 1, Why: why, At: now.UTC().Truncate(time.Second), By: by.Name, Together: len(purged) + len(statements)}
	for _, p := range purged {
		if err := r.bury(ctx, tx, stone, seal.KindPiece, p.Statement); err != nil {
			return err
		}
	}
	for _, statement := range statements {
		if err := r.bury(ctx, tx, stone, seal.KindDecision, statement); err != nil {
			return err
		}
	}
	done.posts[why]++
	done.pieces, done.statements = done.pieces+len(purged), done.statements+len(statements)
	return r.forget(ctx, tx, post, name, now)
}

func (r *Retention) piecesOf(ctx context.Context, tx *database.Tx, post string) (ids []string, err error) {
	rows, err := tx.Query(ctx, "SELECT id FROM evidence_pieces WHERE post = ? ORDER BY num", post)
	if err != nil {
		return nil, fmt.Errorf("list the evidence of a post: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list the evidence of a post: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// bury leaves a tombstone for a statement.
func (r *Retention) bury(ctx context.Context, tx *database.Tx, stone Tombstone, of seal.Kind, statement []byte) error {
	if len(statement) == 0 {
		return nil
	}
	sum := sha256.Sum256(statement)
	stone.Leaf, stone.Of = hex.EncodeToString(sum[:]), string(of)
	text, err := json.Marshal(stone)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "INSERT INTO retention_tombstones (leaf, statement) VALUES (?, ?) ON CONFLICT (leaf) DO NOTHING", stone.Leaf, string(text)); err != nil {
		return fmt.Errorf("keep a tombstone: %w", err)
	}
	return r.deps.Seal.Add(ctx, tx, seal.KindTombstone, text)
}

// forget takes a post out of the other parts' tables, remembers that it was purged,
// and notes what is to be done outside of the database.
func (r *Retention) forget(ctx context.Context, tx *database.Tx, post, name string, now time.Time) error {
	steps := []struct {
		table, statement string
		args             []any
	}{
		{"case_posts", "UPDATE case_posts SET post = ?, account = '', handle = '', person_id = '' WHERE post = ?", []any{name, post}},
		{"evidence_tasks", "DELETE FROM evidence_tasks WHERE post = ?", []any{post}},
		{"coordinated_items", "DELETE FROM coordinated_items WHERE item = ?", []any{post}},
		{"capture_posts", "UPDATE capture_posts SET post_id = ?, link = '', link_key = '', account = '', who = '', post = '' WHERE post_id = ? AND state <> 'waiting'", []any{name, post}},
		{"", "DELETE FROM retention_holds WHERE post = ?", []any{post}},
		{"", "INSERT INTO retention_purged (name, until) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET until = excluded.until",
			[]any{name, now.Add(r.deps.Remember).UnixMilli()}},
		{"", "INSERT INTO retention_work (post, name, at) VALUES (?, ?, ?) ON CONFLICT (post) DO NOTHING", []any{post, name, now.UnixMilli()}},
	}
	for _, step := range steps {
		if step.table != "" && !r.has(step.table) {
			continue
		}
		if _, err := tx.Exec(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("forget a post: %w", err)
		}
	}
	return nil
}

// finish takes what was purged from the database out of ClickHouse, too, and says
// how many posts that were. It can be done again.
func (r *Retention) finish(ctx context.Context) (int, error) {
	done := 0
	for {
		posts, err := r.work(ctx)
		if err != nil || len(posts) == 0 {
			return done, err
		}
		if err := r.deps.Store.PurgePosts(ctx, posts); err != nil {
			return done, err
		}
		err = r.db.Write(ctx, func(tx *database.Tx) error {
			for _, p := range posts {
				if _, err := tx.Exec(ctx, "DELETE FROM retention_work WHERE post = ?", p.ID); err != nil {
					return fmt.Errorf("note that a post is forgotten: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(posts)
	}
}

func (r *Retention) work(ctx context.Context) (posts []store.PurgedPost, err error) {
	rows, err := r.db.Query(ctx, "SELECT post, name FROM retention_work ORDER BY at, post LIMIT 1000")
	if err != nil {
		return nil, fmt.Errorf("read what is to be forgotten: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p store.PurgedPost
		if err := rows.Scan(&p.ID, &p.Name); err != nil {
			return nil, fmt.Errorf("read what is to be forgotten: %w", err)
		}
		if r.deps.Sketch != nil {
			p.Sketch = r.deps.Sketch(p.ID)
		}
		posts = append(posts, p)
	}
	return posts, rows.Err()
}
