package fetch

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLimitOf(t *testing.T) {
	now := time.Date(2024, 11, 20, 10, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		header    string
		remaining int
		wait      time.Duration // -1 for none
	}{
		"nothing":                   {"", -1, -1},
		"seconds since 1970":        {"x-rate-limit-remaining: 5; x-rate-limit-reset: 1732097700", 5, 15 * time.Minute},
		"milliseconds since 1970":   {"X-RateLimit-Remaining: 5; X-RateLimit-Reset: 1732097700000", 5, 15 * time.Minute},
		"a date":                    {"X-RateLimit-Remaining: 299; X-RateLimit-Reset: 2024-11-20T10:05:00.000Z", 299, 5 * time.Minute},
		"an HTTP date":              {"RateLimit-Remaining: 1; RateLimit-Reset: Wed, 20 Nov 2024 10:00:30 GMT", 1, 30 * time.Second},
		"seconds to wait":           {"RateLimit-Remaining: 0; RateLimit-Reset: 42", 0, 42 * time.Second},
		"fractions":                 {"X-RateLimit-Remaining: 7.0; X-RateLimit-Reset: 1.5", 7, 1500 * time.Millisecond},
		"the draft's dictionary":    {"RateLimit: limit=100, remaining=50, reset=30", 50, 30 * time.Second},
		"the draft's list":          {`RateLimit: "default"\;r=50\;t=30`, 50, 30 * time.Second},
		"a clock that is behind":    {"Date: Wed, 20 Nov 2024 08:00:00 GMT; X-RateLimit-Remaining: 5; X-RateLimit-Reset: 1732090500", 5, 15 * time.Minute},
		"a reset that is past":      {"X-RateLimit-Remaining: 5; X-RateLimit-Reset: 1732096000", 5, 0},
		"a reset in a hundred days": {"X-RateLimit-Remaining: 0; X-RateLimit-Reset: 9000000", 0, 31 * 24 * time.Hour},
		"no numbers":                {"X-RateLimit-Remaining: many; X-RateLimit-Reset: soon", -1, -1},
		"negative":                  {"X-RateLimit-Remaining: -3; X-RateLimit-Reset: -5", -1, -1},
		"not a number":              {"X-RateLimit-Remaining: NaN; X-RateLimit-Reset: NaN", -1, -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for _, line := range strings.Split(strings.ReplaceAll(test.header, `\;`, "\x00"), "; ") {
				if key, value, ok := strings.Cut(line, ": "); ok {
					header.Set(key, strings.ReplaceAll(value, "\x00", ";"))
				}
			}
			got := LimitOf(header, now)
			if got.Remaining != test.remaining {
				t.Errorf("remaining %d, want %d", got.Remaining, test.remaining)
			}
			if test.wait < 0 != got.Reset.IsZero() || !got.Reset.IsZero() && got.Reset.Sub(now) != test.wait {
				t.Errorf("reset %s, want after %s", got.Reset, test.wait)
			}
		})
	}
}

func FuzzLimitOf(f *testing.F) {
	f.Add("5", "1732097700", "limit=1, remaining=2, reset=3", "Wed, 20 Nov 2024 08:00:00 GMT")
	now := time.Date(2024, 11, 20, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, remaining, reset, structured, date string) {
		got := LimitOf(http.Header{
			"X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset}, "Ratelimit": {structured}, "Date": {date},
		}, now)
		if got.Remaining < -1 || !got.Reset.IsZero() && (got.Reset.Before(now) || got.Reset.After(now.Add(longestReset))) {
			t.Errorf("%+v", got)
		}
	})
}
