// Package config reads Netra's configuration: defaults, then one YAML file,
// then environment variables. Every key is also a variable: kafka.brokers is
// NETRA_KAFKA_BROKERS. Each part of Netra declares its own section beside its
// code; this package only joins them, so cmd can hand each part its own.
package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/netra-id/netra/pipeline/strict"
)

// Load reads the file at path (none where path is empty) over the defaults, and
// environ (as os.Environ gives it) over both. Its error joins all that is wrong.
func Load(path string, environ []string) (Configuration, error) {
	c := Default()
	document := &strict.Document{File: "environment"}
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return c, fmt.Errorf("read configuration: %w", err)
		}
		if document, err = strict.Decode(path, data, &c); err != nil {
			return c, err
		}
	}
	if err := overlay(&c, environ); err != nil {
		return c, err
	}
	return c, c.validate(document)
}

// Dump writes the configuration as YAML, with the values of secrets left out.
func Dump(c Configuration) ([]byte, error) {
	hideSecrets(reflect.ValueOf(&c).Elem(), "")
	return yaml.MarshalWithOptions(c, yaml.Indent(2), yaml.UseLiteralStyleIfMultiline(true))
}

// Variables lists the environment variables that are read, with the keys that
// they set.
func Variables() map[string]string {
	c := Default()
	variables := map[string]string{}
	eachLeaf(reflect.ValueOf(&c).Elem(), "", func(path string, _ reflect.Value) {
		variables[variable(path)] = path
	})
	return variables
}

// reserved are variables with our prefix that are read elsewhere.
var reserved = []string{
	"NETRA_CONFIG", "NETRA_ENGINE_LIBRARY", "NETRA_CHROMIUM", "NETRA_ARTIFACTS",
}

const prefix = "NETRA_"

func variable(path string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

func overlay(c *Configuration, environ []string) error {
	known := map[string]reflect.Value{}
	eachLeaf(reflect.ValueOf(c).Elem(), "", func(path string, value reflect.Value) {
		known[variable(path)] = value
	})
	var errs []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || slices.Contains(reserved, name) || strings.HasPrefix(name, "NETRA_TEST_") {
			continue
		}
		target, ok := known[name]
		if !ok {
			errs = append(errs, unknownVariable(name, known))
			continue
		}
		if err := setLeaf(target, value); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: value %q: %w", name, value, err))
		}
	}
	return errors.Join(errs...)
}

func unknownVariable(name string, known map[string]reflect.Value) error {
	names := make([]string, 0, len(known))
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	message := "`netra config dump --env` lists what is known"
	if near := strict.Nearest(name, names); near != "" {
		message = fmt.Sprintf("did you mean %s? %s", near, message)
	}
	return fmt.Errorf("environment variable %s is not known: %s", name, message)
}

// setLeaf reads a variable's value as the file would: a list of words is
// written a,b,c and anything else as YAML.
func setLeaf(target reflect.Value, value string) error {
	if target.Kind() == reflect.Slice && target.Type().Elem().Kind() == reflect.String {
		items := []string{}
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
		target.Set(reflect.ValueOf(items))
		return nil
	}
	if target.Kind() == reflect.String {
		target.SetString(value)
		return nil
	}
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "Value", Type: target.Type(), Tag: `yaml:"value"`,
	}}))
	if _, err := strict.Decode("value", []byte("value: "+value+"\n"), holder.Interface()); err != nil {
		var wrong *strict.Error
		if errors.As(err, &wrong) {
			return fmt.Errorf("allowed: %s", wrong.Allowed)
		}
		return err
	}
	target.Set(holder.Elem().Field(0))
	return nil
}

// eachLeaf visits every key that is not itself a section.
func eachLeaf(v reflect.Value, path string, visit func(path string, value reflect.Value)) {
	for field, value := range v.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		child := path
		if options != "inline" {
			child = strings.TrimPrefix(path+"."+name, ".")
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

const hidden = "(hidden)"

// hideSecrets blanks every text whose key says that it is secret.
func hideSecrets(v reflect.Value, path string) {
	eachLeaf(v, path, func(path string, value reflect.Value) {
		if isSecret(path) && value.Kind() == reflect.String && value.String() != "" {
			value.SetString(hidden)
		}
	})
}

func isSecret(path string) bool {
	key := path[strings.LastIndex(path, ".")+1:]
	return key == "password" || key == "hash_key" || strings.HasSuffix(key, "token") || strings.HasSuffix(key, "secret")
}
