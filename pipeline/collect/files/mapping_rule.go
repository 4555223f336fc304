package files

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/post"
)

// record is one row or object of an export.
type record interface {
	// values returns what the record has under a column's name or path, empty
	// values left out.
	values(path string) []string
}

// mapError says what is wrong with a value of an export.
type mapError struct {
	Field, Column, Value, Allowed string
}

func (e *mapError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("field %s: value %s: allowed: %s", e.Field, e.Value, e.Allowed)
	}
	return fmt.Sprintf("column %q (%s): value %s: allowed: %s", e.Column, e.Field, e.Value, e.Allowed)
}

// apply sets the rule's field of the post.
func (r *rule) apply(p *post.Post, from record, location *time.Location) error {
	value, column := r.value(from)
	fail := func(value, allowed string) error {
		return &mapError{Field: r.field, Column: column, Value: shorten(value), Allowed: allowed}
	}
	if !utf8.ValidString(value) {
		return fail(value, "valid UTF-8")
	}
	if r.isExact && rounded.MatchString(value) {
		return fail(value, "the whole number: a spreadsheet program has rounded it, so export the column as text")
	}
	if value != "" && r.Match != "" {
		value = matched(r.match, value)
	}
	if value != "" && r.Map != nil {
		mapped, err := r.mapped(value)
		if err != "" {
			return fail(value, err)
		}
		value = mapped
	}
	if value == "" {
		value = r.Value
	} else {
		value = r.Prefix + value
	}
	if value != "" && r.isDate && len(r.formats) > 0 {
		at, ok := parseDates(value, r.formats, location)
		if !ok {
			return fail(value, "a date in the format "+strings.Join(r.Formats, ", or ")+" (of time zone "+location.String()+")")
		}
		value = at.Format(time.RFC3339Nano)
	}
	if err := r.set(p, value, location); err != nil {
		return fail(value, allowedOf(err))
	}
	return nil
}

// rounded is how spreadsheet programs write numbers that are too long for them.
var rounded = regexp.MustCompile(`^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+$`)

func allowedOf(err error) string {
	if field, ok := err.(*post.FieldError); ok { //nolint:errorlint // the setters return it as it is
		return field.Allowed
	}
	return err.Error()
}

// value returns what the record has for the rule, with the column that it is
// from.
func (r *rule) value(from record) (value, column string) {
	if r.Template != "" {
		return fill(r.parts, from), r.Template
	}
	var all []string
	for _, name := range r.From {
		values := from.values(name)
		if len(values) == 0 {
			continue
		}
		if r.Join == "" {
			return strings.Join(values, " "), name
		}
		all = append(all, values...)
	}
	return strings.Join(all, r.Join), strings.Join(r.From, ", ")
}

// matched returns the first group of the expression, or the whole match.
func matched(expression *regexp.Regexp, value string) string {
	groups := expression.FindStringSubmatch(value)
	switch {
	case groups == nil:
		return ""
	case len(groups) > 1:
		return groups[1]
	default:
		return groups[0]
	}
}

// mapped turns a value into another; allowed is not empty where there is none.
func (r *rule) mapped(value string) (mapped, allowed string) {
	if to, ok := r.Map[value]; ok {
		return to, ""
	}
	if to, ok := r.Map["*"]; ok {
		return to, ""
	}
	names := make([]string, 0, len(r.Map))
	for name := range r.Map {
		names = append(names, name)
	}
	slices.Sort(names)
	return "", "the values " + strings.Join(names, ", ") + ", which the mapping names"
}

// part is a piece of a template: text, or a column's value.
type part struct{ text, path string }

// parseTemplate divides a template into its parts; {{ stands for {.
func parseTemplate(template string) ([]part, error) {
	var parts []part
	for template != "" {
		before, rest, found := strings.Cut(template, "{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			break
		}
		if after, ok := strings.CutPrefix(rest, "{"); ok {
			parts, template = append(parts, part{text: "{"}), after
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" {
			return nil, fmt.Errorf("text with the names of columns in braces, such as {id}")
		}
		if err := checkPath(name); err != nil {
			return nil, err
		}
		parts, template = append(parts, part{path: name}), after
	}
	return parts, nil
}

func fill(parts []part, from record) string {
	var b strings.Builder
	for _, p := range parts {
		if p.path == "" {
			b.WriteString(p.text)
			continue
		}
		values := from.values(p.path)
		if len(values) == 0 {
			return ""
		}
		b.WriteString(values[0])
	}
	return b.String()
}

// tableRow is a record of a table.
type tableRow struct {
	names, fields []string
}

func (r tableRow) values(name string) []string {
	for n, column := range r.names {
		if column == name && n < len(r.fields) && r.fields[n] != "" {
			return []string{r.fields[n]}
		}
	}
	return nil
}
