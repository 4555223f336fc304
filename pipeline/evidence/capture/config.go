package capture

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Configuration says what is captured, and how patiently.
type Configuration struct {
	// Enabled keeps evidence of flags; without it nothing new is captured.
	Enabled bool `yaml:"enabled"`
	// Poll is how often new flags are looked for, Overlap how far behind the newest
	// known one that looks, for those that came to light late.
	Poll    time.Duration `yaml:"poll"`
	Overlap time.Duration `yaml:"overlap"`
	// Workers is how many tasks are done at once, but what must be fetched, which is
	// done by one more.
	Workers int `yaml:"workers"`
	// Tries is after how many failures it is kept that something could not be
	// captured; RetryInitial and RetryMax bound the pauses between them.
	Tries        int           `yaml:"tries"`
	RetryInitial time.Duration `yaml:"retry_initial"`
	RetryMax     time.Duration `yaml:"retry_max"`
	// Media fetches attachments of flagged posts.
	Media MediaConfiguration `yaml:"media"`
	// Page archives the page of a flagged post with a headless Chromium.
	Page PageConfiguration `yaml:"page"`
}

// MediaConfiguration says which attachments are fetched.
type MediaConfiguration struct {
	Enabled bool `yaml:"enabled"`
	// Hosts may be asked, with the subdomains of those that begin with a dot.
	Hosts []string `yaml:"hosts"`
	// MaxBytes bounds one file, Most how many of a post are fetched.
	MaxBytes int64 `yaml:"max_bytes"`
	Most     int   `yaml:"most"`
	// Timeout bounds one file.
	Timeout time.Duration `yaml:"timeout"`
	// Pause is the least time between two requests of this process to one host.
	Pause time.Duration `yaml:"pause"`
	// AllowPrivate allows addresses of this machine and of internal networks, for
	// tests and demonstrations.
	AllowPrivate bool `yaml:"allow_private"`
}

// PageConfiguration says which pages are archived.
type PageConfiguration struct {
	Enabled bool `yaml:"enabled"`
	// Hosts are those whose pages may be opened, as for media. What a page loads
	// from elsewhere is loaded as for any reader, but never from internal networks.
	Hosts []string `yaml:"hosts"`
	// Chromium is the program; empty looks for it in PATH.
	Chromium string `yaml:"chromium"`
	// Timeout bounds one page, MaxBytes each file that is made of it.
	Timeout  time.Duration `yaml:"timeout"`
	MaxBytes int64         `yaml:"max_bytes"`
	// Settle is how long a page is given after it was loaded.
	Settle time.Duration `yaml:"settle"`
	// Width and Height are the window's; MaxHeight bounds the screenshot.
	Width     int `yaml:"width"`
	Height    int `yaml:"height"`
	MaxHeight int `yaml:"max_height"`
	// NoSandbox starts Chromium without its own sandbox, where the container that
	// it runs in does not let it have one.
	NoSandbox bool `yaml:"no_sandbox"`
	// AllowPrivate is as for media.
	AllowPrivate bool `yaml:"allow_private"`
}

// DefaultConfiguration captures what is in the queue, and fetches nothing by
// itself: to do that is the operator's choice.
func DefaultConfiguration() Configuration {
	return Configuration{
		Enabled: true, Poll: 2 * time.Second, Overlap: 10 * time.Minute, Workers: 2,
		Tries: 8, RetryInitial: 5 * time.Second, RetryMax: 30 * time.Minute,
		Media: MediaConfiguration{
			Hosts: []string{
				".cdninstagram.com", ".fbcdn.net", ".twimg.com", ".ytimg.com", "cdn.bsky.app", "video.bsky.app", ".telesco.pe", ".cdn-telegram.org", ".mastodon.social",
			},
			MaxBytes: 32 << 20, Most: 10, Timeout: 30 * time.Second, Pause: time.Second,
		},
		Page: PageConfiguration{
			Hosts: []string{
				".facebook.com", ".instagram.com", ".threads.net", ".threads.com", "x.com", ".youtube.com", "bsky.app", "t.me", ".tiktok.com", ".mastodon.social",
			},
			Timeout: time.Minute, MaxBytes: 32 << 20, Settle: 2 * time.Second, Width: 1280, Height: 1024, MaxHeight: 16_000,
		},
	}
}

// Validate checks the values.
func (c *Configuration) Validate() error {
	var errs []error
	fail := func(key, value, allowed string) {
		errs = append(errs, &post.FieldError{Key: key, Value: value, Allowed: allowed})
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{
		{"poll", c.Poll}, {"overlap", c.Overlap}, {"retry_initial", c.RetryInitial}, {"retry_max", c.RetryMax},
		{"media.timeout", c.Media.Timeout}, {"page.timeout", c.Page.Timeout},
	} {
		if d.value <= 0 {
			fail(d.key, d.value.String(), "a time above 0 such as 30s")
		}
	}
	for _, n := range []struct {
		key         string
		value, most int64
	}{
		{"workers", int64(c.Workers), 64}, {"tries", int64(c.Tries), 1000}, {"media.max_bytes", c.Media.MaxBytes, 1 << 30}, {"media.most", int64(c.Media.Most), 100},
		{"page.max_bytes", c.Page.MaxBytes, 1 << 30}, {"page.width", int64(c.Page.Width), 4096}, {"page.height", int64(c.Page.Height), 4096},
		{"page.max_height", int64(c.Page.MaxHeight), 16_384},
	} {
		if n.value < 1 || n.value > n.most {
			fail(n.key, fmt.Sprint(n.value), fmt.Sprintf("1 to %d", n.most))
		}
	}
	if c.Page.Settle < 0 || c.Page.Settle >= c.Page.Timeout {
		fail("page.settle", c.Page.Settle.String(), "0s to less than page.timeout")
	}
	if c.Media.Pause < 0 {
		fail("media.pause", c.Media.Pause.String(), "0s or more")
	}
	for key, hosts := range map[string][]string{"media.hosts": c.Media.Hosts, "page.hosts": c.Page.Hosts} {
		for i, host := range hosts {
			if strings.Trim(host, ".") == "" || strings.ContainsAny(host, "/:@ *") {
				fail(fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("%q", host), "a host name such as contoh.id, or .contoh.id for its subdomains, too")
			}
		}
	}
	return errors.Join(errs...)
}
