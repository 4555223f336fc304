package seal

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Configuration says how the log is sealed, signed and time-stamped.
type Configuration struct {
	// Origin names this log, for ever: it stands in every checkpoint and in the
	// public key. An address of the agency without https:// is a good name.
	Origin string `yaml:"origin"`
	// KeyFile holds the private key; empty for one in the data directory, which
	// is made on the first start. Consoles on one database need the same file.
	KeyFile string `yaml:"key_file"`
	// PreviousKeys are the public keys that signed before KeyFile was replaced.
	PreviousKeys []string `yaml:"previous_keys"`
	// HeadFile keeps the last checkpoint apart from the database, so that a log
	// that was rewritten with it is known; empty for one in the data directory.
	HeadFile string `yaml:"head_file"`
	// Every is the longest time for which a statement waits for the log.
	Every time.Duration `yaml:"every"`
	// Stamp says who states the time of checkpoints.
	Stamp StampConfiguration `yaml:"stamp"`
}

// StampConfiguration is a time stamping authority (RFC 3161).
type StampConfiguration struct {
	// URLs are the authority's addresses, tried in turn; none is no time stamps.
	URLs []string `yaml:"urls"`
	// Roots is a PEM file of the certificates that an authority's must lead to;
	// empty takes any that can be had by HTTPS or a signature that holds.
	Roots string `yaml:"roots"`
	// Policy is the OID of the policy that is asked for; empty leaves it to the
	// authority.
	Policy string `yaml:"policy"`
	// Every is how often the newest checkpoint is stamped, where it is new.
	Every time.Duration `yaml:"every"`
	// Timeout bounds one question to the authority.
	Timeout time.Duration `yaml:"timeout"`
	// MostSkew is the largest difference between the authority's time and this
	// machine's clock that is taken without a warning.
	MostSkew time.Duration `yaml:"most_skew"`
}

// DefaultConfiguration seals without time stamps: which authority is trusted is
// the operator's choice.
func DefaultConfiguration() Configuration {
	return Configuration{
		Origin: "netra-evidence", Every: 5 * time.Second,
		Stamp: StampConfiguration{Every: 10 * time.Minute, Timeout: 20 * time.Second, MostSkew: time.Minute},
	}
}

// originName is what a signer's name may be: no spaces and no plus.
var originName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]{0,127}$`)

var policyOID = regexp.MustCompile(`^[0-2](\.(0|[1-9][0-9]{0,8}))+$`)

// Validate checks the values; files of the data directory are filled in later.
func (c Configuration) Validate() error {
	var errs []error
	fail := func(key, value, allowed string) {
		errs = append(errs, &post.FieldError{Key: key, Value: value, Allowed: allowed})
	}
	if !originName.MatchString(c.Origin) {
		fail("origin", fmt.Sprintf("%q", c.Origin), "letters, digits, dots, slashes, - and _, such as netra.bawaslu.go.id/bukti")
	}
	if c.Every < 10*time.Millisecond || c.Every > time.Hour {
		fail("every", c.Every.String(), "10ms to 1h")
	}
	for i, key := range c.PreviousKeys {
		if _, err := ParsePublicKey(key); err != nil {
			fail(fmt.Sprintf("previous_keys[%d]", i), fmt.Sprintf("%q", key), "a public key as `netra evidence key` prints it")
		}
	}
	for i, address := range c.Stamp.URLs {
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			fail(fmt.Sprintf("stamp.urls[%d]", i), fmt.Sprintf("%q", address), "an http:// or https:// address")
		}
	}
	if c.Stamp.Policy != "" && !policyOID.MatchString(c.Stamp.Policy) {
		fail("stamp.policy", fmt.Sprintf("%q", c.Stamp.Policy), "an OID such as 1.2.3.4.1")
	}
	for key, value := range map[string]time.Duration{"stamp.every": c.Stamp.Every, "stamp.timeout": c.Stamp.Timeout, "stamp.most_skew": c.Stamp.MostSkew} {
		if value <= 0 {
			fail(key, value.String(), "a duration of more than 0")
		}
	}
	return errors.Join(errs...)
}
