package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review/law"
)

// MostNote bounds the letters of a decision's note.
const MostNote = 4000

// Decide decides on items, on all of them or, with a *HinderedError, on none. Of
// the decision it takes Verdict, Label, Rule, Cause, Same, Note and Replaces;
// Replaces, the id of a decision on the one item, makes it a correction. What
// was decided is no longer held by anybody.
//
// A correction is its author's or a supervisor's. Once two people have decided,
// it is a supervisor's only, and final.
func (r *Review) Decide(ctx context.Context, viewer access.Viewer, choices []Choice, decision Decision) ([]Decision, error) {
	if err := checkBatch(viewer, len(choices)); err != nil {
		return nil, err
	}
	decision, err := checkDecision(decision, len(choices))
	if err != nil {
		return nil, err
	}
	ids, revisions := make([]string, len(choices)), make(map[string]int64, len(choices))
	for i, c := range choices {
		ids[i], revisions[c.Item] = c.Item, c.Revision
	}
	now := r.deps.Now()
	var made []Decision
	err = r.write(ctx, func(tx *database.Tx, stamp int64) error {
		made = made[:0]
		same, err := r.original(ctx, tx, viewer, decision)
		if err != nil {
			return err
		}
		return eachItem(ctx, tx, viewer, ids, func(item *row) error {
			d := decision
			if err := r.prepare(ctx, tx, viewer, item, revisions[item.ID], same, &d, now); err != nil {
				return err
			}
			made = append(made, d)
			return r.record(ctx, tx, stamp, viewer, item, d, holding{})
		})
	})
	if err != nil {
		return nil, err
	}
	for _, d := range made {
		r.metrics.decisions.WithLabelValues(string(d.Verdict)).Inc()
	}
	return made, nil
}

// checkDecision says what of a decision is not allowed, whatever it is on.
func checkDecision(d Decision, items int) (Decision, error) {
	d.Note = strings.TrimSpace(clean(d.Note))
	bad := func(key, value, allowed string) (Decision, error) {
		return d, invalid(key, value, allowed)
	}
	onlyFor := func(key, value string, verdict Verdict) error {
		if value == "" || d.Verdict == verdict {
			return nil
		}
		return invalid(key, value, "only with the verdict "+string(verdict))
	}
	if err := errors.Join(onlyFor("rule", d.Rule, Violation), onlyFor("cause", string(d.Cause), NoViolation), onlyFor("same", d.Same, SameAs)); err != nil {
		return d, err
	}
	switch d.Verdict {
	case Violation:
		if !law.Known(d.Rule) {
			return bad("rule", d.Rule, strings.Join(law.Codes(), ", "))
		}
	case NoViolation:
		if !slices.Contains(Causes, d.Cause) {
			return bad("cause", string(d.Cause), listed(Causes))
		}
	case SameAs:
		if d.Same == "" {
			return bad("same", d.Same, "the item that it repeats")
		}
	case Unsure:
	default:
		return bad("verdict", string(d.Verdict), listed([]Verdict{Violation, NoViolation, Unsure, SameAs}))
	}
	switch {
	case utf8.RuneCountInString(d.Note) > MostNote:
		return bad("note", fmt.Sprintf("of %d letters", utf8.RuneCountInString(d.Note)), fmt.Sprintf("up to %d", MostNote))
	case d.Replaces != "" && items != 1:
		return bad("replaces", d.Replaces, "only with one item")
	}
	return d, nil
}

// listed writes what is allowed for people.
func listed[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = string(value)
	}
	return strings.Join(words, ", ")
}

// original finds the item that a duplicate repeats.
func (r *Review) original(ctx context.Context, tx *database.Tx, viewer access.Viewer, d Decision) (*row, error) {
	if d.Same == "" {
		return nil, nil
	}
	item, err := itemByID(ctx, tx, viewer, d.Same)
	if errors.Is(err, ErrNotFound) {
		return nil, invalid("same", d.Same, "an item that there is")
	}
	if err == nil && item.Status == Duplicate {
		return nil, invalid("same", d.Same, "an item that is no duplicate itself")
	}
	return item, err
}

// prepare completes a decision on one item, or says why there can be none.
func (r *Review) prepare(ctx context.Context, tx *database.Tx, viewer access.Viewer, item *row, revision int64, same *row, d *Decision, now time.Time) error {
	switch {
	case item.Revision != revision:
		return ErrChanged
	case item.heldByOther(viewer, now):
		return ErrTaken
	case same != nil && same.num == item.num:
		return invalid("same", d.Same, "another item")
	case d.Label != "" && !slices.Contains(item.Labels, d.Label):
		return invalid("label", d.Label, item.Labels)
	}
	decisions, err := decisionsOn(ctx, tx, []*row{item})
	if err != nil {
		return err
	}
	if d.Replaces != "" {
		d.Round, err = correctedRound(viewer, decisions[item.num], d)
	} else {
		d.Round, err = nextRound(viewer, item, decisions[item.num])
	}
	if err == nil && d.Round == 3 && d.Verdict == Unsure {
		err = invalid("verdict", d.Verdict, "a final one")
	}
	d.ID, d.Item, d.By, d.At, d.Withdrawn, d.Current = uuid.NewString(), item.ID, viewer.Name, now.UTC().Truncate(time.Millisecond), false, true
	return err
}

func nextRound(viewer access.Viewer, item *row, decisions []Decision) (int, error) {
	if err := item.mayDecide(viewer); err != nil {
		return 0, err
	}
	switch item.Status {
	case Conflict:
		return 3, nil
	case Second:
		for _, d := range decisions {
			if d.Current && d.Round == 2 { // the first one was taken back
				return 1, nil
			}
		}
		return 2, nil
	}
	return 1, nil
}

// correctedRound is the round of a decision that replaces another.
func correctedRound(viewer access.Viewer, decisions []Decision, d *Decision) (int, error) {
	i := slices.IndexFunc(decisions, func(old Decision) bool { return old.ID == d.Replaces })
	if i < 0 || !decisions[i].Current {
		return 0, ErrChanged
	}
	replaced := decisions[i]
	two := 0
	for _, other := range decisions {
		if other.Current {
			two++
		}
	}
	switch {
	case replaced.By == viewer.Name && (two == 1 || replaced.Round == 3):
		return replaced.Round, nil
	case viewer.May(access.Supervise):
		return 3, nil
	}
	return 0, ErrForbidden
}

// holding is who holds an item after a decision; nobody where it is empty.
type holding struct {
	holder string
	until  time.Time
}

// record writes a decision down, and what becomes of its item.
func (r *Review) record(ctx context.Context, tx *database.Tx, stamp int64, viewer access.Viewer, item *row, d Decision, held holding) error {
	if err := insertDecision(ctx, tx, item, d); err != nil {
		return err
	}
	if err := r.seal(ctx, tx, d, item.edition, false); err != nil {
		return err
	}
	all, err := decisionsOn(ctx, tx, []*row{item})
	if err != nil {
		return err
	}
	status, firstBy := r.settle(item.ID, all[item.num])
	decided := d.At
	if status == Open {
		decided = time.Time{}
	}
	if item.OpenedAt.IsZero() { // whoever decides has seen it: the legal clock runs
		item.OpenedAt, item.Due = d.At, d.At.Add(r.cfg.Deadline)
	}
	_, err = tx.Exec(ctx, `UPDATE review_items SET status = ?, first_by = ?, decided_at = ?, holder = ?, held_until = ?,
		opened_at = ?, due_at = ?, revision = revision + 1, changed = ? WHERE num = ?`,
		string(status), firstBy, database.Milliseconds(decided), held.holder, database.Milliseconds(held.until),
		database.Milliseconds(item.OpenedAt), database.Milliseconds(item.Due), stamp, item.num)
	if err != nil {
		return fmt.Errorf("write down what becomes of item %q: %w", item.ID, err)
	}
	if err := r.queue(ctx, tx, item, d); err != nil {
		return err
	}
	if status == Confirmed && r.deps.Confirmed != nil {
		if err := r.deps.Confirmed(ctx, tx, item.ID, d.ID); err != nil {
			return err
		}
	}
	action := "item.decide"
	if d.Withdrawn {
		action = "item.undo"
	}
	return r.audit(ctx, tx, viewer, action, item.ID, map[string]string{
		"decision": d.ID, "verdict": string(d.Verdict), "rule": d.Rule, "cause": string(d.Cause), "replaces": d.Replaces,
	})
}

// Undo takes a decision back and returns the item as it is then, held by the
// viewer if somebody must decide on it again. A decision is taken back by its
// author or a supervisor, until another person has decided after it.
func (r *Review) Undo(ctx context.Context, viewer access.Viewer, decision string) (Item, error) {
	if err := checkBatch(viewer, 1); err != nil {
		return Item{}, err
	}
	now := r.deps.Now()
	var id string
	err := r.write(ctx, func(tx *database.Tx, stamp int64) error {
		item, all, old, err := decisionByID(ctx, tx, viewer, decision)
		if err != nil {
			return err
		}
		id = item.ID
		later := slices.ContainsFunc(all, func(d Decision) bool { return d.Current && d.Round > old.Round })
		switch {
		case !old.Current || later:
			return ErrNotUndone
		case old.By != viewer.Name && !viewer.May(access.Supervise):
			return ErrForbidden
		case item.heldByOther(viewer, now):
			return ErrTaken
		}
		back := old
		back.ID, back.Replaces, back.Withdrawn, back.By, back.At = uuid.NewString(), old.ID, true, viewer.Name, now.UTC().Truncate(time.Millisecond)
		return r.record(ctx, tx, stamp, viewer, item, back, holding{viewer.Name, now.Add(r.cfg.Lock)})
	})
	if err != nil {
		return Item{}, err
	}
	return r.Item(ctx, viewer, id)
}

// hinders says whether an error is about the item, not about the system.
func hinders(err error) bool {
	for _, known := range []error{ErrNotFound, ErrTaken, ErrChanged, ErrForbidden, ErrSamePerson, ErrNotUndone, ErrInvalid} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
