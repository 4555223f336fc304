package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/strict"
)

const prefix = "NETRA_"

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

// reserved are variables with our prefix that are read elsewhere, by the
// program or by its tests.
var reserved = []string{
	"NETRA_CONFIG", "NETRA_ENGINE_LIBRARY", "NETRA_EMBEDDED_CHILD", "NETRA_CHROMIUM", "NETRA_ARTIFACTS", "NETRA_HELD_OUT",
}

// serviceLink is a variable that Kubernetes sets in every container for a
// service whose name begins with "netra", such as NETRA_CONSOLE_SERVICE_HOST.
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)$`)

func variable(path string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// isOthers says whether a variable with our prefix is none of the configuration.
func isOthers(name string) bool {
	return slices.Contains(reserved, name) || strings.HasPrefix(name, "NETRA_TEST_") || strings.HasPrefix(name, "NETRA_CHAOS")
}

// overlay sets the keys that environ names, and returns the variable of each.
func overlay(c *Configuration, environ []string) (set map[string]string, err error) {
	known, paths, set := map[string]reflect.Value{}, map[string]string{}, map[string]string{}
	eachLeaf(reflect.ValueOf(c).Elem(), "", func(path string, value reflect.Value) {
		known[variable(path)], paths[variable(path)] = value, path
	})
	values, fromFile, err := withSecretFiles(ours(environ))
	errs := flatten(err)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		target, ok := known[name]
		switch {
		case ok:
			set[paths[name]] = name
			if file := fromFile[name]; file != "" {
				set[paths[name]] = file
			}
			if err := setLeaf(target, values[name]); err != nil {
				errs = append(errs, fmt.Errorf("environment variable %s: value %q: %w", name, values[name], err))
			}
		case !serviceLink.MatchString(name):
			errs = append(errs, unknownVariable(name, slices.Concat(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(SecretFiles())))))
		}
	}
	return set, errors.Join(errs...)
}

// ours are the variables of the configuration in an environment.
func ours(environ []string) map[string]string {
	variables := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, prefix) && !isOthers(name) {
			variables[name] = value
		}
	}
	return variables
}

func unknownVariable(name string, known []string) error {
	message := "`netra config dump --env` lists what is allowed"
	if near := strict.Nearest(name, known); near != "" {
		message = fmt.Sprintf("did you mean %s? %s", near, message)
	}
	return fmt.Errorf("environment variable %s is not known: %s", name, message)
}

// setLeaf reads a variable's value as the file would: a list of words is
// written a,b,c, a text as it is, and anything else as YAML.
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
	if strings.TrimSpace(value) == "" {
		return nil // as if it were not set
	}
	const key = "value"
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: "Value", Type: target.Type(), Tag: `yaml:"` + key + `"`,
	}}))
	if _, err := strict.Decode("", []byte(key+": "+value+"\n"), holder.Interface()); err != nil {
		return withinValue(err, key)
	}
	target.Set(holder.Elem().Field(0))
	return nil
}

// withinValue names the keys inside a variable's value, where it has any.
func withinValue(err error, key string) error {
	var errs []error
	for _, err := range flatten(err) {
		var wrong *strict.Error
		switch {
		case !errors.As(err, &wrong):
			errs = append(errs, err)
		case wrong.Key == key || wrong.Key == "":
			errs = append(errs, fmt.Errorf("allowed: %s", wrong.Allowed))
		default:
			inner := strings.TrimPrefix(strings.TrimPrefix(wrong.Key, key), ".")
			errs = append(errs, fmt.Errorf("key %q: value %s: allowed: %s", inner, wrong.Value, wrong.Allowed))
		}
	}
	return errors.Join(errs...)
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) // only a join is taken apart, not what wraps one
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, part := range joined.Unwrap() {
		all = append(all, flatten(part)...)
	}
	return all
}
