package x

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how accounts on X are collected; which ones, the roster says.
type Configuration struct {
	// TokenEnv or TokenFile says where the app's bearer token is.
	secret.Token `yaml:",inline"`
	// Agreement states under which agreement with X the posts are collected. X's
	// developer policy restricts the watching of people by public agencies, so
	// without it the source does not start.
	Agreement string `yaml:"agreement"`
	// History is how far back the first visit of an account goes. X shows the
	// last 3,200 posts of an account, and bills every post that is read.
	History time.Duration `yaml:"history"`
	// PageSize is how many posts are asked for at once, MaxPages how many pages
	// a visit asks for at most.
	PageSize int                 `yaml:"page_size"`
	MaxPages int                 `yaml:"max_pages"`
	Fetch    fetch.Configuration `yaml:"fetch"`
}

// DefaultConfiguration returns the defaults; the token and the agreement must be
// set.
func DefaultConfiguration() Configuration { return Configuration{}.WithDefaults() }

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	c.Fetch = c.Fetch.WithDefaults()
	if c.Fetch.BaseURL == "" {
		c.Fetch.BaseURL = "https://api.x.com"
	}
	if c.History == 0 {
		c.History = 7 * 24 * time.Hour
	}
	if c.PageSize == 0 {
		c.PageSize = 100
	}
	if c.MaxPages == 0 {
		c.MaxPages = 32
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{
		c.Token.Validate(key, true), c.Fetch.Validate(key + ".fetch"),
		collect.AtLeast(key+".history", c.History, time.Hour),
	}
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if strings.TrimSpace(c.Agreement) == "" {
		fail("agreement", "missing", "the agreement with X under which this agency may collect posts of named accounts, such as its number and date; without one X is not collected (docs/collectors.md)")
	}
	if c.PageSize < 5 || c.PageSize > 100 {
		fail("page_size", fmt.Sprint(c.PageSize), "5 to 100")
	}
	if c.MaxPages < 1 {
		fail("max_pages", fmt.Sprint(c.MaxPages), "at least 1")
	}
	return errors.Join(problems...)
}
