package youtube

import (
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// DailyUnits is the quota that a Google Cloud project has by default.
const DailyUnits = 10_000

// TimeZone is where the day of the quota begins.
const TimeZone = "America/Los_Angeles"

// Configuration is how channels are collected; which ones, the roster says.
type Configuration struct {
	// TokenEnv or TokenFile says where the API key is.
	secret.Token `yaml:",inline"`
	// WithoutComments leaves out the comments of roster accounts under the
	// channels' videos.
	WithoutComments bool `yaml:"without_comments"`
	// History is how far back the first visit of a channel goes.
	History time.Duration `yaml:"history"`
	// Recheck is how far behind the newest known video videos and comments are
	// looked at again, for edits and late replies.
	Recheck time.Duration `yaml:"recheck"`
	// MaxPages is how many pages a visit asks for at most.
	MaxPages int                 `yaml:"max_pages"`
	Fetch    fetch.Configuration `yaml:"fetch"`
}

// DefaultConfiguration returns the defaults; where the key is must be set.
func DefaultConfiguration() Configuration { return Configuration{}.WithDefaults() }

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	c.Fetch = c.Fetch.WithDefaults()
	if c.Fetch.BaseURL == "" {
		c.Fetch.BaseURL = "https://www.googleapis.com"
	}
	if c.History == 0 {
		c.History = 30 * 24 * time.Hour
	}
	if c.Recheck == 0 {
		c.Recheck = 72 * time.Hour
	}
	if c.MaxPages == 0 {
		c.MaxPages = 20
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{
		c.Token.Validate(key, true), c.Fetch.Validate(key + ".fetch"),
		collect.AtLeast(key+".history", c.History, time.Hour),
		collect.AtLeast(key+".recheck", c.Recheck, 0),
	}
	if c.MaxPages < 1 {
		problems = append(problems, &post.FieldError{Key: key + ".max_pages", Value: fmt.Sprint(c.MaxPages), Allowed: "at least 1"})
	}
	return errors.Join(problems...)
}
