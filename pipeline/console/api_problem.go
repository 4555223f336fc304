package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/review"
)

// apiProblem is what a program is told of an error (RFC 9457).
type apiProblem struct {
	// Type is apiProblemType with the word of Error.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is for people, in the language that the program asked for.
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	// Error is a word for programs, such as "forbidden" or "taken".
	Error string `json:"error"`
	// Request is the id by which the console's log knows the request.
	Request string `json:"request"`
	// Errors are the values that are not allowed, or the items that hindered.
	Errors []fieldProblem `json:"errors,omitempty"`
}

const apiProblemType = "urn:netra:problem:"

// fieldProblem says what is wrong with one value or one item.
type fieldProblem struct {
	Item string `json:"item,omitempty"`
	// Error is why an item hindered, as in apiProblem.
	Error   string `json:"error,omitempty"`
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Allowed string `json:"allowed,omitempty"`
}

// mostValueBytes bounds how much of a wrong value is told back.
const mostValueBytes = 300

// wrongValue says that a field has a value that is not allowed.
func wrongValue(field, value, allowed string) error {
	return wrongValues([]fieldProblem{{Field: field, Value: short(value, mostValueBytes), Allowed: allowed}})
}

func wrongValues(fields []fieldProblem) error {
	return failure{status: http.StatusUnprocessableEntity, word: "invalid", fields: fields}
}

// apiFailure tells a program what happened, and nothing of the cause.
func (c *Console) apiFailure(w http.ResponseWriter, r *http.Request, f failure) {
	key := f.key
	if key == "" {
		key = strconv.Itoa(f.status)
	}
	words := c.pages.words(r)
	word := f.word
	if word == "" {
		word = f.key
	}
	if word == "" {
		word = strings.ToLower(strings.ReplaceAll(http.StatusText(f.status), " ", "_"))
	}
	body := apiProblem{
		Type: apiProblemType + word, Title: http.StatusText(f.status), Status: f.status, Instance: r.URL.EscapedPath(), Error: word,
		Detail: words.Or("api.problem."+word, words.T("error."+key+".text")), Request: of(r).id, Errors: f.fields,
	}
	data, err := json.Marshal(body)
	if err != nil {
		c.logger.Error("an error was not told", "request", of(r).id, "error", err)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.status)
	_, _ = w.Write(append(data, '\n')) // the reader may have gone
}

// reviewProblem is one of the review's errors as programs are told it.
type reviewProblem struct {
	err    error
	status int
	word   string
}

func reviewProblems() []reviewProblem {
	return []reviewProblem{
		{review.ErrNotFound, http.StatusNotFound, "not_found"},
		{review.ErrForbidden, http.StatusForbidden, "forbidden"},
		{review.ErrTaken, http.StatusConflict, "taken"},
		{review.ErrChanged, http.StatusConflict, "changed"},
		{review.ErrSamePerson, http.StatusConflict, "same_person"},
		{review.ErrNotUndone, http.StatusConflict, "not_undone"},
		{review.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	}
}

// apiRefused says what of the review's errors a program is told; others are the
// console's own. Where several items hindered for different reasons, it is a
// conflict, and each is named with its own.
func apiRefused(doing string, err error) error {
	var several *review.HinderedError
	if !errors.As(err, &several) {
		if known, ok := problemOf(err); ok {
			return failure{status: known.status, word: known.word, cause: err, fields: fieldsOf("", err)}
		}
		return refused(doing, err)
	}
	f := failure{cause: err}
	for i, hindrance := range several.Items {
		known, ok := problemOf(hindrance.Err)
		if !ok {
			return refused(doing, err)
		}
		if i > 0 && known.word != f.word {
			known = reviewProblem{status: http.StatusConflict, word: "hindered"}
		}
		f.status, f.word = known.status, known.word
		f.fields = append(f.fields, fieldsOf(hindrance.Item, hindrance.Err)...)
	}
	return f
}

func problemOf(err error) (reviewProblem, bool) {
	for _, known := range reviewProblems() {
		if errors.Is(err, known.err) {
			return known, true
		}
	}
	return reviewProblem{}, false
}

// fieldsOf are the values or the item that an error is about.
func fieldsOf(item string, err error) []fieldProblem {
	word := ""
	if known, ok := problemOf(err); ok && item != "" {
		word = known.word
	}
	var fields []fieldProblem
	for _, wrong := range invalidErrors(err) {
		fields = append(fields, fieldProblem{
			Item: item, Error: word, Field: apiFieldName(wrong.Field), Value: short(wrong.Value, mostValueBytes), Allowed: wrong.Allowed,
		})
	}
	if len(fields) == 0 && item != "" {
		fields = []fieldProblem{{Item: item, Error: word}}
	}
	return fields
}

// apiFieldName is a field of the review as the API calls it.
func apiFieldName(field string) string {
	if field == "person" {
		return "to"
	}
	return field
}

// invalidErrors are all of an error that name a value, also of joined ones.
func invalidErrors(err error) []*review.InvalidError {
	switch wrapped := err.(type) { //nolint:errorlint // each of a chain is looked at
	case *review.InvalidError:
		return []*review.InvalidError{wrapped}
	case interface{ Unwrap() error }:
		return invalidErrors(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*review.InvalidError
		for _, inner := range wrapped.Unwrap() {
			all = append(all, invalidErrors(inner)...)
		}
		return all
	}
	return nil
}
