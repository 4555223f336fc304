package telegram

import (
	"errors"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how channels are read.
type Configuration struct {
	// History is how far the first visit of a channel goes back.
	History time.Duration `yaml:"history"`
	// Recheck is how long a message is looked at again for edits, once an hour,
	// after it was posted.
	Recheck time.Duration `yaml:"recheck"`
	// MaxPages is how many pages of 20 messages one visit asks for at most; the
	// next visit goes on.
	MaxPages int `yaml:"max_pages"`
	// Fetch is how the preview is asked for. Its base_url is https://t.me where
	// it is not set.
	Fetch fetch.Configuration `yaml:"fetch"`
}

// DefaultConfiguration returns the defaults.
func DefaultConfiguration() Configuration {
	c := Configuration{History: 30 * 24 * time.Hour, Recheck: 48 * time.Hour, MaxPages: 50, Fetch: fetch.DefaultConfiguration()}
	c.Fetch.BaseURL = "https://t.me"
	return c
}

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	defaults := DefaultConfiguration()
	c.Fetch = c.Fetch.WithDefaults()
	if c.Fetch.BaseURL == "" {
		c.Fetch.BaseURL = defaults.Fetch.BaseURL
	}
	if c.History == 0 {
		c.History = defaults.History
	}
	if c.Recheck == 0 {
		c.Recheck = defaults.Recheck
	}
	if c.MaxPages == 0 {
		c.MaxPages = defaults.MaxPages
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{
		c.Fetch.Validate(key + ".fetch"),
		collect.AtLeast(key+".history", c.History, time.Hour),
		collect.AtLeast(key+".recheck", c.Recheck, time.Minute),
	}
	if c.MaxPages < 1 {
		problems = append(problems, &post.FieldError{Key: key + ".max_pages", Value: strconv.Itoa(c.MaxPages), Allowed: "a number of pages"})
	}
	return errors.Join(problems...)
}
