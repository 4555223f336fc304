// Package tuning keeps what operators may change of a verdict (keyword lists,
// contestants, thresholds, claims, models) as versions: a version is a bundle of
// files, named by its content. Operators work on drafts; a draft that is checked
// and back-tested is published, and a publication can be taken back. Files in a
// folder and the console edit the same drafts.
//
// The book of drafts and publications is in the console's database, where two
// operators cannot publish at once. Published versions are laid out in
// ClickHouse (the Board), which every worker reaches, and a Follower in each
// process takes them from there: it compiles first and then swaps, and stays
// with what it has where a version does not compile.
//
// It is called by the keywords commands, the console and the worker's wiring. It
// knows no HTTP and no Kafka.
package tuning

import (
	"errors"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no draft, version or publication of that
	// name.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that another operator was faster: the draft has been
	// changed, or another version published, since it was read.
	ErrConflict = errors.New("changed by another operator in the meantime")
	// ErrNotChecked says that a draft cannot be published as it is: its checks
	// failed, its back-test was not seen or nobody else has approved it.
	ErrNotChecked = errors.New("not ready to be published")
)

// State is where a version stands.
type State string

// The states.
const (
	// StateDraft has been changed since it was last checked, or failed.
	StateDraft State = "draft"
	// StateChecked compiles, and all examples of its rules hold.
	StateChecked State = "checked"
	// StatePublished is in force.
	StatePublished State = "published"
	// StateRetired was in force.
	StateRetired State = "retired"
)

// Version is one bundle that the book knows.
type Version struct {
	ID      string // of the bundle
	Files   []File
	Created time.Time
	By      string
}

// Draft is a bundle that an operator works on. It always points to a version;
// a change makes another version and moves the draft to it.
type Draft struct {
	Name    string
	Version string
	// Base is the version that was in force when the draft was made or last
	// brought up to date; empty where none was.
	Base string
	// Revision counts the changes; a change names the one that it was made on.
	Revision int64
	Why      string
	By       string
	Changed  time.Time
	// Checked is the version that passed the checks, Backtest the number of the
	// back-test of this version that was seen, and Approved who approved it.
	Checked  string
	Backtest int64
	Approved string
}

// State is StateChecked when the draft's present version passed the checks.
func (d Draft) State() State {
	if d.Checked == d.Version {
		return StateChecked
	}
	return StateDraft
}

// Shadow is a draft's version that runs beside the version in force on live
// posts: its flags are counted and sampled, and shown in no queue. Without a
// version none does. The one with the greatest number holds.
type Shadow struct {
	Number  int64
	Version string
	Draft   string
	By      string
	At      time.Time
}

// Kind is what a publication does.
type Kind string

// The kinds.
const (
	// Publish puts a version in force, Rollback an earlier one again.
	Publish  Kind = "publish"
	Rollback Kind = "rollback"
)

// Publication puts a version in force. The one with the greatest number holds.
type Publication struct {
	Number  int64
	Version string
	Kind    Kind
	// Previous is the number of the publication that it replaced, 0 for none.
	Previous int64
	By       string
	At       time.Time
	Why      string
	// Draft is the draft that was published, Approved who approved it and
	// Backtest the number of the back-test that was seen; each may be empty.
	Draft    string
	Approved string
	Backtest int64
}
