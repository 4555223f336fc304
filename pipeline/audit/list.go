package audit

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Filter chooses entries; an empty field chooses all.
type Filter struct {
	Actor, Action string
	// Subject is the subject or the beginning of it, such as "post ".
	Subject string
	// From (inclusive) and Until (exclusive) bound the time.
	From, Until time.Time
	// Before chooses the entries with smaller numbers, for the next page.
	Before int64
}

// List returns up to limit entries, the last first.
func (l *Log) List(ctx context.Context, f Filter, limit int) ([]Entry, error) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	add("number > 0")
	if f.Actor != "" {
		add("actor = ?", f.Actor)
	}
	if f.Action != "" {
		add("action = ?", f.Action)
	}
	if f.Subject != "" {
		add("subject >= ? AND subject < ?", f.Subject, f.Subject+"\U0010FFFF")
	}
	if !f.From.IsZero() {
		add("at >= ?", f.From.UnixMilli())
	}
	if !f.Until.IsZero() {
		add("at < ?", f.Until.UnixMilli())
	}
	if f.Before > 0 {
		add("number < ?", f.Before)
	}
	rows, err := l.db.Query(ctx, `SELECT `+entryColumns+` FROM audit_entries WHERE `+strings.Join(where, " AND ")+` ORDER BY number DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// Actions lists the actions that the log holds.
func (l *Log) Actions(ctx context.Context) ([]string, error) {
	rows, err := l.db.Query(ctx, `SELECT DISTINCT action FROM audit_entries ORDER BY action`)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var action string
		if err := rows.Scan(&action); err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		all = append(all, action)
	}
	return all, rows.Err()
}
