package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// mostSaved bounds the filters of one person, and mostFilterName the letters of
// a filter's name.
const (
	mostSaved      = 100
	mostFilterName = 80
)

// SaveFilter keeps a filter under a name; one of the same name and owner is
// replaced.
func (r *Review) SaveFilter(ctx context.Context, viewer access.Viewer, saved SavedFilter) (SavedFilter, error) {
	if !viewer.May(access.Read) || viewer.Name == "" {
		return SavedFilter{}, ErrForbidden
	}
	saved.Owner, saved.Name = viewer.Name, strings.Join(strings.Fields(clean(saved.Name)), " ")
	if n := utf8.RuneCountInString(saved.Name); n < 1 || n > mostFilterName {
		return SavedFilter{}, invalid("name", saved.Name, fmt.Sprintf("1 to %d letters", mostFilterName))
	}
	if saved.Sort == "" {
		saved.Sort = ByUrgency
	}
	if !slices.Contains(Sorts, saved.Sort) {
		return SavedFilter{}, invalid("sort", saved.Sort, Sorts)
	}
	for _, s := range saved.Filter.Status {
		if !slices.Contains(allStatuses, s) {
			return SavedFilter{}, invalid("status", s, allStatuses)
		}
	}
	data, err := json.Marshal(saved.Filter)
	if err != nil {
		return SavedFilter{}, fmt.Errorf("save a filter: %w", err)
	}
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		var others int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM review_filters WHERE owner = ? AND name <> ?", saved.Owner, saved.Name).Scan(&others); err != nil {
			return err
		}
		if others >= mostSaved {
			return invalid("filters", others+1, fmt.Sprintf("up to %d a person", mostSaved))
		}
		return tx.QueryRow(ctx, `INSERT INTO review_filters (owner, name, shared, filter, sort) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (owner, name) DO UPDATE SET shared = excluded.shared, filter = excluded.filter, sort = excluded.sort RETURNING id`,
			saved.Owner, saved.Name, boolean(saved.Shared), clean(string(data)), string(saved.Sort)).Scan(&saved.ID)
	})
	if err != nil {
		return SavedFilter{}, fmt.Errorf("save a filter: %w", err)
	}
	return saved, nil
}

// SavedFilters lists the viewer's filters and those that others share, by name.
// A filter shows each viewer only what his or her own rights allow.
func (r *Review) SavedFilters(ctx context.Context, viewer access.Viewer) ([]SavedFilter, error) {
	if !viewer.May(access.Read) {
		return nil, ErrForbidden
	}
	rows, err := r.db.Query(ctx, "SELECT id, owner, name, shared, filter, sort FROM review_filters WHERE owner = ? OR shared = 1 ORDER BY name, id", viewer.Name)
	if err != nil {
		return nil, fmt.Errorf("list the saved filters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []SavedFilter
	for rows.Next() {
		var saved SavedFilter
		var shared int
		var data string
		err := rows.Scan(&saved.ID, &saved.Owner, &saved.Name, &shared, &data, &saved.Sort)
		if err = errors.Join(err, json.Unmarshal([]byte(data), &saved.Filter)); err != nil {
			return nil, fmt.Errorf("list the saved filters: %w", err)
		}
		saved.Shared = shared != 0
		list = append(list, saved)
	}
	return list, inWords("list the saved filters", rows.Err())
}

// DeleteFilter deletes one of the viewer's own filters.
func (r *Review) DeleteFilter(ctx context.Context, viewer access.Viewer, id int64) error {
	result, err := r.db.Exec(ctx, "DELETE FROM review_filters WHERE id = ? AND owner = ?", id, viewer.Name)
	if err != nil {
		return fmt.Errorf("delete a filter: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return firstError(inWords("delete a filter", err), ErrNotFound)
	}
	return nil
}
