package cases

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart.
var (
	// ErrNotFound is also what somebody gets who may not see the case or the post.
	ErrNotFound = errors.New("no such case")
	// ErrNoPost says that a post is not there, or not for this person to see.
	ErrNoPost = errors.New("no such post")
	// ErrChanged says that the case was changed in the meantime.
	ErrChanged = errors.New("the case has changed in the meantime")
	// ErrForbidden says that the person's role does not allow it.
	ErrForbidden = errors.New("not allowed to this role")
	// ErrInvalid says that a value is not allowed; the error around it says what is.
	ErrInvalid = errors.New("not allowed")
)

// InvalidError says which value is not allowed, and what is. It is ErrInvalid.
type InvalidError struct {
	// Field is what the value is of: title, kind, posts, post, person, status,
	// receiver, reference, date, outcome, reason or note.
	Field, Value string
	// Allowed says what is allowed.
	Allowed string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %q: %s: allowed: %s", e.Field, e.Value, ErrInvalid, e.Allowed)
}

// Unwrap returns ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

func invalid(field string, value, allowed any) error {
	return &InvalidError{Field: field, Value: fmt.Sprint(value), Allowed: fmt.Sprint(allowed)}
}

// doing wraps an error in what was being done.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func allowedLetters(from, most int) string { return fmt.Sprintf("%d to %d letters", from, most) }
