package review

import "fmt"

// InvalidError says which value is not allowed, and what is. It is ErrInvalid.
type InvalidError struct {
	// Field is what the value is of: a field of a Decision or Filter by its name in
	// small letters, or such as "limit", "cursor", "items" or "person".
	Field, Value string
	// Allowed says what is allowed.
	Allowed string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %q: %s: allowed: %s", e.Field, e.Value, ErrInvalid, e.Allowed)
}

// Unwrap returns ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

func invalid(field string, value any, allowed any) error {
	return &InvalidError{Field: field, Value: fmt.Sprint(value), Allowed: fmt.Sprint(allowed)}
}
