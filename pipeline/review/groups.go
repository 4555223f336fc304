package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/similar"
)

// groupPlace is the group of an item, with how many other accounts are in it.
type groupPlace struct {
	num    int64
	copies int
}

// mostCandidates bounds how many groups a text is compared with.
const mostCandidates = 32

// groupOf finds the group of nearly the same texts that an incoming flag belongs
// to, or makes one, and counts the flag's account in it. Posts about other
// contestants are in other groups, however like their texts.
func (r *Review) groupOf(ctx context.Context, tx *database.Tx, stamp int64, in *incoming) (groupPlace, error) {
	p := &in.flag.Post
	f := r.fingerprint.Read(p.Text + "\n" + p.Quoted)
	about := contestantsSum(in.pairs)
	if f.Exact != 0 {
		f.Exact ^= about
	}
	for i := range f.Bands {
		f.Bands[i] ^= about
	}
	group, err := findGroup(ctx, tx, &f)
	if err != nil {
		return groupPlace{}, fmt.Errorf("look for near-duplicates: %w", err)
	}
	if group == 0 {
		group, err = newGroup(ctx, tx, &f)
		return groupPlace{num: group}, inWords("keep what a text is compared by", err)
	}
	return r.join(ctx, tx, stamp, group, clean(p.Key()))
}

// contestantsSum is a hash of whom a verdict means.
func contestantsSum(pairs string) uint64 {
	var ids []string
	for _, p := range parsePairs(pairs) {
		if p[1] != "" {
			ids = append(ids, p[1])
		}
	}
	return sumOfSet(ids)
}

func sumOfSet(values []string) uint64 {
	sorted := slices.Sorted(slices.Values(values))
	return uint64(sumOf(slices.Compact(sorted)...))
}

func findGroup(ctx context.Context, tx *database.Tx, f *similar.Fingerprint) (int64, error) {
	if f.Exact == 0 {
		return 0, nil
	}
	nums, err := queryNums(ctx, tx, "SELECT num FROM review_groups WHERE exact = ? ORDER BY num LIMIT 1", int64(f.Exact))
	if err != nil || len(nums) > 0 {
		return append(nums, 0)[0], err
	}
	if len(f.Bands) == 0 {
		return 0, nil
	}
	args := make([]any, len(f.Bands), len(f.Bands)+1)
	for i, band := range f.Bands {
		args[i] = int64(band)
	}
	candidates, err := queryNums(ctx, tx, "SELECT grp FROM review_bands WHERE band IN ("+database.Marks(len(args))+
		") GROUP BY grp ORDER BY count(*) DESC, grp LIMIT ?", append(args, mostCandidates)...)
	if err != nil {
		return 0, err
	}
	best, nearest := int64(0), similar.Near
	for _, candidate := range candidates {
		var signature []byte
		if err := tx.QueryRow(ctx, "SELECT signature FROM review_groups WHERE num = ?", candidate).Scan(&signature); err != nil {
			return 0, err
		}
		if s := similar.Similarity(f.Signature, signature); s > nearest || s == nearest && best == 0 {
			best, nearest = candidate, s
		}
	}
	return best, nil
}

func queryNums(ctx context.Context, db database.Querier, query string, args ...any) ([]int64, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var nums []int64
	for rows.Next() {
		var num int64
		if err := rows.Scan(&num); err != nil {
			return nil, err
		}
		nums = append(nums, num)
	}
	return nums, rows.Err()
}

func newGroup(ctx context.Context, tx *database.Tx, f *similar.Fingerprint) (int64, error) {
	var num int64
	err := tx.QueryRow(ctx, "INSERT INTO review_groups (exact, signature, accounts) VALUES (?, ?, 1) RETURNING num", int64(f.Exact), f.Signature).Scan(&num)
	if err != nil {
		return 0, err
	}
	if len(f.Bands) == 0 {
		return num, nil
	}
	var args []any
	for _, band := range f.Bands {
		args = append(args, int64(band), num)
	}
	_, err = tx.Exec(ctx, "INSERT INTO review_bands (band, grp) VALUES "+lines(len(f.Bands), "(?, ?)")+" ON CONFLICT DO NOTHING", args...)
	return num, err
}

// join counts an account in a group.
func (r *Review) join(ctx context.Context, tx *database.Tx, stamp int64, group int64, account string) (groupPlace, error) {
	var accounts int
	if err := tx.QueryRow(ctx, "SELECT accounts FROM review_groups WHERE num = ?", group).Scan(&accounts); err != nil {
		return groupPlace{}, err
	}
	there, err := queryNums(ctx, tx, "SELECT num FROM review_items WHERE grp = ? AND account = ? LIMIT 1", group, account)
	if err != nil {
		return groupPlace{}, err
	}
	if len(there) == 0 {
		accounts++
		if err := r.setAccounts(ctx, tx, stamp, group, accounts-1, accounts); err != nil {
			return groupPlace{}, err
		}
	}
	return groupPlace{num: group, copies: max(0, accounts-1)}, nil
}

// recount counts the accounts of a group that an item has left.
func (r *Review) recount(ctx context.Context, tx *database.Tx, stamp int64, group int64) error {
	var before, after int
	err := tx.QueryRow(ctx, "SELECT accounts, (SELECT count(DISTINCT account) FROM review_items WHERE grp = review_groups.num) FROM review_groups WHERE num = ?",
		group).Scan(&before, &after)
	if err != nil || before == after {
		return err
	}
	return r.setAccounts(ctx, tx, stamp, group, before, after)
}

// setAccounts keeps a group's number of accounts. Where the step of copies is
// another by that, so is the urgency of all items in the group.
func (r *Review) setAccounts(ctx context.Context, tx *database.Tx, stamp int64, group int64, before, after int) error {
	if _, err := tx.Exec(ctx, "UPDATE review_groups SET accounts = ? WHERE num = ?", after, group); err != nil {
		return err
	}
	more := copiesUrgency(after-1) - copiesUrgency(before-1)
	if more == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, "UPDATE review_items SET urgency = urgency + ?, changed = ? WHERE grp = ?", more, stamp, group)
	return err
}
