package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// isScalar says whether t is read from one word.
func isScalar(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice:
		return false
	default:
		return true
	}
}

// scalarProblem returns what is allowed where node does not fit t, else "".
func scalarProblem(node ast.Node, t reflect.Type) string {
	if text, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		return textProblem(node, text)
	}
	if t == reflect.TypeFor[time.Duration]() {
		if _, err := time.ParseDuration(node.GetToken().Value); err != nil {
			return "a duration such as 500ms, 10s, 5m or 720h"
		}
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return stringProblem(node)
	case reflect.Bool:
		if _, ok := node.(*ast.BoolNode); !ok {
			return "true or false"
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if _, ok := node.(*ast.IntegerNode); !ok {
			return "a whole number"
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n, ok := node.(*ast.IntegerNode); !ok || strings.HasPrefix(n.String(), "-") {
			return "a whole number from 0"
		}
	case reflect.Float32, reflect.Float64:
		switch node.(type) {
		case *ast.FloatNode, *ast.IntegerNode:
		default:
			return "a number"
		}
	}
	return ""
}

func stringProblem(node ast.Node) string {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return ""
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return fmt.Sprintf("a text; write it in quotes: %q", node.GetToken().Value)
	default:
		return "a text"
	}
}

func textProblem(node ast.Node, into encoding.TextUnmarshaler) string {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
	default:
		if into.UnmarshalText([]byte(node.GetToken().Value)) == nil {
			return ""
		}
	}
	if allower, ok := into.(Allower); ok {
		return allower.Allowed()
	}
	return "another value"
}

// fieldTypes maps the YAML keys of struct t to their types; embedded structs
// tagged ",inline" count as their own keys.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			for key, inner := range fieldTypes(field.Type) {
				fields[key] = inner
			}
		case name == "-" || !field.IsExported():
		case name == "":
			fields[strings.ToLower(field.Name)] = field.Type
		default:
			fields[name] = field.Type
		}
	}
	return fields
}
