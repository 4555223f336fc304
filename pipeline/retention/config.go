package retention

import (
	"fmt"
	"time"
)

// Configuration says how long what is kept for, and whether it is purged by
// itself.
type Configuration struct {
	// Automatic purges once a day in the console's process. Without it only `netra
	// retention run` does.
	Automatic bool `yaml:"automatic"`
	// Dismissed is how long a flag is kept after it was found to be no violation.
	Dismissed time.Duration `yaml:"dismissed"`
	// Withdrawn is how long a flag is kept that nobody decided on and that newer lists
	// no longer raise, counted from when it was raised.
	Withdrawn time.Duration `yaml:"withdrawn"`
	// Closed is how long a confirmed violation is kept after its case was closed. One
	// without a case, or in a case that is not closed, stays.
	Closed time.Duration `yaml:"closed"`
	// Files is how long a file is kept that was handed in and belongs to nothing:
	// its capture was never sent, or its post was not flagged.
	Files time.Duration `yaml:"files"`
	// Batch is how many posts one transaction purges.
	Batch int `yaml:"batch"`
}

const day = 24 * time.Hour

// DefaultConfiguration keeps dismissed flags for half a year and confirmed ones for
// a year after their case was closed.
func DefaultConfiguration() Configuration {
	return Configuration{Automatic: true, Dismissed: 180 * day, Withdrawn: 30 * day, Closed: 365 * day, Files: 30 * day, Batch: 100}
}

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"dismissed", c.Dismissed}, {"withdrawn", c.Withdrawn}, {"closed", c.Closed}, {"files", c.Files}} {
		if d.value < day {
			return fmt.Errorf("key %q: value %q; allowed: 24h or more, such as 4320h (180 days)", d.key, d.value)
		}
	}
	if c.Batch < 1 || c.Batch > 1000 {
		return fmt.Errorf("key %q: value %d; allowed: 1 to 1000", "batch", c.Batch)
	}
	return nil
}
