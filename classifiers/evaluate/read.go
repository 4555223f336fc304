package evaluate

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/evaluate/tsv"
	"github.com/netra-id/netra/pipeline/post"
)

// columns are the columns of a file of labelled posts. All but text may be
// missing.
var columns = []string{"id", "labels", "lang", "text"}

// ReadFile reads labelled posts from a file of tab-separated values.
func ReadFile(path string) (Set, error) {
	file, err := os.Open(path)
	if err != nil {
		return Set{}, fmt.Errorf("read labelled posts: %w", err)
	}
	defer func() { _ = file.Close() }()
	return Read(path, file)
}

// Read reads labelled posts: a header with the columns id, labels, lang and
// text, of which only text is needed, and a row a post. labels holds the names of
// labels separated by commas, or none; an empty cell means that the post is not
// labelled. Errors name the file, the line, the column, the value and what is
// allowed.
func Read(name string, r io.Reader) (Set, error) {
	table, err := tsv.Read(name, r)
	if err != nil {
		return Set{}, err
	}
	for _, column := range table.Columns {
		if !slices.Contains(columns, column) {
			return Set{}, fmt.Errorf("%s:1: column %q: allowed: %s", name, column, strings.Join(columns, ", "))
		}
	}
	if table.Column("text") < 0 {
		return Set{}, fmt.Errorf("%s:1: the column text is missing: allowed: %s", name, strings.Join(columns, ", "))
	}
	set := Set{Name: name, Labelled: table.Column("labels") >= 0}
	for _, row := range table.Rows {
		example, err := readExample(table, row)
		if err != nil {
			return Set{}, err
		}
		set.Examples = append(set.Examples, example)
	}
	return set, nil
}

func readExample(table tsv.Table, row tsv.Row) (Example, error) {
	value := func(column string) string {
		if i := table.Column(column); i >= 0 {
			return row.Values[i]
		}
		return ""
	}
	e := Example{ID: value("id"), Text: value("text"), Line: row.Line}
	if e.ID == "" {
		e.ID = fmt.Sprintf("line-%d", row.Line)
	}
	var err error
	if e.Labels, e.Unlabelled, err = ParseLabels(value("labels")); err != nil {
		return Example{}, fmt.Errorf("%s:%d: column %q: %w", table.Name, row.Line, "labels", err)
	}
	if e.Language, err = parseLanguage(value("lang")); err != nil {
		return Example{}, fmt.Errorf("%s:%d: column %q: %w", table.Name, row.Line, "lang", err)
	}
	return e, nil
}

// ParseLabels reads names of labels separated by commas, or none. An empty value
// is unlabelled.
func ParseLabels(value string) (labels []post.Label, unlabelled bool, err error) {
	value = strings.TrimSpace(value)
	switch value {
	case "":
		return nil, true, nil
	case "none":
		return nil, false, nil
	}
	for _, name := range strings.Split(value, ",") {
		label := post.Label(strings.TrimSpace(name))
		if !slices.Contains(post.Labels, label) {
			return nil, false, fmt.Errorf("value %q: allowed: none, or of %s separated by commas", name, joinLabels())
		}
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels, false, nil
}

func joinLabels() string {
	names := make([]string, len(post.Labels))
	for i, label := range post.Labels {
		names[i] = string(label)
	}
	return strings.Join(names, ", ")
}

var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

func parseLanguage(value string) (string, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", nil
	}
	code := canonicalLanguage(value)
	if !languageCode.MatchString(code) {
		return "", fmt.Errorf("value %q: allowed: a code of ISO 639-1 or 639-3 such as id, jv, bjn, or und", value)
	}
	return code, nil
}

// canonicalLanguage is the code that verdicts use: ISO 639-1 where there is one,
// without a region or script.
func canonicalLanguage(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(code), "-")
	switch code {
	case "ind":
		return "id"
	case "jav":
		return "jv"
	case "sun":
		return "su"
	case "msa", "zsm", "zlm":
		return "ms"
	case "eng":
		return "en"
	}
	return code
}
