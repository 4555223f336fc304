package feed

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is which feeds are read, and how.
type Configuration struct {
	Feeds []Feed `yaml:"feeds"`
	// Fetch is how servers are asked. The hosts of the feeds are allowed
	// always; its hosts are further ones to which they may redirect.
	Fetch fetch.Configuration `yaml:"fetch"`
}

// Feed is one feed with the account whose posts it holds.
type Feed struct {
	URL string `yaml:"url"`
	// Platform is that of the account in the roster: rss or web as a rule.
	Platform  string `yaml:"platform"`
	AccountID string `yaml:"account_id"`
	Handle    string `yaml:"handle"`
	Name      string `yaml:"name"`
}

// DefaultConfiguration returns the defaults; the feeds must be set.
func DefaultConfiguration() Configuration {
	return Configuration{Fetch: fetch.DefaultConfiguration()}
}

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	c.Fetch = c.Fetch.WithDefaults()
	c.Feeds = slices.Clone(c.Feeds)
	for n := range c.Feeds {
		if c.Feeds[n].Platform == "" {
			c.Feeds[n].Platform = "rss"
		}
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{c.Fetch.Validate(key + ".fetch")}
	fail := func(n int, name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: fmt.Sprintf("%s.feeds[%d].%s", key, n, name), Value: value, Allowed: allowed})
	}
	if len(c.Feeds) == 0 {
		problems = append(problems, &post.FieldError{Key: key + ".feeds", Value: "missing", Allowed: "a list of feeds"})
	}
	seen := map[string]bool{}
	for n, f := range c.Feeds {
		switch u, err := url.Parse(f.URL); {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
			fail(n, "url", strconv.Quote(f.URL), "an address that begins with http:// or https://")
		case seen[f.URL]:
			fail(n, "url", strconv.Quote(f.URL), "each feed once")
		}
		seen[f.URL] = true
		if !slices.Contains(post.Platforms, f.Platform) {
			fail(n, "platform", strconv.Quote(f.Platform), strings.Join(post.Platforms, ", "))
		}
		if strings.TrimSpace(f.AccountID) == "" {
			fail(n, "account_id", "missing", "the account's id in the roster")
		}
	}
	return errors.Join(problems...)
}
