package threads

import (
	"github.com/netra-id/netra/pipeline/collect/graph"
)

// Configuration is how Threads profiles are collected; which ones, the roster
// says.
type Configuration struct {
	graph.Configuration `yaml:",inline"`
}

// DefaultConfiguration returns the defaults; where the token is must be set.
func DefaultConfiguration() Configuration { return Configuration{}.WithDefaults() }

// WithDefaults fills in what is not set. The Threads API is documented to take
// the token in the query only.
func (c Configuration) WithDefaults() Configuration {
	if c.TokenIn == "" {
		c.TokenIn = graph.TokenInQuery
	}
	c.Configuration = c.Configuration.WithDefaults("https://graph.threads.net", "v1.0")
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error { return c.Configuration.Validate(key) }
