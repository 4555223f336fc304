package facebook

import (
	"github.com/netra-id/netra/pipeline/collect/graph"
)

// Configuration is how Pages are collected; which ones, the roster says.
type Configuration struct {
	graph.Configuration `yaml:",inline"`
}

// DefaultConfiguration returns the defaults; where the token is must be set.
func DefaultConfiguration() Configuration { return Configuration{}.WithDefaults() }

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	c.Configuration = c.Configuration.WithDefaults("https://graph.facebook.com", "v24.0")
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error { return c.Configuration.Validate(key) }
