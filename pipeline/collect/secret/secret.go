// Package secret reads the tokens of platforms from where a configuration may
// say they are: an environment variable or a file, never the configuration
// itself. A secret shows itself to nobody: what prints it prints (hidden).
package secret

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Token is the two keys of a platform's configuration that say where its token
// is; it is meant to be inlined (yaml:",inline").
type Token struct {
	// TokenEnv is the name of the environment variable that holds the token.
	TokenEnv string `yaml:"token_env"`
	// TokenFile is a file that holds the token and nothing else; it is read
	// again when it changes, so a token can be renewed without a restart.
	TokenFile string `yaml:"token_file"`
}

// Validate checks that one of the two keys is set, at most one where the token
// is not required; key is the path of the platform's configuration.
func (t Token) Validate(key string, required bool) error {
	return Validate(key, "token", t.TokenEnv, t.TokenFile, required)
}

// Open reads the token for the first time.
func (t Token) Open() (*Secret, error) { return Open("token", t.TokenEnv, t.TokenFile) }

// Validate checks the pair of keys name_env and name_file below key.
func Validate(key, name, env, file string, required bool) error {
	switch {
	case env != "" && file != "":
		return &post.FieldError{Key: key + "." + name + "_file", Value: "both set", Allowed: "one of " + name + "_env, " + name + "_file"}
	case required && env == "" && file == "":
		return &post.FieldError{Key: key + "." + name + "_env", Value: "missing", Allowed: "the name of an environment variable that holds the " + name + ", or " + name + "_file"}
	case strings.ContainsAny(env, " =\x00"):
		return &post.FieldError{Key: key + "." + name + "_env", Value: "(not shown)", Allowed: "the name of an environment variable, not the " + name + " itself"}
	}
	return nil
}

// Secret is a text that is shown to nobody. Its methods may be called at once
// from many goroutines.
type Secret struct {
	name, env, file string

	mu       sync.Mutex
	value    string
	size     int64
	modified time.Time
}

// Open reads a secret for the first time, from the environment variable env or
// from file; where both are empty the secret is empty. Name is what messages
// call it.
func Open(name, env, file string) (*Secret, error) {
	s := &Secret{name: name, env: env, file: file}
	_, err := s.Value()
	return s, err
}

// Set says whether there is a secret at all.
func (s *Secret) Set() bool { return s != nil && (s.env != "" || s.file != "") }

// Value returns the secret as it is now. Where its file has gone or has become
// empty while a value is known, that is returned.
func (s *Secret) Value() (string, error) {
	if !s.Set() {
		return "", nil
	}
	if s.env != "" {
		value := strings.TrimSpace(os.Getenv(s.env))
		if value == "" {
			return "", fmt.Errorf("the %s is missing: environment variable %s is not set", s.name, s.env)
		}
		return value, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.readFile()
	if err != nil && s.value == "" {
		return "", fmt.Errorf("the %s is missing: %w", s.name, err)
	}
	return s.value, nil
}

const mostBytes = 64 << 10

func (s *Secret) readFile() error {
	info, err := os.Stat(s.file)
	if err != nil {
		return err
	}
	if s.value != "" && info.Size() == s.size && info.ModTime().Equal(s.modified) {
		return nil
	}
	if info.Size() > mostBytes {
		return fmt.Errorf("file %s has %d bytes; allowed: %d at most", s.file, info.Size(), mostBytes)
	}
	data, err := os.ReadFile(s.file)
	if err != nil {
		return err
	}
	value := strings.TrimSpace(string(data))
	if value == "" {
		return errors.New("file " + s.file + " is empty")
	}
	s.value, s.size, s.modified = value, info.Size(), info.ModTime()
	return nil
}

const hidden = "(hidden)"

// String hides the secret.
func (s *Secret) String() string { return hidden }

// GoString hides the secret.
func (s *Secret) GoString() string { return hidden }

// LogValue hides the secret.
func (s *Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secret.
func (s *Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
