package coordinated

import (
	"fmt"
	"time"
)

// Configuration of the search for coordinated posting.
type Configuration struct {
	// Enabled lets the worker keep a sketch of every post (hashes only, see package
	// sketch) and the console look for copies among them.
	Enabled bool `yaml:"enabled"`
	// HashKey is the secret of the sketches' hashes, the same for all workers and
	// consoles. Empty is the roster's key.
	HashKey string `yaml:"hash_key"`
	// Keep is how long a sketch is kept from the time at which its post was queued;
	// not longer than Kafka keeps the posts (kafka.topics.retention).
	Keep time.Duration `yaml:"keep"`
	// Every is how often the console looks for copies.
	Every time.Duration `yaml:"every"`
	// Window is the short time in which Accounts different accounts must have posted
	// nearly the same, and the longest silence within a cluster.
	Window   time.Duration `yaml:"window"`
	Accounts int           `yaml:"accounts"`
	// Similarity is the share of runs of four letters, of all that either of two
	// texts has, from which they are near copies.
	Similarity float64 `yaml:"similarity"`
	// Longest is how long a cluster can last; what follows makes another.
	Longest time.Duration `yaml:"longest"`
}

// DefaultConfiguration finds five accounts within six hours.
func DefaultConfiguration() Configuration {
	return Configuration{
		Enabled: true, Keep: 720 * time.Hour, Every: time.Minute,
		Window: 6 * time.Hour, Accounts: 5, Similarity: 0.7, Longest: 72 * time.Hour,
	}
}

// MinKeyBytes is how long a hash key must be.
const MinKeyBytes = 16

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	switch {
	case c.HashKey != "" && len(c.HashKey) < MinKeyBytes:
		return fmt.Errorf("key %q: value of %d bytes (not shown); allowed: %d bytes or more", "hash_key", len(c.HashKey), MinKeyBytes)
	case c.Keep < time.Hour || c.Keep > 10*365*24*time.Hour:
		return fmt.Errorf("key %q: value %q; allowed: 1h to ten years, such as 720h", "keep", c.Keep)
	case c.Every < time.Second:
		return fmt.Errorf("key %q: value %q; allowed: 1s or more", "every", c.Every)
	case c.Window < time.Minute || c.Window > 14*24*time.Hour:
		return fmt.Errorf("key %q: value %q; allowed: 1m to 336h", "window", c.Window)
	case c.Accounts < 3 || c.Accounts > 100:
		return fmt.Errorf("key %q: value %d; allowed: 3 to 100", "accounts", c.Accounts)
	case !(c.Similarity >= 0.6 && c.Similarity <= 1):
		return fmt.Errorf("key %q: value %v; allowed: 0.6 to 1", "similarity", c.Similarity)
	case c.Longest < c.Window:
		return fmt.Errorf("key %q: value %q; allowed: at least the window (%s)", "longest", c.Longest, c.Window)
	}
	return nil
}
