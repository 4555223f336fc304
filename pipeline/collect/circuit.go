package collect

import "time"

// circuit pauses a whole source whose visits fail one after another, and lets a
// single visit try when the pause is over.
type circuit struct {
	threshold int // failures in a row that open it; 0 is never
	backoff   backoff
	failures  int
	until     time.Time // no visit before it
}

func (c *circuit) success() { c.failures = 0 }

// failure opens the circuit when there were too many in a row.
func (c *circuit) failure(now time.Time) {
	c.failures++
	if c.failed() {
		c.pause(now.Add(c.backoff.after(c.failures - c.threshold + 1)))
	}
}

// failed says that the last visits all failed.
func (c *circuit) failed() bool { return c.threshold > 0 && c.failures >= c.threshold }

// pause lets no visit start before the time, whatever happens.
func (c *circuit) pause(until time.Time) { c.until = later(c.until, until) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
