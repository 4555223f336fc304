package collect

import (
	"context"

	"golang.org/x/time/rate"
)

// sink is the Sink of one visit.
type sink struct {
	intake  *Intake
	limiter *rate.Limiter
	// delivery ends when a stop has waited long enough.
	delivery context.Context
	key      targetKey
	tally    Tally
}

// problemsPerVisit bounds what is kept of rejected items; they are counted and
// in the dead letters anyway.
const problemsPerVisit = 20

func (s *sink) Wait(ctx context.Context) error { return s.WaitFor(ctx, 1) }

func (s *sink) WaitFor(ctx context.Context, _ int) error { return s.limiter.Wait(ctx) }

func (s *sink) Limit(Limit) {}

func (s *sink) Emit(_ context.Context, page Page) error {
	tally, err := s.intake.Take(s.delivery, s.key.source, s.key.target, page)
	if err != nil {
		return err
	}
	s.tally.Add(&tally, problemsPerVisit)
	return nil
}
