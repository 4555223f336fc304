package audit

import (
	"context"
	"fmt"
	"time"
)

// Check is what Verify found.
type Check struct {
	// At is when it was; zero where there was none yet.
	At time.Time
	// Entries is how many entries hold, from the first on.
	Entries int64
	// Waiting is how many events are committed but not yet in the chain.
	Waiting int64
	// Head is the end of what holds.
	Head Head
	// Broken is the number of the first entry that does not hold, 0 where all do;
	// Why says what is wrong with it.
	Broken int64
	Why    Fault
}

// Holds says whether nothing was found wrong.
func (c Check) Holds() bool { return c.Broken == 0 }

// Fault is what is wrong with an entry.
type Fault string

// The faults.
const (
	Changed   Fault = "its content is not what was recorded"
	Unlinked  Fault = "it does not follow the entry before it: that one was exchanged or changed with all that it says"
	Missing   Fault = "it is missing"
	Truncated Fault = "it is missing: the log ends before the head that was kept"
	Exchanged Fault = "it is another one than the head that was kept"
)

const entryColumns = `number, at, actor_id, actor, role, action, subject, detail, address, previous, hash`

type scanner interface{ Scan(into ...any) error }

func scan(row scanner) (e Entry, err error) {
	var at int64
	err = row.Scan(&e.Number, &at, &e.ActorID, &e.Actor, &e.Role, &e.Action, &e.Subject, &e.Detail, &e.Address, &e.Previous, &e.Hash)
	e.At = time.UnixMilli(at).UTC()
	return e, err
}

// Verify walks the chain from its first entry. kept is a head that was printed
// before and kept elsewhere, or the zero Head: without one, it cannot be seen
// that the log's end was cut off.
func (l *Log) Verify(ctx context.Context, kept Head) (Check, error) {
	check, err := l.walk(ctx, kept)
	if err != nil {
		return Check{}, fmt.Errorf("verify the audit log: %w", err)
	}
	if err := l.db.QueryRow(ctx, `SELECT count(*) FROM audit_pending`).Scan(&check.Waiting); err != nil {
		return Check{}, fmt.Errorf("verify the audit log: %w", err)
	}
	check.At = l.now()
	l.mu.Lock()
	l.last = check
	l.mu.Unlock()
	l.metrics.verified(check)
	return check, nil
}

// Last returns what the last Verify of this process found.
func (l *Log) Last() Check {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func (l *Log) walk(ctx context.Context, kept Head) (check Check, err error) {
	rows, err := l.db.Query(ctx, `SELECT `+entryColumns+` FROM audit_entries ORDER BY number`)
	if err != nil {
		return Check{}, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return Check{}, err
		}
		if number, why := fault(check.Head, &e, kept); why != "" {
			check.Broken, check.Why = number, why
			return check, nil
		}
		check.Entries, check.Head = e.Number, Head{Number: e.Number, Hash: e.Hash}
	}
	if err := rows.Err(); err != nil {
		return Check{}, err
	}
	if check.Head.Number < kept.Number {
		check.Broken, check.Why = check.Head.Number+1, Truncated
	}
	return check, nil
}

// fault says what is wrong with the entry behind end, and which entry it is.
func fault(end Head, e *Entry, kept Head) (int64, Fault) {
	previous := end.Hash
	if end.Number == 0 {
		previous = genesis
	}
	switch {
	case e.Number != end.Number+1:
		return end.Number + 1, Missing
	case e.Hash != e.sum():
		return e.Number, Changed
	case e.Previous != previous:
		return e.Number, Unlinked
	case e.Number == kept.Number && e.Hash != kept.Hash:
		return e.Number, Exchanged
	}
	return 0, ""
}
