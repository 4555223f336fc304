package tuning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// StartShadow lets a draft's present version run in shadow, in place of another
// one. The draft must pass its checks.
func (b *Book) StartShadow(ctx context.Context, draft, by string) (Shadow, error) {
	d, err := b.Draft(ctx, draft)
	if err != nil {
		return Shadow{}, err
	}
	bundle, err := b.Bundle(ctx, d.Version)
	if err != nil {
		return Shadow{}, err
	}
	if report, _ := b.compiler.Check(bundle); !report.Passed() {
		return Shadow{}, fmt.Errorf("run draft %q in shadow: %w", draft, report.Err())
	}
	return b.setShadow(ctx, Shadow{Version: d.Version, Draft: draft, By: by})
}

// StopShadow ends the shadow.
func (b *Book) StopShadow(ctx context.Context, by string) (Shadow, error) {
	return b.setShadow(ctx, Shadow{By: by})
}

func (b *Book) setShadow(ctx context.Context, s Shadow) (Shadow, error) {
	s.At = b.now().UTC().Truncate(time.Millisecond)
	err := b.db.Write(ctx, func(tx *database.Tx) error {
		err := tx.QueryRow(ctx, "INSERT INTO tuning_shadows (version, draft, made_by, made_at) VALUES (?, ?, ?, ?) RETURNING number",
			s.Version, s.Draft, s.By, s.At.UnixMilli()).Scan(&s.Number)
		if err != nil {
			return err
		}
		return b.note(ctx, tx, s.By, "lists.shadow", s.Draft, map[string]string{"version": s.Version})
	})
	if err != nil {
		return s, fmt.Errorf("set the shadow: %w", err)
	}
	if err := b.deliverShadow(ctx); err != nil {
		b.log.Error("the shadow is not laid out for the workers yet; it is tried again", "shadow", s.Number, "error", err)
	}
	return s, nil
}

// CurrentShadow returns the shadow; without a version none runs.
func (b *Book) CurrentShadow(ctx context.Context) (Shadow, error) {
	s, _, err := b.lastShadow(ctx)
	return s, err
}

func (b *Book) lastShadow(ctx context.Context) (s Shadow, delivered bool, err error) {
	var at int64
	err = b.db.QueryRow(ctx, "SELECT number, version, draft, made_by, made_at, delivered FROM tuning_shadows ORDER BY number DESC LIMIT 1").
		Scan(&s.Number, &s.Version, &s.Draft, &s.By, &at, &delivered)
	if errors.Is(err, sql.ErrNoRows) {
		return Shadow{}, true, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("read the shadow: %w", err)
	}
	s.At = time.UnixMilli(at).UTC()
	return s, delivered, nil
}

// deliverShadow lays out the shadow where it is not laid out yet.
func (b *Book) deliverShadow(ctx context.Context) error {
	s, delivered, err := b.lastShadow(ctx)
	if err != nil || delivered {
		return err
	}
	var files []File
	if s.Version != "" {
		version, err := b.Version(ctx, s.Version)
		if err != nil {
			return err
		}
		files = version.Files
	}
	content := func(hash string) ([]byte, error) { return b.content(ctx, hash) }
	if err := b.board.LayShadow(ctx, s, files, content); err != nil {
		return fmt.Errorf("lay out shadow %d: %w", s.Number, err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE tuning_shadows SET delivered = 1 WHERE number = ?", s.Number); err != nil {
		return fmt.Errorf("note shadow %d as laid out: %w", s.Number, err)
	}
	return nil
}

// lookShadow keeps the process at the shadow on the board.
func (f *Follower) lookShadow(ctx context.Context) error {
	if len(f.onShadow) == 0 {
		return nil
	}
	s, err := f.board.Shadow(ctx)
	if err != nil || s.Number == f.shadow {
		return err
	}
	var compiled *Compiled
	if s.Version != "" {
		bundle, err := f.board.Bundle(ctx, s.Version)
		if err != nil {
			return fmt.Errorf("fetch version %s: %w", Short(s.Version), err)
		}
		if compiled, err = f.compiler.Compile(bundle); err != nil {
			f.log.Error("a draft cannot run in shadow here", "draft", s.Draft, "version", Short(s.Version), "error", err)
		}
	}
	f.shadow = s.Number
	for _, do := range f.onShadow {
		do(compiled)
	}
	f.log.Info("draft in shadow", "draft", s.Draft, "version", Short(s.Version), "by", s.By)
	return nil
}

// OnShadow adds what is called when another draft runs in shadow, or, with nil,
// none. It must not be called while Run runs.
func (f *Follower) OnShadow(do func(*Compiled)) { f.onShadow = append(f.onShadow, do) }
