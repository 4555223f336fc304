package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is how a client asks and what it accepts.
type Configuration struct {
	// BaseURL is where the platform's API is; the platform's package has a default
	// for it. Its host may be asked always.
	BaseURL string `yaml:"base_url"`
	// Hosts may be asked and redirected to, with the subdomains of those that
	// begin with a dot.
	Hosts []string `yaml:"hosts"`
	// AllowPrivate allows addresses of this machine and of internal networks.
	// It is for tests and demonstrations.
	AllowPrivate bool          `yaml:"allow_private"`
	UserAgent    string        `yaml:"user_agent"`
	Timeout      time.Duration `yaml:"timeout"`
	// MaxBodyBytes bounds an answer after decompression.
	MaxBodyBytes int64 `yaml:"max_body_bytes"`
	// PerHost is how many requests one host gets at once.
	PerHost int `yaml:"per_host"`
}

// DefaultConfiguration returns the defaults, which allow no host.
func DefaultConfiguration() Configuration {
	return Configuration{UserAgent: "netra-collector (public posts of officials; ask your election supervisor)", Timeout: 30 * time.Second, MaxBodyBytes: 8 << 20, PerHost: 4}
}

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	defaults := DefaultConfiguration()
	if c.UserAgent == "" {
		c.UserAgent = defaults.UserAgent
	}
	if c.Timeout == 0 {
		c.Timeout = defaults.Timeout
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = defaults.MaxBodyBytes
	}
	if c.PerHost == 0 {
		c.PerHost = defaults.PerHost
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	problems := []error{collect.AtLeast(key+".timeout", c.Timeout, time.Second)}
	if c.MaxBodyBytes < 1024 {
		problems = append(problems, &post.FieldError{Key: key + ".max_body_bytes", Value: fmt.Sprint(c.MaxBodyBytes), Allowed: "at least 1024"})
	}
	if c.PerHost < 0 {
		problems = append(problems, &post.FieldError{Key: key + ".per_host", Value: fmt.Sprint(c.PerHost), Allowed: "a number of requests, 0 for the default"})
	}
	if base, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.User != nil) {
		problems = append(problems, &post.FieldError{Key: key + ".base_url", Value: fmt.Sprintf("%q", c.BaseURL), Allowed: "an address such as https://api.example, without a query"})
	}
	for n, host := range c.Hosts {
		if host == "" || strings.ContainsAny(host, "/:@ ") {
			problems = append(problems, &post.FieldError{
				Key: fmt.Sprintf("%s.hosts[%d]", key, n), Value: fmt.Sprintf("%q", host),
				Allowed: "a host name such as kalbar.example.go.id, or .example.go.id for its subdomains, too",
			})
		}
	}
	return errors.Join(problems...)
}
