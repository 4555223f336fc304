package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Assign gives items to a person, or to nobody where to is empty: all of them or,
// with a *HinderedError, none. A supervisor assigns to anybody; others assign to
// themselves what is nobody's, and give back their own.
func (r *Review) Assign(ctx context.Context, viewer access.Viewer, ids []string, to string) error {
	if err := checkBatch(viewer, len(ids)); err != nil {
		return err
	}
	person, err := r.person(ctx, viewer, to)
	if err != nil {
		return err
	}
	return r.write(ctx, func(tx *database.Tx, stamp int64) error {
		return eachItem(ctx, tx, viewer, ids, func(item *row) error {
			free := item.Assignee == "" || item.Assignee == viewer.Name
			switch {
			case !slices.Contains(Waiting, item.Status):
				return ErrChanged
			case !viewer.May(access.Supervise) && !free:
				return ErrTaken
			case person != nil && !person.Sees(item.Region):
				return invalid("person", to, "a person with the region "+item.Region)
			case person != nil && item.mayDecide(*person) != nil:
				return item.mayDecide(*person)
			}
			_, err := tx.Exec(ctx, "UPDATE review_items SET assignee = ?, changed = ? WHERE num = ?", to, stamp, item.num)
			if err != nil {
				return fmt.Errorf("assign an item: %w", err)
			}
			return r.audit(ctx, tx, viewer, "item.assign", item.ID, map[string]string{"to": to})
		})
	})
}

// person finds whom items shall be assigned to; nil where that is nobody, or
// where nobody knows the people.
func (r *Review) person(ctx context.Context, viewer access.Viewer, name string) (*access.Viewer, error) {
	switch {
	case name == "":
		return nil, nil
	case name == viewer.Name:
		return &viewer, nil
	case !viewer.May(access.Supervise):
		return nil, ErrForbidden
	case r.deps.Person == nil:
		return nil, nil
	}
	person, known, err := r.deps.Person(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("look up %q: %w", name, err)
	}
	if !known || !person.May(access.Review) {
		return nil, invalid("person", name, "an analyst or supervisor")
	}
	return &person, nil
}
