package files

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkPath says whether a text can be a column or a path.
func checkPath(path string) error {
	if strings.TrimSpace(path) == "" || !utf8.ValidString(path) {
		return errors.New("the name of a column, or a path such as data.author.id or media[*].url")
	}
	return nil
}

// object is a record of JSON.
type object struct{ root any }

// values returns what is under a path: names with dots between them, [2] for an
// element of a list and [*] for all. A name that has dots itself is found, too.
func (o object) values(path string) []string {
	var found []string
	find(o.root, path, &found)
	return found
}

func find(node any, path string, found *[]string) {
	if path == "" {
		if text := scalar(node); text != "" {
			*found = append(*found, text)
		}
		return
	}
	switch node := node.(type) {
	case map[string]any:
		findIn(node, path, found)
	case []any:
		index, rest, ok := element(path)
		switch {
		case ok && index < 0:
			for _, child := range node {
				find(child, rest, found)
			}
		case ok && index < len(node):
			find(node[index], rest, found)
		}
	}
}

// findIn looks for the longest name first.
func findIn(node map[string]any, path string, found *[]string) {
	if child, ok := node[path]; ok {
		find(child, "", found)
		return
	}
	for end := len(path) - 1; end > 0; end-- {
		if path[end] != '.' && path[end] != '[' {
			continue
		}
		if child, ok := node[path[:end]]; ok {
			find(child, strings.TrimPrefix(path[end:], "."), found)
			return
		}
	}
}

// element reads [2] or [*] at the start of a path; index is -1 for all.
func element(path string) (index int, rest string, ok bool) {
	inside, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
	if !ok || !strings.HasPrefix(path, "[") {
		return 0, "", false
	}
	rest = strings.TrimPrefix(rest, ".")
	if inside == "*" {
		return -1, rest, true
	}
	n, err := strconv.Atoi(inside)
	return n, rest, err == nil && n >= 0
}

// scalar returns a text, a number as it is written, or true and false.
func scalar(node any) string {
	switch node := node.(type) {
	case string:
		return node
	case json.Number:
		return node.String()
	case bool:
		return strconv.FormatBool(node)
	default:
		return ""
	}
}

// parseObject reads a record of JSON, with numbers as they are written.
func parseObject(data []byte) (object, error) {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var o object
	if err := decoder.Decode(&o.root); err != nil {
		return o, err
	}
	if decoder.More() {
		return o, errors.New("something stands behind the record")
	}
	if _, ok := o.root.(map[string]any); !ok {
		return o, errors.New("a record that is no object")
	}
	return o, nil
}
