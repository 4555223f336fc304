package cases

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Filter says which cases are meant; the zero value is all.
type Filter struct {
	Status []Status
	// Region is a code, with the regions inside it.
	Region string
	// Person works on it; Account is "platform:account id".
	Person, Account string
	Kind            string
	// Held are those with a legal hold.
	Held bool
	// DueBefore are those whose legal clock runs and is over before it.
	DueBefore time.Time
	// Query are words that are all found in the number, the title, the handles,
	// the posts' ids, the notes and the reference.
	Query string
}

// Sort is the order of a list.
type Sort string

// The orders.
const (
	// ByDue has first what runs out next; what does not run is behind it.
	ByDue Sort = "due"
	// ByChanged has first what changed last.
	ByChanged Sort = "changed"
	// ByNumber has first what was opened last.
	ByNumber Sort = "number"
)

// Sorts lists the orders.
var Sorts = []Sort{ByDue, ByChanged, ByNumber}

var orders = map[Sort]string{
	ByDue:     " ORDER BY CASE WHEN c.status IN ('open', 'ready') THEN 0 ELSE 1 END, c.due_at, c.num",
	ByChanged: " ORDER BY c.changed_at DESC, c.num DESC",
	ByNumber:  " ORDER BY c.num DESC",
}

// MostListed bounds how many cases one List returns, mostTerms how many words a
// query has.
const (
	MostListed = 500
	mostTerms  = 12
)

// List returns cases that the viewer may see, from an offset on.
func (c *Cases) List(ctx context.Context, viewer access.Viewer, filter Filter, sort Sort, offset, limit int) ([]Case, error) {
	order, known := orders[sort]
	switch {
	case !viewer.May(access.Read):
		return nil, ErrForbidden
	case !known:
		return nil, invalid("sort", sort, Sorts)
	}
	where, args, err := c.where(viewer, &filter)
	if err != nil {
		return nil, err
	}
	found, err := queryCases(ctx, c.db, where+order+" LIMIT ? OFFSET ?", append(args, min(max(limit, 0), MostListed), max(offset, 0))...)
	if err != nil {
		return nil, err
	}
	shown := make([]Case, len(found))
	for i, r := range found {
		shown[i] = r.show(viewer)
	}
	return shown, nil
}

// Case returns a case by its id or number.
func (c *Cases) Case(ctx context.Context, viewer access.Viewer, id string) (Case, error) {
	r, err := c.find(ctx, c.db, viewer, id)
	if err != nil {
		return Case{}, err
	}
	return r.show(viewer), nil
}

// Counts are how many cases there are.
type Counts struct {
	// Status counts by status, whatever the filter says of that.
	Status map[Status]int
	// Total is what the filter finds; Mine, Overdue and Pressing are of the cases
	// that the filter finds but for its status, person and deadline.
	Total, Mine, Overdue, Pressing int
	// Regions are the provinces and regencies of the cases that the viewer may see,
	// People who works on them: what can be filtered by.
	Regions, People []string
}

// Counts counts the cases that the viewer may see.
func (c *Cases) Counts(ctx context.Context, viewer access.Viewer, filter Filter) (Counts, error) {
	counts := Counts{Status: map[Status]int{}}
	if !viewer.May(access.Read) {
		return counts, ErrForbidden
	}
	total, args, err := c.where(viewer, &filter)
	if err != nil {
		return counts, err
	}
	if err := c.db.QueryRow(ctx, "SELECT count(*) FROM cases c "+total, args...).Scan(&counts.Total); err != nil {
		return counts, doing("count the cases", err)
	}
	wide := filter
	wide.Status = nil
	if err := c.countStatus(ctx, viewer, wide, &counts); err != nil {
		return counts, err
	}
	wide.Person, wide.DueBefore = "", time.Time{}
	if err := c.countWork(ctx, viewer, wide, &counts); err != nil {
		return counts, err
	}
	return counts, c.countChoices(ctx, viewer, &counts)
}

func (c *Cases) countStatus(ctx context.Context, viewer access.Viewer, filter Filter, counts *Counts) error {
	where, args, err := c.where(viewer, &filter)
	if err != nil {
		return err
	}
	_, err = queryRows(ctx, c.db, func(rows *sql.Rows) (any, error) {
		var status Status
		var n int
		err := rows.Scan(&status, &n)
		counts.Status[status] = n
		return nil, err
	}, "SELECT c.status, count(*) FROM cases c "+where+" GROUP BY c.status", args...)
	return doing("count the cases", err)
}

func (c *Cases) countWork(ctx context.Context, viewer access.Viewer, filter Filter, counts *Counts) error {
	filter.Status = Waiting
	where, args, err := c.where(viewer, &filter)
	if err != nil {
		return err
	}
	now := c.now()
	var mine, overdue, pressing sql.NullInt64
	err = c.db.QueryRow(ctx, `SELECT sum(CASE WHEN EXISTS (SELECT 1 FROM case_people p WHERE p.case_num = c.num AND p.name = ?) THEN 1 ELSE 0 END),
		sum(CASE WHEN c.due_at < ? THEN 1 ELSE 0 END), sum(CASE WHEN c.due_at < ? THEN 1 ELSE 0 END) FROM cases c `+where,
		append([]any{viewer.Name, now.UnixMilli(), c.PressingFrom(now).UnixMilli()}, args...)...).Scan(&mine, &overdue, &pressing)
	counts.Mine, counts.Overdue, counts.Pressing = int(mine.Int64), int(overdue.Int64), int(pressing.Int64)
	return doing("count the cases", err)
}

// PressingFrom is the time before which a case must be due to be pressing.
func (c *Cases) PressingFrom(now time.Time) time.Time { return now.AddDate(0, 0, c.cfg.Pressing+1) }

func (c *Cases) countChoices(ctx context.Context, viewer access.Viewer, counts *Counts) error {
	where, args, err := c.where(viewer, &Filter{})
	if err != nil {
		return err
	}
	text := func(rows *sql.Rows) (string, error) {
		var s string
		err := rows.Scan(&s)
		return s, err
	}
	regions, err := queryRows(ctx, c.db, text, "SELECT DISTINCT region FROM case_posts WHERE removed_at = 0 AND region <> '' AND case_num IN (SELECT c.num FROM cases c "+where+")", args...)
	if err != nil {
		return doing("list the regions of cases", err)
	}
	for _, region := range regions {
		province, _, _ := strings.Cut(region, ".")
		for _, code := range []string{province, region} {
			if viewer.Sees(code) && !slices.Contains(counts.Regions, code) {
				counts.Regions = append(counts.Regions, code)
			}
		}
	}
	slices.Sort(counts.Regions)
	counts.People, err = queryRows(ctx, c.db, text, "SELECT DISTINCT name FROM case_people WHERE case_num IN (SELECT c.num FROM cases c "+where+") ORDER BY name", args...)
	return doing("list the people of cases", err)
}

// where is the condition of a filter and a viewer's regions.
func (c *Cases) where(viewer access.Viewer, f *Filter) (string, []any, error) {
	var conditions []string
	var args []any
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	within := func(regions []string) {
		either, values := make([]string, len(regions)), make([]any, 0, 2*len(regions))
		for i, region := range regions {
			either[i] = "p.region = ? OR p.region LIKE ? ESCAPE '!'"
			values = append(values, region, strings.TrimPrefix(like(region+"."), "%"))
		}
		add("EXISTS (SELECT 1 FROM case_posts p WHERE p.case_num = c.num AND p.removed_at = 0 AND ("+strings.Join(either, " OR ")+"))", values...)
	}
	if len(viewer.Regions) > 0 {
		within(viewer.Regions)
	}
	if f.Region != "" {
		within([]string{f.Region})
	}
	if len(f.Status) > 0 {
		for _, status := range f.Status {
			if !slices.Contains(Statuses, status) {
				return "", nil, invalid("status", status, Statuses)
			}
		}
		add("c.status IN ("+database.Marks(len(f.Status))+")", words(f.Status)...)
	}
	if f.Kind != "" {
		add("c.kind = ?", f.Kind)
	}
	if f.Person != "" {
		add("EXISTS (SELECT 1 FROM case_people p WHERE p.case_num = c.num AND p.name = ?)", f.Person)
	}
	if f.Account != "" {
		add("EXISTS (SELECT 1 FROM case_posts p WHERE p.case_num = c.num AND p.removed_at = 0 AND p.account = ?)", f.Account)
	}
	if f.Held {
		add("c.hold <> ''")
	}
	if !f.DueBefore.IsZero() {
		add("c.status IN ('open', 'ready') AND c.due_at < ?", f.DueBefore.UnixMilli())
	}
	terms := strings.Fields(clean(f.Query))
	for _, term := range terms[:min(len(terms), mostTerms)] {
		add("c.search LIKE ? ESCAPE '!'", like(term))
	}
	if len(conditions) == 0 {
		return "", nil, nil
	}
	return "WHERE " + strings.Join(conditions, " AND "), args, nil
}

func words(statuses []Status) []any {
	all := make([]any, len(statuses))
	for i, status := range statuses {
		all[i] = string(status)
	}
	return all
}
