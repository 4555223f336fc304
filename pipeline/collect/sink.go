package collect

import (
	"context"
)

// sink is the Sink of one visit.
type sink struct {
	taker  taker
	budget *budget
	// delivery ends when a stop has waited long enough.
	delivery     context.Context
	key          targetKey
	tally        Tally
	asked, units int
	waiting      bool // for the answer of a request
}

// problemsPerVisit bounds what is kept of rejected items; they are counted and
// in the dead letters anyway.
const problemsPerVisit = 20

func (s *sink) Wait(ctx context.Context) error { return s.WaitFor(ctx, 1) }

func (s *sink) WaitFor(ctx context.Context, units int) error {
	s.answered()
	if err := s.budget.wait(ctx, units); err != nil {
		return err
	}
	s.waiting = true
	s.asked++
	s.units += units
	return nil
}

func (s *sink) Limit(limit Limit) {
	s.answered()
	s.budget.limit(limit)
}

// answered notes that the last request has been answered, as far as a visit can
// tell: it asks one thing after another.
func (s *sink) answered() {
	if s.waiting {
		s.waiting = false
		s.budget.answered()
	}
}

func (s *sink) Emit(_ context.Context, page Page) error {
	tally, err := s.taker.Take(s.delivery, s.key.source, s.key.target, page)
	if err != nil {
		return err
	}
	s.tally.Add(&tally, problemsPerVisit)
	return nil
}
