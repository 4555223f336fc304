// Package clock reads the time together with what is known about how right it
// is: whether the kernel's clock follows a time server, how far it may be off,
// and whether it was set by hand while the process ran. It sets no clock and asks
// no time server. It is called by everything that states when evidence came to
// be.
package clock

import (
	"fmt"
	"sync"
	"time"
)

// Clock reads this machine's clock. It is safe for concurrent use.
type Clock struct {
	state func() (kernelState, error)
	now   func() time.Time

	mu      sync.Mutex
	wall    time.Time     // of the last reading, without its monotonic part
	ran     time.Duration // of the monotonic clock, at the last reading
	begun   time.Time
	jumped  time.Duration // how far it was set in all since the start
	largest time.Duration // the largest that it was set at once
}

// kernelState is what the kernel says of its clock.
type kernelState struct {
	synchronised bool
	// most is how far the clock can be off at most, as its time server told.
	most time.Duration
}

// New returns a clock that notices from now on when it is set.
func New() *Clock {
	c := &Clock{state: readKernel, now: time.Now}
	c.begun = c.now()
	c.wall = c.begun.Round(0)
	return c
}

// Jump is the smallest difference between the clock on the wall and the one that
// only runs forward that counts as being set: time servers turn a clock by less.
const Jump = time.Second

// Now returns the time, with this machine's zone, and says how it was checked,
// such as "ntp synchronised, ±4 ms" or "not checked".
func (c *Clock) Now() (time.Time, string) {
	now := c.now()
	if set := c.noticed(now); set != 0 {
		return now.Round(0), fmt.Sprintf("%s; set by %s since the program started", c.words(), set.Round(time.Millisecond))
	}
	return now.Round(0), c.words()
}

// Jumped is by how much the clock was set, in all, since New.
func (c *Clock) Jumped() time.Duration { return c.noticed(c.now()) }

func (c *Clock) noticed(now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.observed(now.Round(0), now.Sub(c.begun))
}

// observed compares how far the clock on the wall went with how far the one did
// that only runs forward.
func (c *Clock) observed(wall time.Time, ran time.Duration) time.Duration {
	if set := wall.Sub(c.wall) - (ran - c.ran); set.Abs() >= Jump {
		c.jumped += set
		c.largest = max(c.largest, set.Abs())
	}
	c.wall, c.ran = wall, ran
	if c.jumped == 0 { // there and back is not never
		return c.largest
	}
	return c.jumped
}

func (c *Clock) words() string {
	state, err := c.state()
	switch {
	case err != nil:
		return "not checked"
	case !state.synchronised:
		return "not synchronised"
	}
	return fmt.Sprintf("ntp synchronised, ±%d ms", state.most.Milliseconds())
}

// Now reads the time once, without watching for jumps.
func Now() (time.Time, string) { return New().Now() }
