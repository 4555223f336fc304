// Package config reads Netra's configuration: defaults, then one YAML file,
// then environment variables. Every key is also a variable: kafka.brokers is
// NETRA_KAFKA_BROKERS. Each part of Netra declares its own section beside its
// code; this package only joins them, so cmd can hand each part its own.
package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/netra-id/netra/pipeline/strict"
)

// Load reads the file at path (none where path is empty) over the defaults, and
// environ (as os.Environ gives it) over both. Its error joins all that is wrong.
func Load(path string, environ []string) (Configuration, error) {
	c := Default()
	document := &strict.Document{}
	if path != "" {
		data, err := os.ReadFile(path) //nolint:gosec // the user names it
		if err != nil {
			return c, fmt.Errorf("read configuration: %w", err)
		}
		if document, err = strict.Decode(path, data, &c); err != nil {
			return c, err
		}
	}
	set, err := overlay(&c, environ)
	if err != nil {
		return c, err
	}
	return c, c.validate(places{document: document, variables: set})
}

// Dump writes the configuration as YAML, with secrets hidden. What it writes
// can be loaded again; hidden secrets then have to come from the environment.
func Dump(c Configuration) ([]byte, error) {
	data, err := encode(c)
	if err != nil {
		return nil, err
	}
	var whole Configuration // a copy that shares nothing with c
	if _, err := strict.Decode("dump", data, &whole); err != nil {
		return nil, fmt.Errorf("dump the configuration: %w", err)
	}
	hideSecrets(reflect.ValueOf(&whole).Elem())
	return encode(whole)
}

func encode(c Configuration) ([]byte, error) {
	return yaml.MarshalWithOptions(c, yaml.Indent(2), yaml.UseLiteralStyleIfMultiline(true))
}

// keyOf is the path of a field's key in the section at path; ok is false where
// the field is none of the file's.
func keyOf(field reflect.StructField, path string) (key string, ok bool) {
	name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	switch {
	case name == "-" || !field.IsExported():
		return "", false
	case options == "inline":
		return path, true
	default:
		return strings.TrimPrefix(path+"."+name, "."), true
	}
}

// eachLeaf visits every key that is not itself a section.
func eachLeaf(v reflect.Value, path string, visit func(path string, value reflect.Value)) {
	for field, value := range v.Fields() {
		child, ok := keyOf(field, path)
		if !ok {
			continue
		}
		if value.Kind() == reflect.Struct && !isText(value) {
			eachLeaf(value, child, visit)
			continue
		}
		visit(child, value)
	}
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error })
	return ok
}
