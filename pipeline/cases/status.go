package cases

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// From a status, these are the ones that a case can go to. Handing over, closing
// and opening again ask for more than the status and have their own methods.
var transitions = map[Status][]Status{
	Open:       {Ready, Closed},
	Ready:      {Open, HandedOver, Closed},
	HandedOver: {Open, Closed},
	Closed:     {Open},
}

// Next lists the statuses that a case can go to from one.
func Next(from Status) []Status { return slices.Clone(transitions[from]) }

// step is a change of a case's status.
func (r *row) step(to Status) error {
	if !slices.Contains(transitions[r.Status], to) {
		return invalid("status", to, transitions[r.Status])
	}
	r.Status = to
	return nil
}

// SetReady says that a case is complete and waits to be handed over.
func (c *Cases) SetReady(ctx context.Context, viewer access.Viewer, id string, revision int64) (Case, error) {
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(_ *database.Tx, r *row) (Event, error) {
		from := r.Status
		return Event{Change: StatusSet, From: from, To: Ready}, r.step(Ready)
	})
}

// Reopen takes up a case again, with the reason: one that was not ready after
// all, that came back from the receiving agency, or, for a supervisor, that was
// closed.
func (c *Cases) Reopen(ctx context.Context, viewer access.Viewer, id string, revision int64, reason string) (Case, error) {
	reason, err := text("reason", reason, mostText, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(_ *database.Tx, r *row) (Event, error) {
		from := r.Status
		if from == Closed && !viewer.May(access.Supervise) {
			return Event{}, ErrForbidden
		}
		if err := r.step(Open); err != nil {
			return Event{}, err
		}
		r.ClosedAt, r.Outcome = time.Time{}, ""
		c.setClock(r)
		return Event{Change: Reopened, From: from, To: Open, Text: reason}, nil
	})
}

// Handover is to whom a case was given. Reference is the receiving agency's
// number, which may come later.
type Handover struct {
	Receiver, Reference string
	// On is the day.
	On time.Time
}

// HandOver records that a ready case was given to the receiving agency, or, of a
// case that was handed over already, corrects the agency, its number or the day.
func (c *Cases) HandOver(ctx context.Context, viewer access.Viewer, id string, revision int64, h Handover) (Case, error) {
	var err error
	if !slices.Contains(c.cfg.Receivers, h.Receiver) {
		return Case{}, invalid("receiver", h.Receiver, strings.Join(c.cfg.Receivers, ", "))
	}
	if h.Reference, err = line("reference", h.Reference, mostLine, false); err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(_ *database.Tx, r *row) (Event, error) {
		from := r.Status
		if from != HandedOver {
			if err := r.step(HandedOver); err != nil {
				return Event{}, err
			}
		}
		zone := Zone(r.region())
		day, today := h.On.In(zone).Format(time.DateOnly), c.now().In(zone).Format(time.DateOnly)
		if first := r.CreatedAt.In(zone).Format(time.DateOnly); h.On.IsZero() || day < first || day > today {
			return Event{}, invalid("date", day, first+" to "+today)
		}
		r.Receiver, r.Reference, r.HandedAt = h.Receiver, h.Reference, h.On.UTC()
		r.findBy(h.Receiver, h.Reference)
		return Event{Change: HandedTo, From: from, To: HandedOver, Receiver: h.Receiver, Reference: h.Reference, Date: day}, nil
	})
}

// Close ends a case with its outcome. A case that was never handed over a
// supervisor closes, with the reason.
func (c *Cases) Close(ctx context.Context, viewer access.Viewer, id string, revision int64, outcome Outcome, reason string) (Case, error) {
	if !slices.Contains(Outcomes, outcome) {
		return Case{}, invalid("outcome", outcome, Outcomes)
	}
	reason, err := text("reason", reason, mostText, outcome == OtherOutcome)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Review, false}, func(_ *database.Tx, r *row) (Event, error) {
		from := r.Status
		switch {
		case from != HandedOver && !viewer.May(access.Supervise):
			return Event{}, ErrForbidden
		case from != HandedOver && reason == "":
			return Event{}, invalid("reason", reason, allowedLetters(1, mostText))
		case from != HandedOver && (outcome == Proven || outcome == NotProven):
			return Event{}, invalid("outcome", outcome, "what the receiving agency found, only of a case that was handed over")
		}
		if err := r.step(Closed); err != nil {
			return Event{}, err
		}
		r.ClosedAt, r.Outcome = c.now(), outcome
		return Event{Change: ClosedAs, From: from, To: Closed, Outcome: outcome, Text: reason}, nil
	})
}

// Hold keeps everything of a case from being purged until it is lifted. Only a
// supervisor sets and lifts it.
func (c *Cases) Hold(ctx context.Context, viewer access.Viewer, id string, revision int64, reason string) (Case, error) {
	reason, err := text("reason", reason, mostText, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Supervise, false}, func(_ *database.Tx, r *row) (Event, error) {
		r.Hold = reason
		return Event{Change: HoldSet, Text: reason}, nil
	})
}

// LiftHold ends a legal hold, with the reason.
func (c *Cases) LiftHold(ctx context.Context, viewer access.Viewer, id string, revision int64, reason string) (Case, error) {
	reason, err := text("reason", reason, mostText, true)
	if err != nil {
		return Case{}, err
	}
	return c.change(ctx, request{viewer, id, revision, access.Supervise, false}, func(_ *database.Tx, r *row) (Event, error) {
		if r.Hold == "" {
			return Event{}, nil
		}
		r.Hold = ""
		return Event{Change: HoldLifted, Text: reason}, nil
	})
}
