package review_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/review"
)

func sealed(t *testing.T, db *database.DB) *seal.Log {
	t.Helper()
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile = filepath.Join(t.TempDir(), "key")
	log, err := seal.New(t.Context(), cfg, seal.Dependencies{Database: db})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func statements(t *testing.T, r *review.Review, post string) []review.Statement {
	t.Helper()
	raw, err := r.Statements(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]review.Statement, len(raw))
	for i := range raw {
		if err := json.Unmarshal(raw[i], &all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestEveryDecisionIsSealedAlsoOneThatIsTakenBack(t *testing.T) {
	var log *seal.Log
	configure := func(_ *review.Configuration, d *review.Dependencies) {
		log = sealed(t, d.Database)
		d.Seal = log
	}
	each(t, configure, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2"))
		made, err := b.decide(ani, "x:1", violation)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Undo(t.Context(), ani, made.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.decide(ani, "x:1", benign); err != nil {
			t.Fatal(err)
		}
		got := statements(t, b.Review, "x:1")
		if len(got) != 3 || got[0].Verdict != review.Violation || !got[1].Withdrawn || got[1].Replaces != made.ID || got[2].Verdict != review.NoViolation {
			t.Errorf("statements %+v", got)
		}
		for _, s := range got {
			if s.By != ani.Name || s.Post != "x:1" || s.At.IsZero() || s.Late || len(s.Salt) != 32 || s.Edition != 1 {
				t.Errorf("statement %+v", s)
			}
		}
		if n, err := log.Seal(t.Context()); err != nil || n != 3 {
			t.Errorf("sealed %d, %v", n, err)
		}
	})
}

func TestDecisionsFromBeforeAreSealedLate(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2"))
		for _, id := range []string{"x:1", "x:2"} {
			if _, err := b.decide(ani, id, violation); err != nil {
				t.Fatal(err)
			}
		}
		log := sealed(t, b.db)
		r, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: b.db, Seal: log})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := r.SealOlder(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := log.Seal(t.Context()); err != nil || n != 2 {
			t.Errorf("sealed %d, %v", n, err)
		}
		if got := statements(t, r, "x:2"); len(got) != 1 || !got[0].Late || got[0].Verdict != review.Violation {
			t.Errorf("statements %+v", got)
		}
	})
}
