package pack

import (
	"fmt"
	"time"
)

// skew is how far this machine's clock and an authority's may differ.
const skew = 2 * time.Minute

// times compares what the statements say of their time with when the log took
// them in, and both with the time stamps before and behind them.
func (v *verifier) times() error {
	if err := v.earlier(); err != nil {
		return err
	}
	if err := v.inOrder(); err != nil {
		return err
	}
	for _, t := range v.stated {
		if err := v.time(t); err != nil {
			return err
		}
	}
	return nil
}

// inOrder sees that the authority's times rise with the log.
func (v *verifier) inOrder() error {
	for i := 1; i < len(v.stamps); i++ {
		before, after := v.stamps[i-1], v.stamps[i]
		if after.at.Before(before.at.Add(-before.within - after.within)) {
			return fault(after.what, "it is of %s, before the time stamp of a shorter log (%s, %s)", clock(after.at), before.what, clock(before.at))
		}
	}
	return nil
}

func (v *verifier) time(t statedTime) error {
	before, after := v.around(t.leaf)
	most := v.options.MostDelay
	switch {
	case after != nil && t.sealed.After(after.at.Add(skew+after.within)):
		return fault(t.path, "the log says that it was sealed at %s, after the time stamp that covers it (%s, %s)", clock(t.sealed), after.what, clock(after.at))
	case before != nil && t.sealed.Before(before.at.Add(-skew-before.within)):
		return fault(t.path, "the log says that it was sealed at %s, before the time stamp of a log without it (%s, %s)", clock(t.sealed), before.what, clock(before.at))
	case after != nil && t.at.After(after.at.Add(skew+after.within)):
		return fault(t.path, "%s is said to be of %s, after the time stamp that covers it (%s, %s)", t.what, clock(t.at), after.what, clock(after.at))
	case t.at.After(t.sealed.Add(skew)):
		return fault(t.path, "%s is said to be of %s, and was sealed before that, at %s", t.what, clock(t.at), clock(t.sealed))
	case t.bound && before != nil && t.at.Before(before.at.Add(-most)):
		return fault(t.path, "back-dated: %s is said to be of %s, but the log of %s (%s) did not have it", t.what, clock(t.at), clock(before.at), before.what)
	case t.bound && t.at.Before(t.sealed.Add(-most)):
		return fault(t.path, "back-dated, or sealed late: %s is said to be of %s, but was sealed at %s", t.what, clock(t.at), clock(t.sealed))
	}
	if t.at.Before(t.sealed.Add(-most)) {
		v.result.Times.Claimed++
	}
	v.result.Times.Stated++
	return nil
}

// around returns the last time stamp of a log without the leaf, and the first of
// one with it; nil where there is none.
func (v *verifier) around(leaf int64) (before, after *stamped) {
	for i := range v.stamps {
		if v.stamps[i].size <= leaf {
			before = &v.stamps[i]
		} else {
			return before, &v.stamps[i]
		}
	}
	return before, nil
}

func clock(t time.Time) string { return t.Format("2006-01-02 15:04:05Z07:00") }

// Result is what was found of a pack.
type Result struct {
	Holds bool `json:"holds"`
	// Fault is the first thing that does not hold.
	Fault *Fault `json:"fault,omitempty"`
	// What the pack says of itself; it is only right where it holds.
	MadeAt time.Time `json:"made_at"`
	MadeBy string    `json:"made_by"`
	Posts  []string  `json:"posts"`
	// How much was verified. Problems are the pieces that say why there is none.
	Pieces    int           `json:"pieces"`
	Problems  int           `json:"problems"`
	Decisions int           `json:"decisions"`
	Others    int           `json:"others"`
	Files     int           `json:"files"`
	Log       LogResult     `json:"log"`
	Stamps    []StampResult `json:"stamps"`
	Times     TimesResult   `json:"times"`
}

// LogResult is the log that everything was proved to be in.
type LogResult struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"`
}

// StampResult is a time stamp that holds.
type StampResult struct {
	File      string    `json:"file"`
	Time      time.Time `json:"time"`
	Authority string    `json:"authority"`
	// Trusted is "yes", or "not asked" where no root certificates were given.
	Trusted string `json:"trusted"`
}

// TimesResult says what was found about times.
type TimesResult struct {
	// Stated is how many statements say when they were made; MostDelay is how far
	// that may be from when they were sealed.
	Stated    int    `json:"stated"`
	MostDelay string `json:"most_delay"`
	// Claimed is how many of them are older than that and only claimed: what was
	// fetched by a collector or handed in before it was evidence, and decisions
	// from before decisions were sealed.
	Claimed int `json:"claimed"`
}

func (r *Result) describe(m *Manifest) { r.MadeAt, r.MadeBy, r.Posts = m.MadeAt, m.MadeBy, m.Posts }

// Notes say what was not verified, in words.
func (r *Result) Notes() []string {
	var notes []string
	if len(r.Stamps) == 0 {
		notes = append(notes, "no time stamping authority stated a time: all times are by the clock of the machine that sealed it")
	}
	for _, s := range r.Stamps {
		if s.Trusted != "yes" {
			notes = append(notes, fmt.Sprintf("whether %q is an authority that you trust was not asked: give its root certificate", s.Authority))
			break
		}
	}
	if r.Times.Claimed > 0 {
		notes = append(notes, fmt.Sprintf("%d statements tell of a time more than %s before they were sealed: that they were there when they were sealed is proved, the earlier time is only claimed", r.Times.Claimed, r.Times.MostDelay))
	}
	if r.Problems > 0 {
		notes = append(notes, fmt.Sprintf("%d pieces have no file and say why it could not be captured", r.Problems))
	}
	return notes
}
