package clock

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// setClock is a clock whose wall part can be set, as by a person or a broken time
// server, while its monotonic part runs on.
type setClock struct {
	begun time.Time
	ran   time.Duration
	set   time.Duration
}

// now is not time.Time's own monotonic clock, so the clock under test is asked by
// observe.
func (s *setClock) observe(c *Clock) (string, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.words(), c.observed(s.begun.Add(s.ran+s.set), s.ran)
}

func synchronised() (kernelState, error) {
	return kernelState{synchronised: true, most: 4 * time.Millisecond}, nil
}

func TestAClockThatIsSetIsNoticed(t *testing.T) {
	tests := map[string]struct {
		steps []time.Duration // by which it is set, a minute apart
		want  time.Duration
	}{
		"it runs":                   {[]time.Duration{0, 0, 0}, 0},
		"it is turned, as NTP does": {[]time.Duration{300 * time.Millisecond, -200 * time.Millisecond}, 0},
		"an hour back":              {[]time.Duration{0, -time.Hour, 0}, -time.Hour},
		"two days ahead":            {[]time.Duration{48 * time.Hour}, 48 * time.Hour},
		"ahead and back":            {[]time.Duration{time.Hour, -time.Hour}, time.Hour},
		"twice":                     {[]time.Duration{time.Hour, 0, time.Minute}, time.Hour + time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &setClock{begun: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
			c := &Clock{state: synchronised, wall: s.begun}
			var got time.Duration
			for _, step := range test.steps {
				s.ran += time.Minute
				s.set += step
				_, got = s.observe(c)
			}
			if got != test.want {
				t.Errorf("set by %s, want %s", got, test.want)
			}
		})
	}
}

func TestTheWordsSayHowTheClockWasChecked(t *testing.T) {
	for want, state := range map[string]func() (kernelState, error){
		"ntp synchronised, ±4 ms": synchronised,
		"not synchronised":        func() (kernelState, error) { return kernelState{}, nil },
		"not checked":             func() (kernelState, error) { return kernelState{}, errors.New("no") },
	} {
		c := New()
		c.state = state
		at, words := c.Now()
		if words != want || time.Since(at).Abs() > time.Hour {
			t.Errorf("%s, %s; want %s", at, words, want)
		}
		c.largest, c.jumped = time.Hour, time.Hour
		if _, words := c.Now(); !strings.HasPrefix(words, want+"; set by 1h0m0s") {
			t.Errorf("after it was set: %s", words)
		}
	}
}

func TestTheKernelIsAsked(t *testing.T) {
	if _, words := New().Now(); words == "" {
		t.Error("no words")
	}
}
