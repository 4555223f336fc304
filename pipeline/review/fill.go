package review

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// ErrNotEmpty says that only an empty queue can be filled.
var ErrNotEmpty = errors.New("the queue is not empty")

// fillTx bounds the items of one transaction, fillRows those of one statement.
const (
	fillTx   = 5000
	fillRows = 250
)

// Fill puts flags of posts that all have ids of their own into an empty queue,
// many in one statement: for measuring with very many. Only exact copies of a
// text are in one group then; near ones are not looked for.
func (r *Review) Fill(ctx context.Context, flags iter.Seq[post.Flag]) error {
	var any bool
	if err := r.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM review_items)").Scan(&any); err != nil || any {
		return firstError(inWords("fill the queue", err), ErrNotEmpty)
	}
	f := filler{r: r, groups: map[uint64]*fillGroup{}}
	for flag := range flags {
		f.add(&flag)
		if len(f.items) == fillTx {
			if err := f.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	return f.finish(ctx)
}

type filler struct {
	r      *Review
	num    int64
	groups map[uint64]*fillGroup
	items  []filled
	fresh  []*fillGroup
}

type fillGroup struct {
	num      int64
	exact    uint64
	accounts map[string]bool
}

type filled struct {
	num   int64
	in    incoming
	group *fillGroup
}

func (f *filler) add(flag *post.Flag) {
	f.num++
	in := newIncoming(flag)
	exact := f.r.fingerprint.Read(flag.Post.Text + "\n" + flag.Post.Quoted).Exact
	if exact != 0 {
		exact ^= contestantsSum(in.pairs)
	}
	group := f.groups[exact]
	if group == nil || exact == 0 {
		group = &fillGroup{num: f.num, exact: exact, accounts: map[string]bool{}}
		f.groups[exact] = group
		f.fresh = append(f.fresh, group)
	}
	group.accounts[flag.Post.Key()] = true
	f.items = append(f.items, filled{num: f.num, in: in, group: group})
}

func (f *filler) flush(ctx context.Context) error {
	err := f.r.write(ctx, func(tx *database.Tx, stamp int64) error {
		if err := f.insertGroups(ctx, tx); err != nil {
			return err
		}
		for part := range slices.Chunk(f.items, fillRows) {
			if err := f.insertItems(ctx, tx, stamp, part); err != nil {
				return err
			}
		}
		return nil
	})
	f.items, f.fresh = f.items[:0], f.fresh[:0]
	return inWords("fill the queue", err)
}

func (f *filler) insertGroups(ctx context.Context, tx *database.Tx) error {
	for part := range slices.Chunk(f.fresh, fillRows) {
		var args []any
		for _, g := range part {
			args = append(args, g.num, int64(g.exact))
		}
		if _, err := tx.Exec(ctx, "INSERT INTO review_groups (num, exact, accounts) VALUES "+lines(len(part), "(?, ?, 1)"), args...); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) insertItems(ctx context.Context, tx *database.Tx, stamp int64, items []filled) error {
	var args, searched []any
	for _, i := range items {
		urgency := f.r.urgency(i.in.base, len(i.group.accounts)-1, database.Time(0), f.r.deps.Now())
		args = append(args, i.num, i.in.flag.Post.ID, string(Open), urgency, i.group.num, stamp)
		args = append(args, i.in.values()...)
		searched = append(searched, i.num, searchIndex(tx.Dialect(), i.in.words()))
	}
	_, err := tx.Exec(ctx, "INSERT INTO review_items (num, id, status, urgency, grp, changed, "+flagColumns+") VALUES "+
		lines(len(items), "("+database.Marks(6+flagColumnCount)+")"), args...)
	if err != nil {
		return err
	}
	line := "(?, ?)"
	if tx.Dialect() == database.Postgres {
		line = "(?, CAST(CAST(? AS TEXT) AS TSVECTOR))"
	}
	_, err = tx.Exec(ctx, "INSERT INTO review_search (rowid, words) VALUES "+lines(len(items), line), searched...)
	return err
}

func lines(n int, line string) string { return strings.TrimSuffix(strings.Repeat(line+",", n), ",") }

// finish counts the accounts of groups of more than one, lets the database
// number what comes from here on, and gather what its planner needs.
func (f *filler) finish(ctx context.Context) error {
	err := f.r.db.Write(ctx, func(tx *database.Tx) error {
		for _, g := range f.groups {
			if len(g.accounts) < 2 {
				continue
			}
			if _, err := tx.Exec(ctx, "UPDATE review_groups SET accounts = ? WHERE num = ?", len(g.accounts), g.num); err != nil {
				return err
			}
		}
		if tx.Dialect() != database.Postgres {
			return nil
		}
		for _, table := range []string{"review_items", "review_groups"} {
			if _, err := tx.Exec(ctx, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', 'num'), ?)", table), f.num+1); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = f.r.db.Exec(ctx, "ANALYZE")
	}
	return inWords("fill the queue", err)
}
