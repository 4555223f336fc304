package retention_test

import (
	"testing"

	"github.com/netra-id/netra/pipeline/cases"
)

func (s *site) openCase(t *testing.T, posts ...string) cases.Case {
	t.Helper()
	made, err := s.cases.Create(t.Context(), supervisor, cases.Draft{Title: "Perkara contoh", Kind: cases.OfAccount, Posts: posts})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (s *site) closeCase(t *testing.T, c cases.Case) cases.Case {
	t.Helper()
	closed, err := s.cases.Close(t.Context(), supervisor, c.ID, c.Revision, cases.Dropped, "tidak cukup bukti")
	if err != nil {
		t.Fatal(err)
	}
	return closed
}
