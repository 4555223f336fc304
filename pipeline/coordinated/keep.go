package coordinated

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
)

// place is a cluster on its way into the database.
type place struct {
	id          string
	found       time.Time
	first, last time.Time
	turns       uint32
	signature   []byte
	exact       []uint64
	// posts is how many it had, merged are those that turned out to be part of it.
	posts  int
	merged []string
	isNew  bool
}

// settle finds the cluster of each session, or makes one, and returns those that
// have changed.
func (f *Finder) settle(ctx context.Context, found []session) ([]*place, error) {
	first, last := found[0].first(), found[0].last()
	for i := range found {
		first, last = earlier(first, found[i].first()), later(last, found[i].last())
	}
	known, err := f.placesBetween(ctx, first.Add(-f.cfg.Window), last.Add(f.cfg.Window))
	if err != nil {
		return nil, err
	}
	changed := map[*place]bool{}
	var order []*place
	for i := range found {
		s := &found[i]
		p := f.placeOf(s, &known)
		if !changed[p] {
			changed[p], order = true, append(order, p)
		}
		p.take(s)
	}
	return slices.DeleteFunc(order, func(p *place) bool { return p.id == "" }), nil
}

// placeOf finds the known cluster to which a session belongs. Where several fit,
// they are one: the oldest takes the others over.
func (f *Finder) placeOf(s *session, known *[]*place) *place {
	var fitting []*place
	for _, p := range *known {
		if p.id != "" && f.fits(p, s) {
			fitting = append(fitting, p)
		}
	}
	if len(fitting) == 0 {
		p := &place{
			id: uuid.NewString(), found: f.deps.Now(), first: s.first(), last: s.last(), turns: s.family.leader.Turns,
			signature: []byte(s.family.leader.Signature), isNew: true,
		}
		*known = append(*known, p)
		return p
	}
	slices.SortStableFunc(fitting, func(a, b *place) int { return a.found.Compare(b.found) })
	p := fitting[0]
	for _, other := range fitting[1:] {
		p.first, p.last = earlier(p.first, other.first), later(p.last, other.last)
		p.exact, p.posts = append(p.exact, other.exact...), p.posts+other.posts
		p.merged = append(append(p.merged, other.merged...), other.id)
		other.id = ""
	}
	return p
}

// fits says whether a session is part of a cluster: close in time, of the same
// numbers and negations, and with a text that the cluster has or whose leader is
// near the cluster's.
func (f *Finder) fits(p *place, s *session) bool {
	if s.first().After(p.last.Add(f.cfg.Window)) || s.last().Before(p.first.Add(-f.cfg.Window)) ||
		s.first().After(p.first.Add(f.cfg.Longest)) || p.turns != s.family.leader.Turns {
		return false
	}
	alike := sketch.SimilarityOf(p.signature, []byte(s.family.leader.Signature))
	if alike >= f.cfg.Similarity {
		return true
	}
	has := slices.ContainsFunc(s.family.forms, func(form *store.SketchForm) bool { return slices.Contains(p.exact, form.Exact) })
	return has && (sketch.Empty(p.signature) || alike >= f.cfg.Similarity-looser)
}

func (p *place) take(s *session) {
	p.first, p.last = earlier(p.first, s.first()), later(p.last, s.last())
	for _, form := range s.family.forms {
		p.exact = append(p.exact, form.Exact)
	}
	slices.Sort(p.exact)
	p.exact = slices.Compact(p.exact)
}

// placesBetween reads the clusters that touch a period.
func (f *Finder) placesBetween(ctx context.Context, from, until time.Time) ([]*place, error) {
	return f.readPlaces(ctx, "last_at >= ? AND first_at <= ?", from.UnixMilli(), until.UnixMilli())
}

func (f *Finder) readPlaces(ctx context.Context, where string, args ...any) ([]*place, error) {
	rows, err := f.db.Query(ctx, "SELECT id, found_at, first_at, last_at, turns, signature, posts FROM coordinated_clusters WHERE merged_into = '' AND "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read clusters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var places []*place
	byID := map[string]*place{}
	for rows.Next() {
		var p place
		var found, first, last, turns int64
		if err := rows.Scan(&p.id, &found, &first, &last, &turns, &p.signature, &p.posts); err != nil {
			return nil, fmt.Errorf("read clusters: %w", err)
		}
		p.found, p.first, p.last, p.turns = database.Time(found), database.Time(first), database.Time(last), uint32(turns) //nolint:gosec // as it was kept
		places, byID[p.id] = append(places, &p), &p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read clusters: %w", err)
	}
	return places, f.readForms(ctx, byID, where, args)
}

func (f *Finder) readForms(ctx context.Context, byID map[string]*place, where string, args []any) error {
	rows, err := f.db.Query(ctx, `SELECT cluster, exact FROM coordinated_forms
		WHERE cluster IN (SELECT id FROM coordinated_clusters WHERE merged_into = '' AND `+where+`)`, args...)
	if err != nil {
		return fmt.Errorf("read the texts of clusters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		var exact int64
		if err := rows.Scan(&id, &exact); err != nil {
			return fmt.Errorf("read the texts of clusters: %w", err)
		}
		if p := byID[id]; p != nil {
			p.exact = append(p.exact, uint64(exact)) //nolint:gosec // as it was kept
		}
	}
	return rows.Err()
}

// keep counts a cluster's posts and keeps all of it. Sketches go after a while:
// what was counted before they did stays.
func (f *Finder) keep(ctx context.Context, p *place, posts []store.SketchedPost, flags map[uint64]store.PlacedFlag) error {
	now := f.deps.Now()
	if len(posts) == 0 || len(posts) < p.posts && p.first.Add(f.cfg.Keep).Before(now) {
		return nil
	}
	c := Cluster{ID: p.id}
	items := tally(&c, posts, flags)
	figures, err := json.Marshal(c.Figures)
	if err != nil {
		return err
	}
	err = f.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO coordinated_clusters (id, first_at, last_at, found_at, updated_at, rank, accounts, posts, flagged, turns, signature, figures)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, updated_at = excluded.updated_at, rank = excluded.rank,
				accounts = excluded.accounts, posts = excluded.posts, flagged = excluded.flagged, figures = excluded.figures`,
			c.ID, c.FirstAt.UnixMilli(), c.LastAt.UnixMilli(), p.found.UnixMilli(), now.UnixMilli(), c.Rank, c.Accounts, c.Posts, c.Flagged,
			int64(p.turns), p.signature, string(figures))
		if err != nil {
			return err
		}
		if err := mergeInto(ctx, tx, p); err != nil {
			return err
		}
		if err := keepForms(ctx, tx, p); err != nil {
			return err
		}
		return keepItems(ctx, tx, p.id, items)
	})
	if err != nil {
		return fmt.Errorf("keep cluster %s: %w", p.id, err)
	}
	if p.isNew {
		f.metrics.found.Inc()
	}
	return nil
}

func mergeInto(ctx context.Context, tx *database.Tx, p *place) error {
	for _, id := range p.merged {
		for _, statement := range []string{
			"UPDATE coordinated_clusters SET merged_into = ? WHERE id = ? OR merged_into = ?",
		} {
			if _, err := tx.Exec(ctx, statement, p.id, id, id); err != nil {
				return err
			}
		}
		for _, statement := range []string{"DELETE FROM coordinated_forms WHERE cluster = ?", "DELETE FROM coordinated_items WHERE cluster = ?"} {
			if _, err := tx.Exec(ctx, statement, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsAtOnce is how many rows one statement inserts.
const rowsAtOnce = 200

func keepForms(ctx context.Context, tx *database.Tx, p *place) error {
	for some := range slices.Chunk(p.exact, rowsAtOnce) {
		args := make([]any, 0, 2*len(some))
		for _, exact := range some {
			args = append(args, p.id, int64(exact)) //nolint:gosec // its bits
		}
		if err := insertRows(ctx, tx, "INSERT INTO coordinated_forms (cluster, exact) VALUES ", "(?, ?)", len(some), args); err != nil {
			return err
		}
	}
	return nil
}

func keepItems(ctx context.Context, tx *database.Tx, cluster string, items []Item) error {
	if _, err := tx.Exec(ctx, "DELETE FROM coordinated_items WHERE cluster = ?", cluster); err != nil {
		return err
	}
	for some := range slices.Chunk(items, rowsAtOnce) {
		args := make([]any, 0, 5*len(some))
		for _, item := range some {
			args = append(args, cluster, item.ID, item.Region, item.Account, item.CreatedAt.UnixMilli())
		}
		err := insertRows(ctx, tx, "INSERT INTO coordinated_items (cluster, item, region, account, created_at) VALUES ", "(?, ?, ?, ?, ?)", len(some), args)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertRows(ctx context.Context, tx *database.Tx, statement, row string, n int, args []any) error {
	_, err := tx.Exec(ctx, statement+strings.TrimSuffix(strings.Repeat(row+", ", n), ", ")+" ON CONFLICT DO NOTHING", args...)
	return err
}

// refresh counts clusters again that grew lately.
func (f *Finder) refresh(ctx context.Context) error {
	now := f.deps.Now()
	places, err := f.readPlaces(ctx, "last_at >= ? AND updated_at < ?", now.Add(-refreshFor).UnixMilli(), now.Add(-refreshAfter).UnixMilli())
	if err != nil {
		return err
	}
	return f.count(ctx, places[:min(len(places), mostRefreshed)])
}

// forget removes the texts' hashes of clusters whose sketches are gone, and the
// clusters without any flagged post.
func (f *Finder) forget(ctx context.Context) error {
	gone := f.deps.Now().Add(-f.cfg.Keep - f.cfg.Longest).UnixMilli()
	return f.db.Write(ctx, func(tx *database.Tx) error {
		for _, statement := range []string{
			"DELETE FROM coordinated_forms WHERE cluster IN (SELECT id FROM coordinated_clusters WHERE last_at < ?)",
			"DELETE FROM coordinated_clusters WHERE last_at < ? AND id NOT IN (SELECT cluster FROM coordinated_items)",
		} {
			if _, err := tx.Exec(ctx, statement, gone); err != nil {
				return fmt.Errorf("forget old clusters: %w", err)
			}
		}
		return nil
	})
}

// measure sets the gauges.
func (f *Finder) measure(ctx context.Context) error {
	rows, err := f.db.Query(ctx, "SELECT rank FROM coordinated_clusters WHERE merged_into = '' AND last_at >= ?", f.deps.Now().Add(-24*time.Hour).UnixMilli())
	if err != nil {
		return fmt.Errorf("count clusters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[Grade]int{}
	for rows.Next() {
		var rank int
		if err := rows.Scan(&rank); err != nil {
			return fmt.Errorf("count clusters: %w", err)
		}
		counts[GradeOf(rank)]++
	}
	for _, grade := range Grades {
		f.metrics.clusters.WithLabelValues(string(grade)).Set(float64(counts[grade]))
	}
	return rows.Err()
}
