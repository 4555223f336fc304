package coordinated

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Filter chooses clusters; a zero field does not filter.
type Filter struct {
	// Grade chooses those of one grade, Since those that grew after a time.
	Grade Grade
	Since time.Time
}

// mostListed bounds how many clusters are looked at for a list.
const mostListed = 2000

// Clusters lists the clusters in which an account of the viewer's regions takes
// part, the highest rank first.
func (f *Finder) Clusters(ctx context.Context, viewer access.Viewer, filter Filter) ([]Cluster, error) {
	if !viewer.May(access.Read) {
		return nil, ErrNotFound
	}
	least, most := 0, 101
	if filter.Grade != "" {
		least = gradeFrom[filter.Grade]
		if at := slices.Index(Grades, filter.Grade); at > 0 {
			most = gradeFrom[Grades[at-1]]
		}
	}
	all, err := f.query(ctx, `WHERE merged_into = '' AND rank >= ? AND rank < ? AND last_at >= ? ORDER BY rank DESC, last_at DESC, id LIMIT ?`,
		least, most, max(0, filter.Since.UnixMilli()), mostListed)
	return slices.DeleteFunc(all, func(c Cluster) bool { return !c.seenBy(viewer) }), err
}

// Cluster returns a cluster, also under the id of one that was merged into it.
func (f *Finder) Cluster(ctx context.Context, viewer access.Viewer, id string) (Cluster, error) {
	var into string
	err := f.db.QueryRow(ctx, "SELECT merged_into FROM coordinated_clusters WHERE id = ?", id).Scan(&into)
	if errors.Is(err, sql.ErrNoRows) || !viewer.May(access.Read) {
		return Cluster{}, ErrNotFound
	}
	if err != nil {
		return Cluster{}, fmt.Errorf("read cluster: %w", err)
	}
	if into != "" {
		id = into
	}
	all, err := f.query(ctx, "WHERE id = ?", id)
	if err != nil {
		return Cluster{}, err
	}
	if len(all) == 0 || !all[0].seenBy(viewer) {
		return Cluster{}, ErrNotFound
	}
	return all[0], nil
}

// Items lists the flagged posts of a cluster in the viewer's regions, oldest
// first.
func (f *Finder) Items(ctx context.Context, viewer access.Viewer, cluster string) ([]Item, error) {
	rows, err := f.db.Query(ctx, "SELECT item, region, account, created_at FROM coordinated_items WHERE cluster = ? ORDER BY created_at, item", cluster)
	if err != nil {
		return nil, fmt.Errorf("read the flagged posts of a cluster: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Item
	for rows.Next() {
		var item Item
		var at int64
		if err := rows.Scan(&item.ID, &item.Region, &item.Account, &at); err != nil {
			return nil, fmt.Errorf("read the flagged posts of a cluster: %w", err)
		}
		if item.CreatedAt = database.Time(at); viewer.Sees(item.Region) {
			all = append(all, item)
		}
	}
	return all, rows.Err()
}

// ClustersOf lists the ids of the clusters that a flagged post is in.
func (f *Finder) ClustersOf(ctx context.Context, item string) ([]string, error) {
	rows, err := f.db.Query(ctx, "SELECT cluster FROM coordinated_items WHERE item = ? ORDER BY cluster", item)
	if err != nil {
		return nil, fmt.Errorf("look for the clusters of a post: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look for the clusters of a post: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// seenBy says whether an account of the viewer's regions takes part.
func (c *Cluster) seenBy(viewer access.Viewer) bool {
	return slices.ContainsFunc(c.Regions, func(s Share) bool { return viewer.Sees(s.Value) })
}

func (f *Finder) query(ctx context.Context, rest string, args ...any) ([]Cluster, error) {
	rows, err := f.db.Query(ctx, "SELECT id, first_at, last_at, found_at, updated_at, rank, accounts, posts, flagged, figures FROM coordinated_clusters "+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read clusters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Cluster
	for rows.Next() {
		var c Cluster
		var first, last, found, updated int64
		var figures string
		if err := rows.Scan(&c.ID, &first, &last, &found, &updated, &c.Rank, &c.Accounts, &c.Posts, &c.Flagged, &figures); err != nil {
			return nil, fmt.Errorf("read clusters: %w", err)
		}
		c.FirstAt, c.LastAt, c.FoundAt, c.UpdatedAt = database.Time(first), database.Time(last), database.Time(found), database.Time(updated)
		if err := json.Unmarshal([]byte(figures), &c.Figures); err != nil {
			return nil, fmt.Errorf("read cluster %s: %w", c.ID, err)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
