package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
)

// fileSuffix makes of a secret's variable the one that names a file with it.
const fileSuffix = "_FILE"

// inFiles are keys that may hold a secret although their names do not say so.
var inFiles = []string{"console.database"}

// SecretFiles lists the environment variables that name a file from which a
// secret is read, as containers and systemd hand secrets over, with the keys
// that they set.
func SecretFiles() map[string]string {
	c := Default()
	all, files := Variables(), map[string]string{}
	eachLeaf(reflect.ValueOf(&c).Elem(), "", func(path string, value reflect.Value) {
		name := variable(path) + fileSuffix
		if _, taken := all[name]; !taken && mayBeInFile(path, value) {
			files[name] = path
		}
	})
	return files
}

func mayBeInFile(path string, value reflect.Value) bool {
	return value.Kind() == reflect.String && (isSecret(path) || slices.Contains(inFiles, path))
}

// withSecretFiles puts what the files hold in the place of the variables that
// name them; set says which variable each came from.
func withSecretFiles(environ map[string]string) (values, set map[string]string, err error) {
	values, set = maps.Clone(environ), map[string]string{}
	var errs []error
	files := SecretFiles()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, named := environ[name]
		if !named {
			continue
		}
		delete(values, name)
		if file == "" {
			continue // as if it were not set
		}
		direct := variable(files[name])
		if environ[direct] != "" {
			errs = append(errs, fmt.Errorf("environment variables %s and %s: both are set: allowed: one of them", direct, name))
			continue
		}
		secret, err := readSecret(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: %w", name, err))
			continue
		}
		values[direct], set[direct] = secret, name
	}
	return values, set, errors.Join(errs...)
}

// mostSecret is how long a file with a secret may be, in bytes.
const mostSecret = 64 << 10

// readSecret reads a file with one secret; line breaks at its end are not part
// of it.
func readSecret(file string) (string, error) {
	data, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	data = bytes.TrimRight(data, "\r\n")
	switch {
	case len(data) == 0:
		return "", fmt.Errorf("file %s is empty: allowed: a file that holds the secret", file)
	case len(data) > mostSecret || bytes.ContainsAny(data, "\x00\r\n"):
		return "", fmt.Errorf("file %s (content not shown): allowed: one line of at most %d bytes", file, mostSecret)
	}
	return string(data), nil
}
