package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// person checks that a case can be given to somebody: a person who reviews and
// sees one of its regions. Others than oneself only a supervisor gives it to.
func (c *Cases) person(ctx context.Context, viewer access.Viewer, r *row, name string) (string, error) {
	name, err := line("person", name, mostLine, true)
	if err != nil || name == viewer.Name {
		return name, err
	}
	if !viewer.May(access.Supervise) {
		return "", ErrForbidden
	}
	if c.deps.Person == nil {
		return name, nil
	}
	person, found, err := c.deps.Person(ctx, name)
	if err != nil {
		return "", fmt.Errorf("look for a person: %w", err)
	}
	if !found || !person.May(access.Review) || !r.seen(person) {
		return "", invalid("person", name, "somebody who reviews and sees the case")
	}
	return name, nil
}

// Assign gives a case to a person, who works on it from then on with the others.
func (c *Cases) Assign(ctx context.Context, viewer access.Viewer, id, name string) (Case, error) {
	before, err := c.find(ctx, c.db, viewer, id)
	if err != nil {
		return Case{}, err
	}
	if name, err = c.person(ctx, viewer, before, name); err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, AnyRevision, access.Review, false}, func(tx *database.Tx, r *row) (Event, error) {
		if slices.Contains(r.People, name) {
			return Event{}, nil
		}
		if _, err := tx.Exec(ctx, "INSERT INTO case_people (case_num, name) VALUES (?, ?)", r.num, name); err != nil {
			return Event{}, fmt.Errorf("give case %s to a person: %w", r.Number, err)
		}
		r.People = append(r.People, name)
		return Event{Change: Assigned, Person: name}, nil
	})
}

// Unassign takes a person off a case. Others than oneself only a supervisor
// takes off.
func (c *Cases) Unassign(ctx context.Context, viewer access.Viewer, id, name string) (Case, error) {
	if name != viewer.Name && !viewer.May(access.Supervise) {
		return Case{}, ErrForbidden
	}
	return c.change(ctx, request{viewer, id, AnyRevision, access.Review, false}, func(tx *database.Tx, r *row) (Event, error) {
		i := slices.Index(r.People, name)
		if i < 0 {
			return Event{}, nil
		}
		if _, err := tx.Exec(ctx, "DELETE FROM case_people WHERE case_num = ? AND name = ?", r.num, name); err != nil {
			return Event{}, fmt.Errorf("take a person off case %s: %w", r.Number, err)
		}
		r.People = slices.Delete(r.People, i, i+1)
		return Event{Change: Unassigned, Person: name}, nil
	})
}
