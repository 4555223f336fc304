package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

// collectRound visits what the flags order once, and reports.
func (a *app) collectRound(ctx context.Context, o *collectOptions) error {
	order, err := o.order()
	if err != nil {
		return usage(err)
	}
	r := &road{}
	defer r.close()
	if err := a.openRoad(ctx, r, ping, once); err != nil {
		return err
	}
	if r.roster.Roster().Len() == 0 {
		return usage(errors.New("the roster is empty, so nobody's posts are collected: first `netra roster import FILE`"))
	}
	collector, closeAll, err := a.newCollector(ctx, r.queue, r.store, r.roster)
	if err != nil {
		return err
	}
	defer closeAll()
	order.Visited = func(v collect.Visit) { _, _ = fmt.Fprintln(a.out, describeVisit(&v)) }
	round, err := collector.Round(ctx, order)
	if err != nil {
		return orderError(err)
	}
	return a.reportRound(ctx, &round)
}

// orderError marks an order that names what is not there as wrong usage.
func orderError(err error) error {
	var none *collect.NoAccountError
	var field *post.FieldError
	switch {
	case errors.As(err, &none):
		message := "--account: " + none.Error()
		if near := strict.Nearest(none.Account, none.Others); near != "" {
			message += fmt.Sprintf(" (did you mean %q?)", near)
		}
		return usage(errors.New(message))
	case errors.As(err, &field) && field.Key == "source":
		return usage(fmt.Errorf("--source %s; allowed: %s", field.Value, field.Allowed))
	}
	return err
}

// describeVisit is a line on what became of one target.
func describeVisit(v *collect.Visit) string {
	name := v.Target.ID
	if v.Target.Owner.Handle != "" && v.Target.Owner.Handle != name {
		name += " (" + v.Target.Owner.Handle + ")"
	}
	line := fmt.Sprintf("%s %s: %d items, %d sent%s%s", v.Source, name, v.Tally.Items, v.Tally.Sent,
		causes("dropped", v.Tally.Dropped), causes("rejected", v.Tally.Rejected))
	for _, gap := range v.Gaps {
		line += fmt.Sprintf("\n  posts may be missing %s: %s", describePeriod(gap.Period), gap.Reason)
	}
	if v.Err != nil {
		line += "\n  failed: " + v.Err.Error()
	}
	return plain(line, "\n")
}

func describePeriod(p collect.Period) string {
	from, until := "from the beginning", "until now"
	if !p.From.IsZero() {
		from = "from " + p.From.In(strict.WIB).Format("2006-01-02 15:04")
	}
	if !p.Until.IsZero() {
		until = "until " + p.Until.In(strict.WIB).Format("2006-01-02 15:04")
	}
	return from + " " + until
}

// reportRound tells the sum, and is an error where not everything was collected.
func (a *app) reportRound(ctx context.Context, round *collect.Round) error {
	sum := round.Tally()
	for _, problem := range sum.Problems {
		_, _ = fmt.Fprintln(a.errOut, plain(problem.Position+": "+problem.Reason, ""))
	}
	line := fmt.Sprintf("collected: %d targets, %d items, %d sent%s%s", len(round.Visits)-round.Failed(), sum.Items, sum.Sent,
		causes("dropped", sum.Dropped), causes("rejected", sum.Rejected))
	if failed := round.Failed(); failed > 0 {
		line += fmt.Sprintf(", %d failed", failed)
	}
	if round.Paused > 0 {
		line += fmt.Sprintf(", %d left for later: their server pauses or the budget is used up", round.Paused)
	}
	if round.Done > 0 {
		line += fmt.Sprintf(", %d done before", round.Done)
	}
	if round.Waiting > 0 {
		line += fmt.Sprintf(", %d not due, the first at %s (--all visits them, too)", round.Waiting, round.Next.In(strict.WIB).Format("2006-01-02 15:04:05 MST"))
	}
	_, _ = fmt.Fprintln(a.out, line)
	if ctx.Err() != nil {
		return fmt.Errorf("broken off; started again it goes on where it was: %w", ctx.Err())
	}
	if round.Failed() > 0 || round.Paused > 0 || sum.TotalRejected() > 0 {
		return fails()
	}
	return nil
}

// plain takes out what could steer a terminal: platforms' texts are strangers'.
// Characters in keep stay.
func plain(s, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r):
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return ' '
		}
		return r
	}, s)
}

// when is a time as a person of Indonesia reads it.
func when(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.In(strict.WIB).Format("2006-01-02 15:04")
}
