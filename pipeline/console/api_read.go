package console

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/strict"
)

// mostAPIBytes bounds what a program sends: 500 items with their revisions.
const mostAPIBytes = 512 << 10

// readJSON reads what a program sends into a value: all of it, and nothing that
// it does not know. An empty body is the value as it was.
func readJSON(r *http.Request, value any) error {
	if r.ContentLength == 0 {
		return nil
	}
	given := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(given); err != nil || media != "application/json" {
		return failure{status: http.StatusUnsupportedMediaType, fields: []fieldProblem{{Field: "Content-Type", Value: short(given, mostValueBytes), Allowed: "application/json"}}}
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return notRead(err)
	}
	err = json.Unmarshal(data, value, json.RejectUnknownMembers(true))
	var wrong *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return wrongMember(wrong)
	}
	where := ""
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		where = fmt.Sprintf("at byte %d", syntax.ByteOffset)
	}
	return failure{status: http.StatusBadRequest, cause: err, fields: []fieldProblem{{Field: "body", Value: where, Allowed: "one JSON object in UTF-8, each name once"}}}
}

func notRead(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return failure{status: http.StatusRequestEntityTooLarge, fields: []fieldProblem{{Field: "body", Allowed: fmt.Sprintf("up to %d bytes", tooLarge.Limit)}}}
	}
	return failure{status: http.StatusBadRequest, cause: err}
}

// wrongMember says which part of an object is not known, or of another kind.
func wrongMember(wrong *json.SemanticError) error {
	field := strings.ReplaceAll(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "/", ".")
	if field == "" {
		field = "body"
	}
	if errors.Is(wrong, json.ErrUnknownName) {
		return wrongValue(field, "", "only what openapi.json describes; this name is not known")
	}
	allowed := "another kind of value"
	if wrong.GoType != nil {
		allowed = kindOf(wrong.GoType.Kind().String())
	}
	return wrongValue(field, string(wrong.JSONValue), allowed)
}

// kindOf says a kind of Go's in words of JSON.
func kindOf(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"):
		return "a whole number"
	case kind == "bool":
		return "true or false"
	case kind == "slice":
		return "a list"
	case kind == "struct", kind == "map":
		return "an object"
	default:
		return "a " + kind
	}
}

// knownQuery refuses what a program asks for that the operation does not know:
// a filter with a slip of the pen would choose too much.
func knownQuery(query url.Values, several []string, names ...string) error {
	for name, values := range query {
		switch {
		case !slices.Contains(names, name):
			allowed := strings.Join(names, ", ")
			if nearest := strict.Nearest(name, names); nearest != "" {
				allowed += "; the nearest is " + nearest
			}
			return wrongValue(name, strings.Join(values, ","), allowed)
		case len(values) > 1 && !slices.Contains(several, name):
			return wrongValue(name, strings.Join(values, ","), "once")
		}
	}
	return nil
}

// numberOf reads a number of a query between two bounds.
func numberOf(query url.Values, name string, without, least, most int64) (int64, error) {
	value := query.Get(name)
	if value == "" {
		return without, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < least || n > most {
		return 0, wrongValue(name, value, fmt.Sprintf("a number from %d to %d", least, most))
	}
	return n, nil
}

// apiPageSize is how many entries a list has where none is asked for.
const apiPageSize = 50

func limitOf(query url.Values) (int, error) {
	n, err := numberOf(query, "limit", apiPageSize, 1, review.MostPage)
	return int(n), err
}
