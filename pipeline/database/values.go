package database

import (
	"strings"
	"time"
)

// Milliseconds is a time as tables keep it, since 1970; 0 where it is not set.
func Milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the inverse of Milliseconds, in UTC.
func Time(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}

// Marks are n placeholders for a list: "?,?,?".
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// Arguments are values as arguments of a query.
func Arguments[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}
