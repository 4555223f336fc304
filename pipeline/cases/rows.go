package cases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// row is a case as the database has it, with all its posts.
type row struct {
	Case
	num    int64
	search string
	links  []Link
}

const caseColumns = `c.num, c.id, c.number, c.title, c.kind, c.status, c.known_at, c.due_at, c.receiver, c.reference, c.handed_at,
	c.closed_at, c.outcome, c.hold, c.created_at, c.created_by, c.changed_at, c.revision, c.search`

func scanCase(rows *sql.Rows) (*row, error) {
	var (
		r                                            row
		known, due, handed, closed, created, changed int64
	)
	err := rows.Scan(&r.num, &r.ID, &r.Number, &r.Title, &r.Kind, &r.Status, &known, &due, &r.Receiver, &r.Reference, &handed,
		&closed, &r.Outcome, &r.Hold, &created, &r.CreatedBy, &changed, &r.Revision, &r.search)
	r.KnownAt, r.Due, r.HandedAt, r.ClosedAt = database.Time(known), database.Time(due), database.Time(handed), database.Time(closed)
	r.CreatedAt, r.ChangedAt = database.Time(created), database.Time(changed)
	return &r, err
}

// queryCases reads cases with their posts and people.
func queryCases(ctx context.Context, db database.Querier, rest string, args ...any) ([]*row, error) {
	found, err := queryRows(ctx, db, scanCase, "SELECT "+caseColumns+" FROM cases c "+rest, args...)
	if err != nil || len(found) == 0 {
		return found, doing("read cases", err)
	}
	byNum, nums := make(map[int64]*row, len(found)), make([]any, len(found))
	for i, r := range found {
		byNum[r.num], nums[i] = r, r.num
	}
	in := " WHERE case_num IN (" + database.Marks(len(nums)) + ") ORDER BY num"
	_, err = queryRows(ctx, db, func(rows *sql.Rows) (any, error) { return nil, scanLink(rows, byNum) }, "SELECT "+linkColumns+" FROM case_posts"+in, nums...)
	if err != nil {
		return nil, doing("read the posts of cases", err)
	}
	_, err = queryRows(ctx, db, func(rows *sql.Rows) (any, error) {
		var num int64
		var name string
		err := rows.Scan(&num, &name)
		if err == nil {
			byNum[num].People = append(byNum[num].People, name)
		}
		return nil, err
	}, "SELECT case_num, name FROM case_people"+in, nums...)
	if err != nil {
		return nil, doing("read the people of cases", err)
	}
	for _, r := range found {
		r.gather()
	}
	return found, nil
}

const linkColumns = "case_num, post, region, account, handle, person_id, known_at, added_at, added_by, removed_at, removed_by, reason"

func scanLink(rows *sql.Rows, byNum map[int64]*row) error {
	var (
		num                   int64
		l                     Link
		known, added, removed int64
	)
	err := rows.Scan(&num, &l.Post, &l.Region, &l.Account, &l.Handle, &l.PersonID, &known, &added, &l.AddedBy, &removed, &l.RemovedBy, &l.Reason)
	if err != nil {
		return err
	}
	l.KnownAt, l.AddedAt, l.RemovedAt = database.Time(known), database.Time(added), database.Time(removed)
	byNum[num].links = append(byNum[num].links, l)
	return nil
}

// gather fills in what follows from the posts.
func (r *row) gather() {
	r.Posts, r.Regions = nil, nil
	for _, l := range r.links {
		if !l.RemovedAt.IsZero() {
			continue
		}
		r.Posts = append(r.Posts, l.Post)
		if !slices.Contains(r.Regions, l.Region) {
			r.Regions = append(r.Regions, l.Region)
		}
	}
}

// seen says whether the viewer may see the case.
func (r *row) seen(viewer access.Viewer) bool {
	return len(viewer.Regions) == 0 || slices.ContainsFunc(r.Regions, viewer.Sees)
}

// show is the case for a viewer: without the posts of regions that he or she
// does not see.
func (r *row) show(viewer access.Viewer) Case {
	shown := r.Case
	shown.Posts = nil
	for _, l := range r.links {
		switch {
		case !l.RemovedAt.IsZero():
		case viewer.Sees(l.Region):
			shown.Posts = append(shown.Posts, l.Post)
		default:
			shown.Hidden++
		}
	}
	return shown
}

// find returns a case by its id or number, or ErrNotFound also where the viewer
// may not see it.
func (c *Cases) find(ctx context.Context, db database.Querier, viewer access.Viewer, id string) (*row, error) {
	if !viewer.May(access.Read) {
		return nil, ErrForbidden
	}
	found, err := queryCases(ctx, db, "WHERE c.id = ? OR c.number = ?", id, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !found[0].seen(viewer) {
		return nil, ErrNotFound
	}
	return found[0], nil
}

// save writes down what may change of a case.
func (r *row) save(ctx context.Context, tx *database.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE cases SET title = ?, status = ?, known_at = ?, due_at = ?, receiver = ?, reference = ?, handed_at = ?,
		closed_at = ?, outcome = ?, hold = ?, changed_at = ?, revision = ?, search = ? WHERE num = ?`,
		r.Title, string(r.Status), database.Milliseconds(r.KnownAt), database.Milliseconds(r.Due), r.Receiver, r.Reference, database.Milliseconds(r.HandedAt),
		database.Milliseconds(r.ClosedAt), string(r.Outcome), r.Hold, database.Milliseconds(r.ChangedAt), r.Revision, r.search, r.num)
	return doing("write down case "+r.Number, err)
}

func queryRows[T any](ctx context.Context, db database.Querier, scan func(*sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read a row: %w", err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
