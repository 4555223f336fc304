package tuning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// PublishDraft puts a draft's version in force. Over is the number of the
// publication that the operator saw in force; where another is by now, it is
// ErrConflict, so that nobody undoes another's change unseen. The draft is gone
// afterwards.
func (b *Book) PublishDraft(ctx context.Context, name string, over int64, by, why string) (Publication, error) {
	draft, err := b.Draft(ctx, name)
	if err != nil {
		return Publication{}, err
	}
	bundle, err := b.Bundle(ctx, draft.Version)
	if err != nil {
		return Publication{}, err
	}
	if report, _ := b.compiler.Check(bundle); !report.Passed() {
		return Publication{}, fmt.Errorf("publish draft %q: %w", name, report.Err())
	}
	if err := b.ready(draft); err != nil {
		return Publication{}, fmt.Errorf("publish draft %q: %w", name, err)
	}
	p := Publication{Version: draft.Version, Kind: Publish, Draft: name, Approved: draft.Approved, Backtest: draft.Backtest, By: by, Why: why}
	return b.publish(ctx, p, over, func(tx *database.Tx) error {
		now, err := draftOf(ctx, tx, name)
		if err != nil {
			return err
		}
		if now.Version != draft.Version || now.Base != draft.Base {
			return fmt.Errorf("draft %q: %w", name, ErrConflict)
		}
		_, err = tx.Exec(ctx, "DELETE FROM tuning_drafts WHERE name = ?", name)
		return err
	})
}

// ready says what a draft still needs before it can be published.
func (b *Book) ready(d Draft) error {
	switch {
	case b.cfg.BacktestFirst && d.Backtest == 0 && d.Base != "":
		return fmt.Errorf("%w: nobody has looked at a back-test of it", ErrNotChecked)
	case b.cfg.SecondPerson && d.Approved == "":
		return fmt.Errorf("%w: a second operator has to approve it", ErrNotChecked)
	}
	return nil
}

// First puts a bundle in force where nothing is yet, and says whether it did:
// what a new installation begins with.
func (b *Book) First(ctx context.Context, bundle Bundle, by, why string) (bool, error) {
	if _, err := b.Current(ctx); !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if report, _ := b.compiler.Check(bundle); !report.Passed() {
		return false, fmt.Errorf("publish the first lists: %w", report.Err())
	}
	p := Publication{Version: bundle.ID(), Kind: Publish, By: by, Why: why}
	_, err := b.publish(ctx, p, 0, func(tx *database.Tx) error { return b.keep(ctx, tx, bundle, by) })
	if errors.Is(err, ErrConflict) {
		return false, nil // another process was faster
	}
	return err == nil, err
}

// Rollback puts the version of an earlier publication in force again, without
// checks that took place then; over is as in PublishDraft. The version must
// compile, since workers would stay with the present one else.
func (b *Book) Rollback(ctx context.Context, to, over int64, by, why string) (Publication, error) {
	target, err := b.Publication(ctx, to)
	if err != nil {
		return Publication{}, err
	}
	bundle, err := b.Bundle(ctx, target.Version)
	if err != nil {
		return Publication{}, err
	}
	if _, err := b.compiler.Compile(bundle); err != nil {
		return Publication{}, fmt.Errorf("roll back to publication %d: %w: %w", to, ErrNotChecked, err)
	}
	p := Publication{Version: target.Version, Kind: Rollback, By: by, Why: why}
	return b.publish(ctx, p, over, func(*database.Tx) error { return nil })
}

// publish writes the publication and lays it out. Where the board is away the
// publication holds all the same, and Deliver lays it out later.
func (b *Book) publish(ctx context.Context, p Publication, over int64, also func(*database.Tx) error) (Publication, error) {
	err := b.db.Write(ctx, func(tx *database.Tx) error {
		current, err := latest(ctx, tx)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if current.Number != over {
			return fmt.Errorf("publication %d of %s is in force, not %d: %w", current.Number, current.By, over, ErrConflict)
		}
		if current.Number != 0 && current.Version == p.Version {
			return fmt.Errorf("version %s is in force already: %w", Short(p.Version), ErrConflict)
		}
		p.Number, p.Previous, p.At = current.Number+1, current.Number, b.now().UTC().Truncate(time.Millisecond)
		if err := also(tx); err != nil {
			return err
		}
		if err := insertPublication(ctx, tx, p); err != nil {
			return err
		}
		return b.note(ctx, tx, p.By, "lists."+string(p.Kind), p.Version, map[string]string{"number": fmt.Sprint(p.Number), "why": p.Why, "draft": p.Draft})
	})
	if err != nil {
		return Publication{}, fmt.Errorf("publish version %s: %w", Short(p.Version), err)
	}
	if err := b.Deliver(ctx); err != nil {
		b.log.Error("a published version is not laid out for the workers yet; it is tried again", "publication", p.Number, "error", err)
	}
	return p, nil
}

func insertPublication(ctx context.Context, tx *database.Tx, p Publication) error {
	_, err := tx.Exec(ctx, `INSERT INTO tuning_publications (number, version, kind, previous, made_by, made_at, why, draft, approved, backtest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Number, p.Version, string(p.Kind), p.Previous, p.By, p.At.UnixMilli(), p.Why, p.Draft, p.Approved, p.Backtest)
	if database.IsUnique(err) {
		return ErrConflict
	}
	return err
}

const publicationColumns = "number, version, kind, previous, made_by, made_at, why, draft, approved, backtest"

func latest(ctx context.Context, q database.Querier) (Publication, error) {
	return onePublication(q.QueryRow(ctx, "SELECT "+publicationColumns+" FROM tuning_publications ORDER BY number DESC LIMIT 1"))
}

func onePublication(row *sql.Row) (Publication, error) {
	p, err := scanPublication(row)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("publication: %w", ErrNotFound)
	}
	return p, err
}

func scanPublication(row interface{ Scan(...any) error }) (Publication, error) {
	var p Publication
	var at int64
	err := row.Scan(&p.Number, &p.Version, &p.Kind, &p.Previous, &p.By, &at, &p.Why, &p.Draft, &p.Approved, &p.Backtest)
	p.At = time.UnixMilli(at).UTC()
	return p, err
}

// Current returns the publication in force; ErrNotFound where there is none.
func (b *Book) Current(ctx context.Context) (Publication, error) { return latest(ctx, b.db) }

// Publication returns a publication by its number.
func (b *Book) Publication(ctx context.Context, number int64) (Publication, error) {
	p, err := onePublication(b.db.QueryRow(ctx, "SELECT "+publicationColumns+" FROM tuning_publications WHERE number = ?", number))
	if err != nil {
		return p, fmt.Errorf("publication %d: %w", number, err)
	}
	return p, nil
}

// Publications lists the newest publications, newest first.
func (b *Book) Publications(ctx context.Context, limit int) ([]Publication, error) {
	return b.publications(ctx, "SELECT "+publicationColumns+" FROM tuning_publications ORDER BY number DESC LIMIT ?", limit)
}

func (b *Book) publications(ctx context.Context, query string, args ...any) (list []Publication, err error) {
	rows, err := b.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list the publications: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		p, err := scanPublication(rows)
		if err != nil {
			return nil, fmt.Errorf("list the publications: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Deliver lays out the publications that are not laid out yet, oldest first.
func (b *Book) Deliver(ctx context.Context) error {
	pending, err := b.publications(ctx, "SELECT "+publicationColumns+" FROM tuning_publications WHERE delivered = 0 ORDER BY number")
	if err != nil {
		return err
	}
	for _, p := range pending {
		version, err := b.Version(ctx, p.Version)
		if err != nil {
			return err
		}
		content := func(hash string) ([]byte, error) { return b.content(ctx, hash) }
		if err := b.board.Lay(ctx, p, version.Files, content); err != nil {
			return fmt.Errorf("lay out publication %d: %w", p.Number, err)
		}
		if _, err := b.db.Exec(ctx, "UPDATE tuning_publications SET delivered = 1 WHERE number = ?", p.Number); err != nil {
			return fmt.Errorf("note publication %d as laid out: %w", p.Number, err)
		}
	}
	return nil
}

// Run lays out what could not be laid out at once, shadows too, until ctx ends.
func (b *Book) Run(ctx context.Context) error {
	for {
		if err := errors.Join(b.Deliver(ctx), b.deliverShadow(ctx)); err != nil && ctx.Err() == nil {
			b.log.Warn("published versions are not laid out for the workers; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(b.cfg.Poll):
		}
	}
}
