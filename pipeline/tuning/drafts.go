package tuning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

var draftName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$`)

// NewDraft makes a draft of a bundle, on the base of what is in force now.
func (b *Book) NewDraft(ctx context.Context, name string, bundle Bundle, by, why string) (Draft, error) {
	if !draftName.MatchString(name) {
		return Draft{}, &post.FieldError{Key: "draft", Value: name, Allowed: "1 to 64 letters, digits, spaces, dots, dashes and underscores"}
	}
	d := Draft{Name: name, Version: bundle.ID(), Revision: 1, Why: why, By: by}
	err := b.db.Write(ctx, func(tx *database.Tx) error {
		current, err := latest(ctx, tx)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		d.Base, d.Changed = current.Version, b.now().UTC().Truncate(time.Millisecond)
		if err := b.keep(ctx, tx, bundle, by); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO tuning_drafts (name, version, base, revision, why, made_by, changed) VALUES (?, ?, ?, ?, ?, ?, ?)",
			d.Name, d.Version, d.Base, d.Revision, d.Why, d.By, d.Changed.UnixMilli())
		if database.IsUnique(err) {
			return fmt.Errorf("a draft of this name is there already: %w", ErrConflict)
		}
		if err != nil {
			return err
		}
		return b.note(ctx, tx, by, "draft.new", name, map[string]string{"version": d.Version, "why": why})
	})
	if err != nil {
		return d, fmt.Errorf("make draft %q: %w", name, err)
	}
	return d, nil
}

const draftColumns = "name, version, base, revision, why, made_by, changed, checked, backtest, approved"

// Draft returns a draft; ErrNotFound where there is none of that name.
func (b *Book) Draft(ctx context.Context, name string) (Draft, error) {
	return draftOf(ctx, b.db, name)
}

// missingDraft is the error for a name that no draft has, with those that there
// are: one that was published is a draft no more.
func missingDraft(ctx context.Context, q database.Querier, name string) error {
	rows, err := q.Query(ctx, "SELECT name FROM tuning_drafts ORDER BY name")
	if err != nil {
		return fmt.Errorf("draft %q: %w", name, ErrNotFound)
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var other string
		if rows.Scan(&other) == nil {
			names = append(names, other)
		}
	}
	there := "there are no drafts"
	if len(names) > 0 {
		there = "drafts: " + strings.Join(names, ", ")
	}
	if err := rows.Err(); err != nil {
		return errors.Join(fmt.Errorf("draft %q: %w", name, ErrNotFound), err)
	}
	return fmt.Errorf("draft %q: %w; a published one is no draft any more; %s", name, ErrNotFound, there)
}

func draftOf(ctx context.Context, q database.Querier, name string) (Draft, error) {
	d, err := scanDraft(q.QueryRow(ctx, "SELECT "+draftColumns+" FROM tuning_drafts WHERE name = ?", name))
	if errors.Is(err, sql.ErrNoRows) {
		return d, missingDraft(ctx, q, name)
	}
	if err != nil {
		return d, fmt.Errorf("read draft %q: %w", name, err)
	}
	return d, nil
}

func scanDraft(row interface{ Scan(...any) error }) (Draft, error) {
	var d Draft
	var changed int64
	err := row.Scan(&d.Name, &d.Version, &d.Base, &d.Revision, &d.Why, &d.By, &changed, &d.Checked, &d.Backtest, &d.Approved)
	d.Changed = time.UnixMilli(changed).UTC()
	return d, err
}

// Drafts lists all drafts, the last changed first.
func (b *Book) Drafts(ctx context.Context) (drafts []Draft, err error) {
	rows, err := b.db.Query(ctx, "SELECT "+draftColumns+" FROM tuning_drafts ORDER BY changed DESC, name")
	if err != nil {
		return nil, fmt.Errorf("list the drafts: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		d, err := scanDraft(rows)
		if err != nil {
			return nil, fmt.Errorf("list the drafts: %w", err)
		}
		drafts = append(drafts, d)
	}
	return drafts, rows.Err()
}

// Change moves a draft to another bundle. It is ErrConflict where the draft has
// been changed since the given revision; revision 0 does not ask. What was
// checked, seen or approved of the draft before does not hold for the new one.
func (b *Book) Change(ctx context.Context, name string, revision int64, bundle Bundle, by, why string) (Draft, error) {
	var d Draft
	err := b.update(ctx, name, revision, func(tx *database.Tx, draft *Draft) error {
		if err := b.keep(ctx, tx, bundle, by); err != nil {
			return err
		}
		if bundle.ID() != draft.Version {
			draft.Checked, draft.Backtest, draft.Approved = "", 0, ""
		}
		draft.Version, draft.By = bundle.ID(), by
		if why != "" {
			draft.Why = why
		}
		d = *draft
		return b.note(ctx, tx, by, "draft.change", name, map[string]string{"version": draft.Version, "why": why})
	})
	if err != nil {
		return Draft{}, fmt.Errorf("change draft %q: %w", name, err)
	}
	d.Revision++
	return d, nil
}

// update changes a draft's row in one transaction.
func (b *Book) update(ctx context.Context, name string, revision int64, change func(*database.Tx, *Draft) error) error {
	return b.db.Write(ctx, func(tx *database.Tx) error {
		draft, err := draftOf(ctx, tx, name)
		if err != nil {
			return err
		}
		if revision != 0 && draft.Revision != revision {
			return fmt.Errorf("%w: it was at revision %d and is at %d, by %s", ErrConflict, revision, draft.Revision, draft.By)
		}
		if err := change(tx, &draft); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE tuning_drafts SET version = ?, base = ?, revision = revision + 1, why = ?, made_by = ?, changed = ?,
			checked = ?, backtest = ?, approved = ? WHERE name = ?`,
			draft.Version, draft.Base, draft.Why, draft.By, b.now().UnixMilli(), draft.Checked, draft.Backtest, draft.Approved, name)
		return err
	})
}

// Discard removes a draft. Its versions stay in the book.
func (b *Book) Discard(ctx context.Context, name, by string) error {
	return b.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := draftOf(ctx, tx, name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM tuning_drafts WHERE name = ?", name); err != nil {
			return fmt.Errorf("discard draft %q: %w", name, err)
		}
		return b.note(ctx, tx, by, "draft.discard", name, nil)
	})
}

// Check checks a draft and, where it passes, marks it as checked.
func (b *Book) Check(ctx context.Context, name string) (Report, error) {
	draft, err := b.Draft(ctx, name)
	if err != nil {
		return Report{}, err
	}
	bundle, err := b.Bundle(ctx, draft.Version)
	if err != nil {
		return Report{}, err
	}
	report, _ := b.compiler.Check(bundle)
	if !report.Passed() {
		return report, nil
	}
	return report, b.update(ctx, name, 0, func(_ *database.Tx, d *Draft) error {
		if d.Version == report.Version {
			d.Checked = report.Version
		}
		return nil
	})
}

// Seen says that somebody looked at a back-test of the draft's present version;
// ErrConflict where the draft has changed since the back-test.
func (b *Book) Seen(ctx context.Context, name, version string, backtest int64, by string) error {
	return b.update(ctx, name, 0, func(tx *database.Tx, d *Draft) error {
		if d.Version != version {
			return fmt.Errorf("back-test %d is of version %s, draft %q is at %s: %w", backtest, Short(version), name, Short(d.Version), ErrConflict)
		}
		d.Backtest = backtest
		return b.note(ctx, tx, by, "draft.backtest_seen", name, map[string]string{"version": version, "backtest": fmt.Sprint(backtest)})
	})
}

// Approve is a second operator's word for the draft's present version.
func (b *Book) Approve(ctx context.Context, name string, revision int64, by string) error {
	return b.update(ctx, name, revision, func(tx *database.Tx, d *Draft) error {
		if d.By == by {
			return fmt.Errorf("draft %q: %w: %s changed it last: allowed: another operator", name, ErrNotChecked, by)
		}
		d.Approved = by
		return b.note(ctx, tx, by, "draft.approve", name, map[string]string{"version": d.Version})
	})
}
