package capture

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect/files"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration says what may be handed in, and how much of it.
type Configuration struct {
	// Files is where screenshots and recordings are kept.
	Files blobs.Configuration `yaml:"files"`
	// MaxFiles is how many files one capture may have, MaxImageBytes and
	// MaxVideoBytes how large each may be; a PDF counts as an image.
	MaxFiles      int                `yaml:"max_files"`
	MaxImageBytes int64              `yaml:"max_image_bytes"`
	MaxVideoBytes int64              `yaml:"max_video_bytes"`
	Hooks         HooksConfiguration `yaml:"hooks"`
	Tips          TipsConfiguration  `yaml:"tips"`
}

// HooksConfiguration is about partners' systems that send posts.
type HooksConfiguration struct {
	// Partners may send; without any there is no such address.
	Partners []Partner `yaml:"partners"`
	// Window is how far a request's time may be from ours.
	Window time.Duration `yaml:"window"`
	// MaxBytes and MaxItems bound one request, PerMinute the requests of a partner.
	MaxBytes  int64 `yaml:"max_bytes"`
	MaxItems  int   `yaml:"max_items"`
	PerMinute int   `yaml:"per_minute"`
}

// Partner is a system that sends posts.
type Partner struct {
	// Name is what the partner calls itself in its requests.
	Name string `yaml:"name"`
	// SecretEnv or SecretFile says where the secret of its signatures is, of 32
	// characters or more.
	SecretEnv  string `yaml:"secret_env"`
	SecretFile string `yaml:"secret_file"`
	// Mapping makes posts of records of another form, as that of `netra import`;
	// empty where the partner sends posts.
	Mapping string `yaml:"mapping"`
}

// TipsConfiguration is about tips of the public.
type TipsConfiguration struct {
	// Enabled opens the page.
	Enabled bool `yaml:"enabled"`
	// PerHour is how many tips one address may hand in, PerHourWithoutScript how
	// many of them without proof of work, AllWithoutScript how many of those are
	// taken from everybody together.
	PerHour              int `yaml:"per_hour"`
	PerHourWithoutScript int `yaml:"per_hour_without_script"`
	AllWithoutScript     int `yaml:"all_without_script_per_hour"`
	// ProofBits is the work that a browser does: about 2 to the power of it hashes.
	ProofBits int `yaml:"proof_bits"`
	// Wait is how long a form without proof of work must have been open.
	Wait time.Duration `yaml:"wait"`
	// MostWaiting is how many tips may wait; further ones are refused.
	MostWaiting int `yaml:"most_waiting"`
	// ContactKeep is how long a contact is kept after the tip was accepted; of a
	// tip that is rejected it goes at once. Keep is how long the words of a
	// rejected tip are kept, and the longest time for which any contact is.
	ContactKeep time.Duration `yaml:"contact_keep"`
	Keep        time.Duration `yaml:"keep"`
}

// DefaultConfiguration takes captures, and neither hooks nor tips. The folder of
// the files must be set.
func DefaultConfiguration() Configuration {
	return Configuration{
		Files: blobs.DefaultConfiguration(), MaxFiles: 10, MaxImageBytes: 15 << 20, MaxVideoBytes: 200 << 20,
		Hooks: HooksConfiguration{Window: 5 * time.Minute, MaxBytes: 4 << 20, MaxItems: 500, PerMinute: 60},
		Tips: TipsConfiguration{
			PerHour: 6, PerHourWithoutScript: 2, AllWithoutScript: 60, ProofBits: 17, Wait: 20 * time.Second, MostWaiting: 20_000,
			ContactKeep: 30 * 24 * time.Hour, Keep: 180 * 24 * time.Hour,
		},
	}
}

var partnerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Validate checks the values, but not where files are kept.
func (c Configuration) Validate() error {
	var errs []error
	fail := func(key, value, allowed string) {
		errs = append(errs, &post.FieldError{Key: key, Value: value, Allowed: allowed})
	}
	above := func(key string, n, most int64) {
		if n < 1 || n > most {
			fail(key, strconv.FormatInt(n, 10), fmt.Sprintf("1 to %d", most))
		}
	}
	positive := func(key string, d time.Duration) {
		if d <= 0 {
			fail(key, d.String(), "a time above 0 such as 30s or 720h")
		}
	}
	above("max_files", int64(c.MaxFiles), 50)
	above("max_image_bytes", c.MaxImageBytes, 1<<30)
	above("max_video_bytes", c.MaxVideoBytes, 4<<30)
	above("hooks.max_bytes", c.Hooks.MaxBytes, 64<<20)
	above("hooks.max_items", int64(c.Hooks.MaxItems), 10_000)
	above("hooks.per_minute", int64(c.Hooks.PerMinute), 100_000)
	positive("hooks.window", c.Hooks.Window)
	above("tips.per_hour", int64(c.Tips.PerHour), 10_000)
	above("tips.per_hour_without_script", int64(c.Tips.PerHourWithoutScript), 10_000)
	above("tips.all_without_script_per_hour", int64(c.Tips.AllWithoutScript), 1_000_000)
	above("tips.proof_bits", int64(c.Tips.ProofBits), 26)
	above("tips.most_waiting", int64(c.Tips.MostWaiting), 10_000_000)
	positive("tips.wait", c.Tips.Wait)
	if c.Tips.Wait >= challengeFor/2 {
		fail("tips.wait", c.Tips.Wait.String(), "less than "+(challengeFor/2).String())
	}
	positive("tips.contact_keep", c.Tips.ContactKeep)
	positive("tips.keep", c.Tips.Keep)
	names := map[string]bool{}
	for i, p := range c.Hooks.Partners {
		key := fmt.Sprintf("hooks.partners[%d]", i)
		if !partnerName.MatchString(p.Name) || names[p.Name] {
			fail(key+".name", strconv.Quote(p.Name), "a name of a-z, 0-9 and -, up to 40, that no other partner has")
		}
		names[p.Name] = true
		errs = append(errs, secret.Validate(key, "secret", p.SecretEnv, p.SecretFile, true))
		if p.Mapping != "" {
			_, err := files.LoadMapping(p.Mapping)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
