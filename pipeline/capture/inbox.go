package capture

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/database"
)

// MaxCauseRunes bounds the cause of a rejection.
const MaxCauseRunes = 500

// Inbox is a page of tips.
type Inbox struct {
	Tips []Tip
	// Counts are how many tips of each state the viewer sees.
	Counts map[TipState]int
	// Oldest is when the oldest waiting tip came in, zero where none waits.
	Oldest time.Time
	More   bool
}

// Inbox lists the tips of a state, in the order in which they came in where they
// wait, else the last first.
func (d *Desk) Inbox(ctx context.Context, by access.Viewer, state TipState, skip, most int) (box Inbox, err error) {
	box.Counts = map[TipState]int{}
	where, args := visible(by)
	counts, err := d.db.Query(ctx, `SELECT state, count(*), min(received_at) FROM capture_tips WHERE `+where+` GROUP BY state`, args...)
	if err != nil {
		return box, fmt.Errorf("count tips: %w", err)
	}
	defer func() { err = errors.Join(err, counts.Close()) }()
	for counts.Next() {
		var name string
		var n int
		var oldest int64
		if err := counts.Scan(&name, &n, &oldest); err != nil {
			return box, fmt.Errorf("count tips: %w", err)
		}
		box.Counts[TipState(name)] = n
		if TipState(name) == TipWaiting {
			box.Oldest = time.UnixMilli(oldest)
		}
	}
	if err := counts.Err(); err != nil {
		return box, err
	}
	order := "num DESC"
	if state == TipWaiting {
		order = "num"
	}
	rows, err := d.db.Query(ctx, `SELECT `+tipColumns+` FROM capture_tips WHERE state = ? AND `+where+` ORDER BY `+order+` LIMIT ? OFFSET ?`,
		append(append([]any{string(state)}, args...), most+1, skip)...)
	if err != nil {
		return box, fmt.Errorf("list tips: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		t, err := scanTip(rows)
		if err != nil {
			return box, fmt.Errorf("list tips: %w", err)
		}
		box.Tips = append(box.Tips, t)
	}
	if len(box.Tips) > most {
		box.Tips, box.More = box.Tips[:most], true
	}
	return box, rows.Err()
}

// visible is the condition for what a viewer sees; see Tip.seenBy.
func visible(by access.Viewer) (condition string, args []any) {
	if len(by.Regions) == 0 {
		return "1 = 1", nil
	}
	parts := []string{"origin = ?"}
	args = append(args, "console "+by.Name)
	for _, region := range by.Regions {
		parts = append(parts, "region = ? OR region >= ? AND region < ?")
		args = append(args, region, region+".", region+"/") // "/" comes behind "."
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// Decide moves a tip out of the waiting ones: accepted, to be captured, or
// rejected with a cause, or spam. The contact of a tip that is not accepted goes
// at once. A tip that somebody else has decided on meanwhile is ErrDecided.
func (d *Desk) Decide(ctx context.Context, by access.Viewer, number int64, state TipState, cause string) error {
	t, err := d.Tip(ctx, by, number)
	if err != nil {
		return err
	}
	cause = strings.TrimSpace(clean(cause))
	action, ok := map[TipState]string{TipAccepted: DidTipAccept, TipRejected: DidTipReject, TipSpam: DidTipSpam}[state]
	switch {
	case !ok:
		return fmt.Errorf("a tip becomes accepted, rejected or spam, not %q", state)
	case state == TipRejected && cause == "":
		return &TipError{Why: "no_cause"}
	case utf8.RuneCountInString(cause) > MaxCauseRunes:
		return &TipError{Why: "too_long"}
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		query, args := `UPDATE capture_tips SET state = ?, cause = ?, by_id = ?, by_name = ?, decided_at = ?`, []any{string(state), cause, by.ID, by.Name, d.now().UnixMilli()}
		if state != TipAccepted {
			query, args = query+`, contact = ?`, append(args, []byte{})
		}
		// An accepted tip that was not captured may still turn out to be none.
		result, err := tx.Exec(ctx, query+` WHERE num = ? AND (state = 'waiting' OR state = 'accepted' AND ? <> 'accepted')`, append(args, number, string(state))...)
		if err != nil {
			return fmt.Errorf("decide on a tip: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrDecided)
		}
		detail := map[string]string{}
		if cause != "" {
			detail["cause"] = cause
		}
		return d.audit.Append(ctx, tx, audit.Event{By: by, Action: action, Subject: "tip " + t.Receipt, Detail: detail})
	})
}

// ErrDecided says that a tip has been decided on before.
var ErrDecided = errors.New("the tip has been decided on before")

// Contact opens the contact that a tip's sender left, and records who asked.
func (d *Desk) Contact(ctx context.Context, by access.Viewer, number int64) (string, error) {
	t, err := d.Tip(ctx, by, number)
	if err != nil {
		return "", err
	}
	if err := d.audit.Tell(ctx, audit.Event{By: by, Action: DidTipContact, Subject: "tip " + t.Receipt}); err != nil {
		return "", err
	}
	var sealed []byte
	err = d.db.QueryRow(ctx, `SELECT contact FROM capture_tips WHERE num = ?`, number).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNone
	}
	if err != nil {
		return "", fmt.Errorf("read a contact: %w", err)
	}
	return d.keys.unseal(sealed, t.Receipt)
}

// Same counts the other tips about the same link.
func (d *Desk) Same(ctx context.Context, t *Tip) (n int, err error) {
	if t.Link.Key == "" {
		return 0, nil
	}
	err = d.db.QueryRow(ctx, `SELECT count(*) FROM capture_tips WHERE link_key = ? AND num <> ? AND state <> 'spam'`, t.Link.Key, t.Number).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count tips: %w", err)
	}
	return n, nil
}
