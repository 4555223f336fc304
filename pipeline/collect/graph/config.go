package graph

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is what the sources of Meta's platforms have in common.
type Configuration struct {
	// TokenEnv or TokenFile says where the access token is.
	secret.Token `yaml:",inline"`
	// TokenIn is header, or query for a server that takes tokens only there.
	TokenIn string `yaml:"token_in"`
	// AppSecretEnv or AppSecretFile says where the app's secret is, for apps
	// that require a proof of it with every request.
	AppSecretEnv  string `yaml:"app_secret_env"`
	AppSecretFile string `yaml:"app_secret_file"`
	// Version is that of the API, such as v24.0. Meta ends versions about two
	// years after they came.
	Version string `yaml:"version"`
	// History is how far back the first visit of an account goes.
	History time.Duration `yaml:"history"`
	// Recheck is how far behind the newest known post posts are looked at
	// again, for edits.
	Recheck time.Duration `yaml:"recheck"`
	// MoreFields are fields that are asked for beside those that are asked for
	// anyway, for permissions or versions that give more.
	MoreFields []string `yaml:"more_fields"`
	// PageSize is how many posts are asked for at once, MaxPages how many pages
	// a visit asks for at most.
	PageSize int                 `yaml:"page_size"`
	MaxPages int                 `yaml:"max_pages"`
	Fetch    fetch.Configuration `yaml:"fetch"`
}

// Where a token is sent.
const (
	TokenInHeader = "header"
	TokenInQuery  = "query"
)

// WithDefaults fills in what is not set; base and version are the platform's.
func (c Configuration) WithDefaults(base, version string) Configuration {
	c.Fetch = c.Fetch.WithDefaults()
	if c.Fetch.BaseURL == "" {
		c.Fetch.BaseURL = base
	}
	if c.Version == "" {
		c.Version = version
	}
	if c.TokenIn == "" {
		c.TokenIn = TokenInHeader
	}
	if c.History == 0 {
		c.History = 30 * 24 * time.Hour
	}
	if c.Recheck == 0 {
		c.Recheck = 24 * time.Hour
	}
	if c.PageSize == 0 {
		c.PageSize = 25
	}
	if c.MaxPages == 0 {
		c.MaxPages = 20
	}
	return c
}

var fieldForm = regexp.MustCompile(`^[a-z_]{1,60}$`)

var versionForm = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{
		c.Token.Validate(key, true),
		secret.Validate(key, "app_secret", c.AppSecretEnv, c.AppSecretFile, false),
		c.Fetch.Validate(key + ".fetch"),
		collect.AtLeast(key+".history", c.History, time.Hour),
		collect.AtLeast(key+".recheck", c.Recheck, 0),
	}
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if c.TokenIn != TokenInHeader && c.TokenIn != TokenInQuery {
		fail("token_in", strconv.Quote(c.TokenIn), "header, query")
	}
	if !versionForm.MatchString(c.Version) {
		fail("version", strconv.Quote(c.Version), "a version such as v24.0")
	}
	for n, field := range c.MoreFields {
		if !fieldForm.MatchString(field) {
			fail(fmt.Sprintf("more_fields[%d]", n), strconv.Quote(field), "the name of a field such as alt_text")
		}
	}
	if c.PageSize < 1 || c.PageSize > 100 {
		fail("page_size", fmt.Sprint(c.PageSize), "1 to 100")
	}
	if c.MaxPages < 1 {
		fail("max_pages", fmt.Sprint(c.MaxPages), "at least 1")
	}
	return errors.Join(problems...)
}
