package youtube

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the quota's day begins in a zone that machines may not have

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// failure is what Google puts into the body of an answer that is none.
type failure struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
		Errors  []struct {
			Reason string `json:"reason"`
			Domain string `json:"domain"`
		} `json:"errors"`
		Details []struct {
			Reason string `json:"reason"`
		} `json:"details"`
	} `json:"error"`
}

// Error is an error of the API, inside the *collect.Error that says what is to
// be made of it.
type Error struct {
	Code int
	// Reasons are Google's words for it, such as quotaExceeded.
	Reasons []string
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("YouTube answers %d (%s): %s", e.Code, strings.Join(e.Reasons, ", "), e.Message)
}

func (e *Error) is(reason string) bool {
	for _, r := range e.Reasons {
		if strings.EqualFold(r, reason) {
			return true
		}
	}
	return false
}

// hasReason says whether err is the API's, for the reason.
func hasReason(err error, reason string) bool {
	var told *Error
	return errors.As(err, &told) && told.is(reason)
}

// kinds says what is to be made of Google's reasons; the first that fits counts.
var kinds = []struct {
	reason string
	kind   collect.Kind
}{
	{"quotaExceeded", collect.KindRateLimited}, {"dailyLimitExceeded", collect.KindRateLimited},
	{"rateLimitExceeded", collect.KindRateLimited}, {"userRateLimitExceeded", collect.KindRateLimited}, {"RATE_LIMIT_EXCEEDED", collect.KindRateLimited},
	{"channelSuspended", collect.KindSuspended}, {"accountSuspended", collect.KindSuspended},
	{"channelClosed", collect.KindGone}, {"accountClosed", collect.KindGone}, {"channelNotFound", collect.KindGone},
	{"channelForbidden", collect.KindPrivate}, {"playlistItemsNotAccessible", collect.KindPrivate}, {"watchHistoryNotAccessible", collect.KindPrivate},
	{"backendError", collect.KindTemporary}, {"internalError", collect.KindTemporary}, {"processingFailure", collect.KindTemporary},
	{"SERVICE_UNAVAILABLE", collect.KindTemporary},
	{"keyInvalid", collect.KindRefused}, {"API_KEY_INVALID", collect.KindRefused}, {"keyExpired", collect.KindRefused},
	{"accessNotConfigured", collect.KindRefused}, {"ipRefererBlocked", collect.KindRefused}, {"forbidden", collect.KindRefused},
}

// typed gives an error of a request the kind that its body says.
func (s *Source) typed(err error, now time.Time) error {
	status := fetch.Status(err)
	var body failure
	if status == nil || !status.JSON(&body) || body.Error.Code == 0 {
		return err
	}
	told := &Error{Code: body.Error.Code, Message: s.scrub(body.Error.Message)}
	for _, e := range body.Error.Errors {
		told.Reasons = append(told.Reasons, e.Reason)
	}
	for _, d := range body.Error.Details {
		if d.Reason != "" {
			told.Reasons = append(told.Reasons, d.Reason)
		}
	}
	var before *collect.Error
	if !errors.As(err, &before) {
		return err
	}
	typed := &collect.Error{Kind: before.Kind, RetryAfter: before.RetryAfter, Err: told}
	for _, k := range kinds {
		if told.is(k.reason) {
			typed.Kind = k.kind
			break
		}
	}
	if told.is("quotaExceeded") || told.is("dailyLimitExceeded") {
		typed.RetryAfter = untilNewQuota(now)
	}
	if told.is("invalidPageToken") {
		typed.Err = errors.Join(told, sweep.ErrToken)
	}
	return typed
}

// untilNewQuota is how long it takes until midnight in California, when the
// units of a day are given anew.
func untilNewQuota(now time.Time) time.Duration {
	location, err := time.LoadLocation(TimeZone)
	if err != nil {
		return 24 * time.Hour // cannot be: the zones are in the binary
	}
	y, m, d := now.In(location).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, location).Sub(now)
}

// scrub takes the key out of a message, and keeps it short.
func (s *Source) scrub(message string) string {
	if value, err := s.key.Value(); err == nil && value != "" {
		message = strings.ReplaceAll(message, value, "(hidden)")
	}
	const most = 300
	message = strings.ToValidUTF8(message, "\ufffd")
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return message
}
