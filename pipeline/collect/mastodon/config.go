package mastodon

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is which instances are asked, and how.
type Configuration struct {
	// Instances are the servers whose accounts are collected. An account is
	// asked for where its handle says it is at home.
	Instances []Instance `yaml:"instances"`
	// History is how far the first visit of an account goes back.
	History time.Duration `yaml:"history"`
	// Recheck is how often an account is looked up again, to see whether it has
	// moved or was suspended, and its newest statuses are read again, to see
	// what was edited.
	Recheck time.Duration `yaml:"recheck"`
	// MaxPages is how many pages of statuses one visit asks for at most; the
	// next visit goes on.
	MaxPages int `yaml:"max_pages"`
	// Fetch is how servers are asked. The hosts of the instances are allowed
	// always; its hosts are further ones to which they may redirect. Its
	// base_url is not used: every instance has its own.
	Fetch fetch.Configuration `yaml:"fetch"`
}

// Instance is one server.
type Instance struct {
	// Domain is the part of its accounts' handles behind the second @.
	Domain string `yaml:"domain"`
	// BaseURL is where its API is, https://DOMAIN where it is not set.
	BaseURL string `yaml:"base_url"`
	// Token is that of an application, for instances that answer nobody else.
	secret.Token `yaml:",inline"`
}

// DefaultConfiguration returns the defaults; the instances must be set.
func DefaultConfiguration() Configuration {
	return Configuration{
		History: 30 * 24 * time.Hour, Recheck: 6 * time.Hour, MaxPages: 50, Fetch: fetch.DefaultConfiguration(),
	}
}

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	defaults := DefaultConfiguration()
	c.Fetch = c.Fetch.WithDefaults()
	c.Instances = slices.Clone(c.Instances)
	for n := range c.Instances {
		if c.Instances[n].BaseURL == "" {
			c.Instances[n].BaseURL = "https://" + c.Instances[n].Domain
		}
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
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if c.MaxPages < 1 {
		fail("max_pages", strconv.Itoa(c.MaxPages), "a number of pages")
	}
	if c.Fetch.BaseURL != "" {
		fail("fetch.base_url", strconv.Quote(c.Fetch.BaseURL), "nothing; each of the instances has a base_url")
	}
	if len(c.Instances) == 0 {
		fail("instances", "missing", "a list of instances")
	}
	seen := map[string]bool{}
	for n, i := range c.Instances {
		at := fmt.Sprintf("instances[%d].", n)
		domain := strings.ToLower(i.Domain)
		switch {
		case domain == "" || strings.ContainsAny(domain, "/:@ "):
			fail(at+"domain", strconv.Quote(i.Domain), "a host name such as contoh.id")
		case seen[domain]:
			fail(at+"domain", strconv.Quote(i.Domain), "each instance once")
		}
		seen[domain] = true
		if u, err := url.Parse(i.BaseURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
			fail(at+"base_url", strconv.Quote(i.BaseURL), "an address such as https://social.contoh.id, without a query")
		}
		problems = append(problems, i.Validate(fmt.Sprintf("%s.instances[%d]", key, n), false))
	}
	return errors.Join(problems...)
}
