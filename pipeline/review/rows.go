package review

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// row is an item as the database has it.
type row struct {
	Item
	num     int64
	group   int64
	base    int64
	firstBy string
	edition int64
}

// pair is a label of a verdict with its contestant.
type pair [2]string

const itemColumns = `i.num, i.id, i.pairs, i.score, i.rules, i.account, i.handle, i.person_id, i.region, i.agency, i.platform,
	i.language, i.lists, i.excerpt, i.created_at, i.flagged_at, i.status, i.urgency, i.base, i.grp, g.accounts, i.opened_at,
	i.due_at, i.holder, i.held_until, i.assignee, i.decided_at, i.edited_at, i.first_by, i.edition, i.revision`

const itemsFrom = " FROM review_items i JOIN review_groups g ON g.num = i.grp "

func scanItem(rows *sql.Rows) (*row, error) {
	var (
		i                                                         row
		pairs, rules                                              string
		created, flagged, opened, due, heldUntil, decided, edited int64
		accounts                                                  int
	)
	err := rows.Scan(&i.num, &i.ID, &pairs, &i.Score, &rules, &i.Account, &i.Handle, &i.PersonID, &i.Region, &i.Agency, &i.Platform,
		&i.Language, &i.Lists, &i.Excerpt, &created, &flagged, &i.Status, &i.Urgency, &i.base, &i.group, &accounts, &opened,
		&due, &i.Holder, &heldUntil, &i.Assignee, &decided, &edited, &i.firstBy, &i.edition, &i.Revision)
	if err != nil {
		return nil, err
	}
	i.CreatedAt, i.FlaggedAt, i.OpenedAt, i.Due = database.Time(created), database.Time(flagged), database.Time(opened), database.Time(due)
	i.HeldUntil, i.Decided, i.Edited = database.Time(heldUntil), database.Time(decided), database.Time(edited)
	i.Copies, i.Group = max(0, accounts-1), fmt.Sprint(i.group)
	for _, p := range parsePairs(pairs) {
		if label := post.Label(p[0]); !slices.Contains(i.Labels, label) {
			i.Labels = append(i.Labels, label)
		}
		if p[1] != "" && !slices.Contains(i.Contestants, p[1]) {
			i.Contestants = append(i.Contestants, p[1])
		}
	}
	i.Rules = parseList(rules)
	return &i, nil
}

func queryItems(ctx context.Context, db database.Querier, rest string, args ...any) ([]*row, error) {
	rows, err := db.Query(ctx, "SELECT "+itemColumns+itemsFrom+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var items []*row
	for rows.Next() {
		item, err := scanItem(rows)
		if err != nil {
			return nil, fmt.Errorf("read items: %w", err)
		}
		items = append(items, item)
	}
	return items, inWords("read items", rows.Err())
}

// itemByID returns an item, or ErrNotFound also where the viewer may not see it.
func itemByID(ctx context.Context, db database.Querier, viewer access.Viewer, id string) (*row, error) {
	items, err := queryItems(ctx, db, "WHERE i.id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 || !viewer.Sees(items[0].Region) {
		return nil, ErrNotFound
	}
	return items[0], nil
}

// itemsByNum returns the items that there are of these, in their order.
func itemsByNum(ctx context.Context, db database.Querier, nums []int64) ([]*row, error) {
	if len(nums) == 0 {
		return nil, nil
	}
	items, err := queryItems(ctx, db, "WHERE i.num IN ("+database.Marks(len(nums))+")", database.Arguments(nums)...)
	if err != nil {
		return nil, err
	}
	place := make(map[int64]int, len(nums))
	for i, num := range nums {
		place[num] = i
	}
	slices.SortFunc(items, func(a, b *row) int { return cmp.Compare(place[a.num], place[b.num]) })
	return items, nil
}

// itemOf is a row for people: a lock that is over is none.
func (r *Review) itemOf(i *row) Item {
	item := i.Item
	if !item.HeldUntil.After(r.deps.Now()) {
		item.Holder, item.HeldUntil = "", time.Time{}
	}
	return item
}

func (r *Review) itemsOf(rows []*row) []Item {
	items := make([]Item, len(rows))
	for i := range rows {
		items[i] = r.itemOf(rows[i])
	}
	return items
}

// pairsOf are the labels and contestants of a verdict, the highest score first.
func pairsOf(verdict *post.Verdict) []pair {
	labels := slices.Clone(verdict.Labels)
	slices.SortStableFunc(labels, func(a, b post.LabelScore) int { return cmp.Compare(b.Score, a.Score) })
	var pairs []pair
	for _, l := range labels {
		if p := (pair{clean(string(l.Label)), clean(l.Contestant)}); !slices.Contains(pairs, p) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

func rulesOf(verdict *post.Verdict) []string {
	var rules []string
	for _, label := range verdict.Labels {
		for _, reason := range label.Reasons {
			if source := clean(reason.Source); source != "" && !slices.Contains(rules, source) {
				rules = append(rules, source)
			}
		}
	}
	slices.Sort(rules)
	return rules
}

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // lists of strings can always be written
	}
	return string(data)
}

func parsePairs(s string) []pair {
	var pairs []pair
	_ = json.Unmarshal([]byte(s), &pairs) // the column holds what toJSON wrote
	return pairs
}

func parseList(s string) []string {
	var list []string
	_ = json.Unmarshal([]byte(s), &list) // as above
	return list
}

// clean makes a text that both databases take: valid UTF-8 without NUL, and
// without the sign by which the board separates values.
func clean(s string) string {
	return unclean.Replace(strings.ToValidUTF8(s, "\ufffd"))
}

var unclean = strings.NewReplacer("\x00", "", boardSeparator, " ")
