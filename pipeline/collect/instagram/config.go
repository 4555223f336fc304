package instagram

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/netra-id/netra/pipeline/collect/graph"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how Instagram accounts are collected; which ones, the roster
// says.
type Configuration struct {
	graph.Configuration `yaml:",inline"`
	// UserID is the Instagram user id of the professional account through which
	// others are discovered, the one that the token is of.
	UserID string `yaml:"user_id"`
}

// DefaultConfiguration returns the defaults; the token and user id must be set.
func DefaultConfiguration() Configuration { return Configuration{}.WithDefaults() }

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	c.Configuration = c.Configuration.WithDefaults("https://graph.facebook.com", "v24.0")
	return c
}

var userIDForm = regexp.MustCompile(`^[0-9]{1,30}$`)

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problem := c.Configuration.Validate(key)
	if !userIDForm.MatchString(c.UserID) {
		problem = errors.Join(problem, &post.FieldError{
			Key: key + ".user_id", Value: strconv.Quote(c.UserID), Allowed: "the number of the professional account that the token is of, such as 17841405309211844",
		})
	}
	return problem
}
