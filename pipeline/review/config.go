package review

import (
	"fmt"
	"time"
)

// Configuration of the review.
type Configuration struct {
	// Deadline is how long after a person first opened an item the finding must
	// be registered: seven days by law.
	Deadline time.Duration `yaml:"deadline"`
	// Lock is how long an item stays with who took it, counted from the last
	// thing that person did with it.
	Lock time.Duration `yaml:"lock"`
	// SecondShare is the share of items, from 0 to 1, that a second analyst
	// decides on, too. Which ones depends on the items' ids only.
	SecondShare float64 `yaml:"second_share"`
	// SecondConfirmed lets a second analyst decide on every item in which the
	// first one saw a violation.
	SecondConfirmed bool `yaml:"second_confirmed"`
	// AgreeOnRule makes two violations with different rules a conflict.
	AgreeOnRule bool `yaml:"agree_on_rule"`
	// Poll is how often ClickHouse is asked for new flags, and Overlap how far
	// behind the newest known one that looks, for those that came in late.
	Poll    time.Duration `yaml:"poll"`
	Overlap time.Duration `yaml:"overlap"`
	// Refresh is how often the urgency of items is brought up to date.
	Refresh time.Duration `yaml:"refresh"`
	// Send is how often decisions are sent to ClickHouse.
	Send time.Duration `yaml:"send"`
}

// DefaultConfiguration is for one office.
func DefaultConfiguration() Configuration {
	return Configuration{
		Deadline:        7 * 24 * time.Hour,
		Lock:            15 * time.Minute,
		SecondShare:     0.05,
		SecondConfirmed: false,
		Poll:            2 * time.Second,
		Overlap:         10 * time.Minute,
		Refresh:         5 * time.Minute,
		Send:            2 * time.Second,
	}
}

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"deadline", c.Deadline}, {"lock", c.Lock}, {"poll", c.Poll}, {"overlap", c.Overlap}, {"refresh", c.Refresh}, {"send", c.Send}} {
		if d.value <= 0 {
			return fmt.Errorf("key %q: value %q; allowed: a duration above 0, such as 15m", d.key, d.value)
		}
	}
	if !(c.SecondShare >= 0 && c.SecondShare <= 1) {
		return fmt.Errorf("key %q: value %v; allowed: a share from 0 to 1, such as 0.05", "second_share", c.SecondShare)
	}
	return nil
}
