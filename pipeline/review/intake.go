package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// Flags come in by the order in which ClickHouse got them, from a cursor on.
// Blocks that are inserted at the same time come to light in another order than
// their times, so each time reading begins a while before the cursor; what was
// taken in already is known by a hash and costs nothing more.

const (
	intakePage = 5000 // flags of one query
	intakeTx   = 200  // flags of one transaction
)

// TakeIn takes in all flags that have come since the last time.
func (r *Review) TakeIn(ctx context.Context) error {
	if r.deps.Flags == nil {
		return nil
	}
	r.intake.Lock()
	defer r.intake.Unlock()
	newest, err := r.cursor(ctx)
	if err != nil {
		return err
	}
	from := r.seen.From(newest, r.cfg.Overlap, time.Now())
	for {
		keys, err := r.deps.Flags.InsertedSince(ctx, from, intakePage)
		if err != nil || len(keys) == 0 {
			r.seen.Forget(newest.InsertedAt.Add(-r.cfg.Overlap))
			return err
		}
		if err := r.takeInKeys(ctx, keys); err != nil {
			return err
		}
		if from = keys[len(keys)-1]; newest.Before(from) {
			newest = from
			if err := r.saveCursor(ctx, newest); err != nil {
				return err
			}
		}
	}
}

// takeInKeys takes in the flags of those keys that were not taken in before.
func (r *Review) takeInKeys(ctx context.Context, keys []store.InsertCursor) error {
	fresh := r.seen.Unknown(keys)
	if len(fresh) == 0 {
		return nil
	}
	ids := make([]string, len(fresh))
	for i, key := range fresh {
		ids[i] = key.ID
	}
	slices.Sort(ids)
	flags, err := r.deps.Flags.FlagsByID(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	if err := r.takeInPage(ctx, flags); err != nil {
		return err
	}
	r.seen.Add(fresh)
	return nil
}

func (r *Review) takeInPage(ctx context.Context, flags []post.Flag) error {
	for len(flags) > 0 {
		n := min(intakeTx, len(flags))
		if err := r.TakeInFlags(ctx, flags[:n]); err != nil {
			return err
		}
		flags = flags[n:]
	}
	return nil
}

const cursorName = "flags"

func (r *Review) cursor(ctx context.Context) (store.InsertCursor, error) {
	var value string
	err := r.db.QueryRow(ctx, "SELECT value FROM review_cursors WHERE name = ?", cursorName).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return store.InsertCursor{}, nil
	}
	var cursor store.InsertCursor
	if err == nil {
		err = json.Unmarshal([]byte(value), &cursor)
	}
	return cursor, inWords("read how far flags were taken in", err)
}

func (r *Review) saveCursor(ctx context.Context, cursor store.InsertCursor) error {
	data, err := json.Marshal(cursor)
	if err != nil {
		return err
	}
	_, err = r.db.Exec(ctx, `INSERT INTO review_cursors (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, cursorName, string(data))
	return inWords("keep how far flags were taken in", err)
}

// incoming is a flag on its way into the queue.
type incoming struct {
	flag             *post.Flag
	textSum, flagSum int64
	pairs            string
	rules            string
	base             int64
}

// TakeInFlags puts flags into the queue, or brings their items up to date: the
// flags of one id must be the newest. A flag without labels is one that newer
// lists took back: its item leaves the queue unless somebody has decided on it.
func (r *Review) TakeInFlags(ctx context.Context, flags []post.Flag) error {
	batch := make([]incoming, len(flags))
	ids := make([]any, len(flags))
	for i := range flags {
		batch[i], ids[i] = newIncoming(&flags[i]), flags[i].Post.ID
	}
	known, err := r.knownSums(ctx, ids)
	if err != nil {
		return err
	}
	fresh := batch[:0]
	for _, in := range batch {
		if sum, ok := known[in.flag.Post.ID]; !ok || sum != in.flagSum {
			fresh = append(fresh, in)
		}
	}
	r.metrics.taken.WithLabelValues("same").Add(float64(len(batch) - len(fresh)))
	if len(fresh) == 0 {
		return nil
	}
	results, err := r.takeInFresh(ctx, fresh)
	if database.IsUnique(err) { // another console was quicker: now its items are known
		results, err = r.takeInFresh(ctx, fresh)
	}
	if err != nil {
		return err
	}
	for result, n := range results {
		r.metrics.taken.WithLabelValues(result).Add(float64(n))
	}
	r.metrics.intakeLag.Set(max(0, r.deps.Now().Sub(fresh[len(fresh)-1].flag.FlaggedAt).Seconds()))
	return nil
}

// takeInFresh takes in flags in one transaction, and counts what became of them.
func (r *Review) takeInFresh(ctx context.Context, fresh []incoming) (map[string]int, error) {
	results := map[string]int{}
	err := r.write(ctx, func(tx *database.Tx, stamp int64) error {
		clear(results)
		for i := range fresh {
			result, err := r.takeIn(ctx, tx, stamp, &fresh[i])
			if err != nil {
				return fmt.Errorf("take post %q into the queue: %w", fresh[i].flag.Post.ID, err)
			}
			results[result]++
		}
		return nil
	})
	return results, err
}

func (r *Review) knownSums(ctx context.Context, ids []any) (map[string]int64, error) {
	rows, err := r.db.Query(ctx, "SELECT id, flag_sum FROM review_items WHERE id IN ("+database.Marks(len(ids))+")", ids...)
	if err != nil {
		return nil, fmt.Errorf("look for known items: %w", err)
	}
	defer func() { _ = rows.Close() }()
	known := make(map[string]int64, len(ids))
	for rows.Next() {
		var id string
		var sum int64
		if err := rows.Scan(&id, &sum); err != nil {
			return nil, fmt.Errorf("look for known items: %w", err)
		}
		known[id] = sum
	}
	return known, inWords("look for known items", rows.Err())
}

func newIncoming(flag *post.Flag) incoming {
	in := incoming{flag: flag, pairs: toJSON(pairsOf(&flag.Verdict)), rules: toJSON(rulesOf(&flag.Verdict)), base: baseUrgency(&flag.Verdict)}
	p, person := &flag.Post, &flag.Person
	in.textSum = sumOf(p.Text, p.Quoted)
	in.flagSum = sumOf(p.Text, p.Quoted, in.pairs, in.rules, fmt.Sprint(in.base, score(&flag.Verdict)), p.Key(), p.Account.Handle, p.Account.Name,
		person.PersonID, person.Name, person.Region, person.Agency, p.Platform, flag.Verdict.Language.Code, flag.Verdict.Versions.Lists,
		fmt.Sprint(p.CreatedAt.UnixMilli()))
	return in
}

// sumOf is a hash of texts, each with its length.
func sumOf(texts ...string) int64 {
	h := fnv.New64a()
	for _, text := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(text), text) // never fails
	}
	return int64(h.Sum64())
}

func score(verdict *post.Verdict) float64 {
	highest := 0.0
	for i := range verdict.Labels {
		highest = max(highest, verdict.Labels[i].Score)
	}
	return unit(highest)
}
