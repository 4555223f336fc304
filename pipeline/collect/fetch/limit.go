package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// The headers by which platforms tell of their budget, most common first.
var (
	remainingHeaders = []string{"X-RateLimit-Remaining", "X-Rate-Limit-Remaining", "RateLimit-Remaining"}
	resetHeaders     = []string{"X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset"}
)

// LimitOf reads what the common headers say of the budget: X-RateLimit-*,
// X-Rate-Limit-*, RateLimit-* and the structured RateLimit of the IETF's draft.
// Times are corrected by the answer's Date, in case the clocks differ.
func LimitOf(header http.Header, now time.Time) collect.Limit {
	remaining, reset := first(header, remainingHeaders), first(header, resetHeaders)
	if structured := header.Get("RateLimit"); structured != "" {
		r, t := structuredLimit(structured)
		remaining, reset = orElse(remaining, r), orElse(reset, t)
	}
	limit := collect.Limit{Remaining: -1}
	if n, err := strconv.ParseFloat(remaining, 64); err == nil && n >= 0 && n < 1<<31 {
		limit.Remaining = int(n)
	}
	limit.Reset = resetTime(reset, now, serverTime(header, now))
	return limit
}

func first(header http.Header, names []string) string {
	for _, name := range names {
		if value := strings.TrimSpace(header.Get(name)); value != "" {
			return value
		}
	}
	return ""
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// structuredLimit reads `limit=100, remaining=50, reset=30` and
// `"default";r=50;t=30`.
func structuredLimit(value string) (remaining, reset string) {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ';' }) {
		key, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "remaining", "r":
			remaining = orElse(remaining, number)
		case "reset", "t":
			reset = orElse(reset, number)
		}
	}
	return remaining, reset
}

// serverTime is what the server's clock says, now where it does not tell.
func serverTime(header http.Header, now time.Time) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil || at.Sub(now).Abs() < 2*time.Second {
		return now // Date has whole seconds only
	}
	return at
}

// longestReset bounds what a platform can make the collector wait.
const longestReset = 31 * 24 * time.Hour

// resetTime reads seconds to wait, seconds or milliseconds since 1970, or a
// date; it is zero where there is none.
func resetTime(value string, now, server time.Time) time.Time {
	if value == "" {
		return time.Time{}
	}
	var wait time.Duration
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		switch {
		case n < 0 || n > 1e14 || n != n:
			return time.Time{}
		case n < 1e8:
			wait = time.Duration(n * float64(time.Second))
		case n < 1e11:
			wait = time.Unix(int64(n), 0).Sub(server)
		default:
			wait = time.UnixMilli(int64(n)).Sub(server)
		}
	} else if at, err := time.Parse(time.RFC3339, value); err == nil {
		wait = at.Sub(server)
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(server)
	} else {
		return time.Time{}
	}
	return now.Add(min(max(wait, 0), longestReset))
}
