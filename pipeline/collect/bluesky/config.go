package bluesky

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how accounts are read.
type Configuration struct {
	// History is how far the first visit of an account goes back.
	History time.Duration `yaml:"history"`
	// Recheck is how far behind the newest post the feed is read again, for
	// posts that came late or are dated back.
	Recheck time.Duration `yaml:"recheck"`
	// MaxPages is how many pages of 100 posts one visit asks for at most; the
	// next visit goes on.
	MaxPages int `yaml:"max_pages"`
	// Stream is how posts are heard of at once. The feeds are read all the same,
	// for what the stream does not have.
	Stream Stream `yaml:"stream"`
	// Fetch is how the AppView is asked. Its base_url is
	// https://public.api.bsky.app where it is not set.
	Fetch fetch.Configuration `yaml:"fetch"`
}

// Stream is how Jetstream is listened to.
type Stream struct {
	Enabled bool `yaml:"enabled"`
	// URL is that of a Jetstream; its host is allowed always.
	URL string `yaml:"url"`
	// Connections is over how many connections the accounts are divided; one
	// takes 10,000.
	Connections int `yaml:"connections"`
	// Session is how long a connection is used before it is opened anew.
	Session time.Duration `yaml:"session"`
}

// DefaultConfiguration returns the defaults.
func DefaultConfiguration() Configuration {
	c := Configuration{
		History: 30 * 24 * time.Hour, Recheck: 24 * time.Hour, MaxPages: 20, Fetch: fetch.DefaultConfiguration(),
		Stream: Stream{URL: "wss://jetstream2.us-east.bsky.network/subscribe", Connections: 1, Session: 10 * time.Minute},
	}
	c.Fetch.BaseURL = "https://public.api.bsky.app"
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
	if c.Stream.URL == "" {
		c.Stream.URL = defaults.Stream.URL
	}
	if c.Stream.Connections == 0 {
		c.Stream.Connections = defaults.Stream.Connections
	}
	if c.Stream.Session == 0 {
		c.Stream.Session = defaults.Stream.Session
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{
		c.Fetch.Validate(key + ".fetch"),
		collect.AtLeast(key+".history", c.History, time.Hour),
		collect.AtLeast(key+".recheck", c.Recheck, time.Minute),
		collect.AtLeast(key+".stream.session", c.Stream.Session, 10*time.Second),
	}
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if c.MaxPages < 1 {
		fail("max_pages", strconv.Itoa(c.MaxPages), "a number of pages")
	}
	if c.Stream.Connections < 1 || c.Stream.Connections > 100 {
		fail("stream.connections", strconv.Itoa(c.Stream.Connections), "a number of connections up to 100")
	}
	if u, err := url.Parse(c.Stream.URL); err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		fail("stream.url", strconv.Quote(c.Stream.URL), "an address such as wss://jetstream2.us-east.bsky.network/subscribe, without a query")
	}
	return errors.Join(problems...)
}
