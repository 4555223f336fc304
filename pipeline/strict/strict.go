// Package strict reads the YAML files that people write for Netra:
// configuration, contestants, keyword lists. It accepts nothing that it does
// not understand: an unknown or repeated key and a wrong type are errors with
// file, line, key, value and what is allowed, and all of them are reported, not
// only the first. It knows no format by itself; the Go type that is read into
// says what is allowed, by its `yaml` tags.
package strict

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error says what is wrong at one place of a file.
type Error struct {
	File    string
	Line    int
	Key     string // dotted path such as elections[0].contestants[1].number
	Value   string
	Allowed string
}

func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key == "" {
		return fmt.Sprintf("%s: %s", place, e.Allowed)
	}
	return fmt.Sprintf("%s: key %q: value %s: allowed: %s", place, e.Key, e.Value, e.Allowed)
}

// Allower is implemented by types that are read from one word of text; the
// answer completes the sentence "allowed: …".
type Allower interface{ Allowed() string }

// Document is a file that was read: it remembers on which line each key is, for
// the checks that come after reading.
type Document struct {
	File  string
	lines map[string]int
}

// Line returns the line of the key with the given path, or of its nearest
// parent that the file has.
func (d *Document) Line(path string) int {
	for path != "" {
		if line, ok := d.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// Errorf makes an Error at the key with the given path.
func (d *Document) Errorf(path, value, allowed string, args ...any) error {
	return &Error{File: d.File, Line: d.Line(path), Key: path, Value: value, Allowed: fmt.Sprintf(allowed, args...)}
}

// Decode reads data into the struct that into points to. Its error joins one
// *Error for each thing that is wrong.
func Decode(file string, data []byte, into any) (*Document, error) {
	document := &Document{File: file, lines: map[string]int{}}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return document, syntaxError(file, err)
	}
	if len(parsed.Docs) > 1 && parsed.Docs[1].Body != nil {
		return document, &Error{File: file, Line: parsed.Docs[1].GetToken().Position.Line, Allowed: "one YAML document a file, not several"}
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return document, nil
	}
	body := parsed.Docs[0].Body
	c := &checker{document: document}
	c.check(body, reflect.TypeOf(into).Elem(), "")
	if len(c.errs) > 0 {
		return document, errors.Join(c.errs...)
	}
	if err := yaml.NodeToValue(body, into); err != nil {
		return document, syntaxError(file, err)
	}
	return document, nil
}

func syntaxError(file string, err error) error {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil {
		return &Error{File: file, Line: located.GetToken().Position.Line, Allowed: "not valid YAML: " + located.GetMessage()}
	}
	return &Error{File: file, Allowed: "not valid YAML: " + err.Error()}
}

type checker struct {
	document *Document
	errs     []error
}

func (c *checker) fail(node ast.Node, path, value, allowed string) {
	c.errs = append(c.errs, &Error{
		File: c.document.File, Line: node.GetToken().Position.Line, Key: path, Value: value, Allowed: allowed,
	})
}

func (c *checker) check(node ast.Node, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := node.(type) {
	case *ast.AnchorNode:
		c.check(n.Value, t, path)
		return
	case *ast.AliasNode, *ast.MergeKeyNode:
		c.fail(node, path, node.String(), "plain values; YAML aliases and merges are not read")
		return
	case *ast.NullNode:
		return
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.InterfaceUnmarshaler]()) ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.BytesUnmarshaler]()) {
		return // the type checks itself
	}
	if isScalar(t) {
		c.checkScalar(node, t, path)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.checkStruct(node, t, path)
	case reflect.Map:
		c.checkMap(node, t, path)
	case reflect.Slice:
		c.checkSlice(node, t, path)
	}
}

func (c *checker) checkStruct(node ast.Node, t reflect.Type, path string) {
	fields := fieldTypes(t)
	c.eachKey(node, path, func(key string, value *ast.MappingValueNode, child string) {
		field, known := fields[key]
		if !known {
			c.fail(value.Key, child, oneLine(value.Value.String()), unknownKey(key, fields))
			return
		}
		c.check(value.Value, field, child)
	})
}

func (c *checker) checkMap(node ast.Node, t reflect.Type, path string) {
	c.eachKey(node, path, func(_ string, value *ast.MappingValueNode, child string) {
		c.check(value.Value, t.Elem(), child)
	})
}

func (c *checker) eachKey(node ast.Node, path string, visit func(key string, value *ast.MappingValueNode, child string)) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		c.fail(node, path, oneLine(node.String()), "keys with values")
		return
	}
	seen := map[string]bool{}
	for iter := mapping.MapRange(); iter.Next(); {
		value := iter.KeyValue()
		key := value.Key.GetToken().Value
		child := join(path, key)
		if seen[key] {
			c.fail(value.Key, child, oneLine(value.Value.String()), "each key once")
			continue
		}
		seen[key] = true
		c.document.lines[child] = value.Key.GetToken().Position.Line
		visit(key, value, child)
	}
}

func (c *checker) checkSlice(node ast.Node, t reflect.Type, path string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		c.fail(node, path, oneLine(node.String()), "a list, such as [a, b]")
		return
	}
	for i, item := range sequence.Values {
		child := fmt.Sprintf("%s[%d]", path, i)
		c.document.lines[child] = item.GetToken().Position.Line
		c.check(item, t.Elem(), child)
	}
}

func (c *checker) checkScalar(node ast.Node, t reflect.Type, path string) {
	if allowed := scalarProblem(node, t); allowed != "" {
		c.fail(node, path, oneLine(node.String()), allowed)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func oneLine(s string) string {
	s, _, cut := strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > 60 {
		s, cut = strings.ToValidUTF8(s[:60], ""), true
	}
	if cut {
		s += "…"
	}
	return s
}

func unknownKey(key string, fields map[string]reflect.Type) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	message := "the keys " + strings.Join(names, ", ")
	if near := Nearest(key, names); near != "" {
		message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return message
}
