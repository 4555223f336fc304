package sources

import (
	"errors"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is the collector's part of the configuration file.
type Configuration struct {
	collect.Configuration `yaml:",inline"`
	// State is the path of the collector's state file; a relative one is in the
	// data folder.
	State   string   `yaml:"state"`
	Sources []Source `yaml:"sources"`
}

// DefaultConfiguration returns the defaults, which have no source.
func DefaultConfiguration() Configuration {
	return Configuration{Configuration: collect.DefaultConfiguration(), State: "collect.db"}
}

// Validate checks the values; key is the path of this part in its file. Its
// error joins a *post.FieldError for each value that is wrong.
func (c *Configuration) Validate(key string) error {
	problems := []error{c.Configuration.Validate(key), Validate(key+".sources", c.Sources)}
	if strings.TrimSpace(c.State) == "" {
		problems = append(problems, &post.FieldError{Key: key + ".state", Value: "missing", Allowed: "the path of a file"})
	}
	return errors.Join(problems...)
}
