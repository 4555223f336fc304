package collect

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure a source met; the scheduler decides by it.
type Kind string

// The kinds of failures of a source.
const (
	// KindTemporary may pass by itself: a timeout, a server's error.
	KindTemporary Kind = "temporary"
	// KindRateLimited is the platform asking for fewer requests.
	KindRateLimited Kind = "rate_limited"
	// KindGone is an account or place that was deleted.
	KindGone Kind = "gone"
	// KindPrivate is an account that is no longer public.
	KindPrivate Kind = "private"
	// KindSuspended is an account that the platform has closed.
	KindSuspended Kind = "suspended"
	// KindRenamed is a handle behind which the account no longer is. An account
	// that is still found, by its id, is no failure: see Result.Handle.
	KindRenamed Kind = "renamed"
	// KindMalformed is an answer or a file that as a whole is not what it
	// should be. Single bad items are an ItemError instead.
	KindMalformed Kind = "malformed"
	// KindRefused is a request that the platform or our own safety rules do
	// not allow: credentials, permissions, an address that is not configured.
	KindRefused Kind = "refused"
	// KindDelivery is the queue or the state file failing, not the source.
	KindDelivery Kind = "delivery"
)

// Kinds lists all kinds of failures.
var Kinds = []Kind{
	KindTemporary, KindRateLimited, KindGone, KindPrivate, KindSuspended, KindRenamed,
	KindMalformed, KindRefused, KindDelivery,
}

// Error is a failure of a source for one target.
type Error struct {
	Kind Kind
	// RetryAfter is how long the platform asked to wait; 0 where it did not.
	RetryAfter time.Duration
	// Handle is the new handle of a KindRenamed, empty where it is not known.
	Handle string
	Err    error
}

// Errorf makes an Error of the given kind.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("%s, to be tried again after %s: %v", e.Kind, e.RetryAfter, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Kind, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// asError returns err as an *Error; what a source did not type is temporary.
func asError(err error) *Error {
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	return &Error{Kind: KindTemporary, Err: err}
}

// endOfAccount says whether the kind means that the account can no longer be
// seen, so that it is looked at only rarely.
func (k Kind) endOfAccount() bool {
	return k == KindGone || k == KindPrivate || k == KindSuspended || k == KindRenamed
}

// Cause says why an item did not go on to the queue.
type Cause string

// The causes. The first three are counted only: such posts are neither stored
// nor logged. The others become dead letters.
const (
	CauseNotInRoster    Cause = "not_in_roster"
	CauseNotValidOnDate Cause = "not_valid_on_date"
	CauseDuplicate      Cause = "duplicate"
	CauseMalformed      Cause = "malformed"
	CauseInvalid        Cause = "invalid"
	CauseTooLong        Cause = "too_long"
	CauseNoDate         Cause = "no_date"
	CauseRefused        Cause = "refused_by_queue"
)

// ItemError says why one item is not a post. The items around it are not
// affected.
type ItemError struct {
	Cause Cause
	Err   error
}

func (e *ItemError) Error() string { return e.Err.Error() }

func (e *ItemError) Unwrap() error { return e.Err }

// RefusedError is returned by a Producer for posts that the queue will never
// accept, such as ones above its size limit. The other posts of the call have
// been acknowledged.
type RefusedError struct {
	// Refused maps the index of a post in the call to the reason.
	Refused map[int]error
}

func (e *RefusedError) Error() string {
	for _, reason := range e.Refused {
		return fmt.Sprintf("the queue refuses %d posts, such as: %v", len(e.Refused), reason)
	}
	return "the queue refuses no post"
}
