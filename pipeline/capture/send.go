package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

const (
	// sendWithin is how long one capture may take to get into the queue; after
	// that it waits.
	sendWithin = 8 * time.Second
	// claimFor keeps two consoles from sending the same capture at once.
	claimFor = 30 * time.Second
	// mostAtOnce bounds what is looked at in one go.
	mostAtOnce = 100
)

// sendWaiting sends all that waits and whose time has come.
func (d *Desk) sendWaiting(ctx context.Context) {
	if d.roster().Len() == 0 {
		return // to an empty roster everybody is a stranger
	}
	numbers, err := d.due(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.metrics.errors.WithLabelValues("send").Inc()
			d.logger.Error("what was captured waits", "error", err)
		}
		return
	}
	for _, number := range numbers {
		if ctx.Err() != nil {
			return
		}
		d.sendOne(ctx, number)
	}
}

func (d *Desk) due(ctx context.Context) (numbers []int64, err error) {
	rows, err := d.db.Query(ctx, `SELECT num FROM capture_posts WHERE state = 'waiting' AND next_at <= ? ORDER BY num LIMIT ?`, d.now().UnixMilli(), mostAtOnce)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, rows.Err()
}

// sendOne sends one capture. What fails is logged, and tried again by Run.
func (d *Desk) sendOne(ctx context.Context, number int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin) // the browser may go; what is kept is sent
	defer cancel()
	if err := d.send(ctx, number); err != nil {
		d.metrics.errors.WithLabelValues("send").Inc()
		d.logger.Warn("a capture waits for the queue", "capture", number, "error", err)
	}
}

func (d *Desk) send(ctx context.Context, number int64) error {
	claimed, err := d.db.Exec(ctx, `UPDATE capture_posts SET next_at = ?, tries = tries + 1 WHERE num = ? AND state = 'waiting' AND next_at <= ?`,
		d.now().Add(claimFor).UnixMilli(), number, d.now().UnixMilli())
	if err != nil {
		return err
	}
	if n, err := claimed.RowsAffected(); err != nil || n == 0 {
		return err
	}
	var encoded string
	if err := d.db.QueryRow(ctx, `SELECT post FROM capture_posts WHERE num = ?`, number).Scan(&encoded); err != nil {
		return err
	}
	p, err := post.Decode([]byte(encoded))
	if err != nil {
		return fmt.Errorf("capture %d: %w", number, err)
	}
	tally, err := d.intake.Take(ctx, Source, "captures", collect.Page{Items: []collect.Item{{Post: p, Position: fmt.Sprintf("capture %d", number), Raw: []byte(encoded)}}})
	if err != nil {
		return err
	}
	state, outcome := outcomeOf(&tally)
	d.metrics.captures.WithLabelValues(string(state)).Inc()
	_, err = d.db.Exec(ctx, `UPDATE capture_posts SET state = ?, outcome = ?, post = '' WHERE num = ?`, string(state), outcome, number)
	return err
}

// outcomeOf says what became of the only post of a page.
func outcomeOf(tally *collect.Tally) (State, string) {
	if tally.Sent > 0 {
		return Sent, ""
	}
	for cause := range tally.Dropped {
		if cause == collect.CauseDuplicate {
			return Sent, string(cause)
		}
		return Refused, string(cause)
	}
	for cause := range tally.Rejected {
		return Refused, string(cause)
	}
	return Refused, "unknown"
}
