// Package review is the work on flagged posts: the queue in which they wait, who
// has taken which item, the decisions and second opinions on them, and what can
// be counted from those. A flagged post enters the queue from ClickHouse; a
// decision goes back there through an outbox, exactly once. It keeps its state
// in the console's database and knows no HTTP. It is called by the console's
// pages and API and by the commands about decisions.
package review

import (
	"errors"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Errors that callers tell apart.
var (
	// ErrNotFound is also what somebody gets who may not see the item.
	ErrNotFound = errors.New("no such item")
	// ErrTaken says that another person holds the item.
	ErrTaken = errors.New("another person works on this item")
	// ErrChanged says that the item was decided on or corrected in the meantime.
	ErrChanged = errors.New("the item has changed in the meantime")
	// ErrForbidden says that the person's role does not allow it.
	ErrForbidden = errors.New("not allowed to this role")
	// ErrSamePerson says that the second decision must be another person's.
	ErrSamePerson = errors.New("the second opinion must be another person's")
	// ErrNotUndone says that a decision cannot be taken back: it was replaced or
	// taken back already, or another person has decided after it.
	ErrNotUndone = errors.New("this decision cannot be taken back any more")
	// ErrInvalid says that a decision, filter or name is not allowed; the error
	// around it says what is.
	ErrInvalid = errors.New("not allowed")
)

// Status is where an item stands.
type Status string

// The statuses.
const (
	// Open waits for its first decision.
	Open Status = "open"
	// Second waits for the decision of a second analyst, who does not see the
	// first one, or for the second opinion that was asked for.
	Second Status = "second"
	// Conflict waits for a supervisor: two decisions differ.
	Conflict Status = "conflict"
	// Confirmed, Dismissed and Duplicate are decided.
	Confirmed Status = "confirmed"
	Dismissed Status = "dismissed"
	Duplicate Status = "duplicate"
	// Withdrawn is an item that newer lists no longer flag and on which nobody
	// had decided. It is in no list unless it is asked for.
	Withdrawn Status = "withdrawn"
)

// Waiting lists the statuses in which an item waits for somebody.
var Waiting = []Status{Open, Second, Conflict}

// Statuses lists the statuses in the order in which work passes them.
var Statuses = []Status{Open, Second, Conflict, Confirmed, Dismissed, Duplicate}

// Verdict is what a person decides.
type Verdict string

// The verdicts.
const (
	// Violation is an alleged violation, with the rule that it breaks.
	Violation Verdict = "violation"
	// NoViolation is none, with a cause.
	NoViolation Verdict = "no_violation"
	// Unsure asks for a second opinion.
	Unsure Verdict = "unsure"
	// SameAs is a duplicate of another item.
	SameAs Verdict = "duplicate"
)

// Cause is why a flag is no violation; rules are judged by it, too.
type Cause string

// The causes.
const (
	WrongTarget  Cause = "wrong_target"
	Report       Cause = "report"
	Denial       Cause = "denial"
	Satire       Cause = "satire"
	NotThePerson Cause = "not_the_person"
	Everyday     Cause = "everyday_sense"
	Official     Cause = "official_duty"
	NotElection  Cause = "not_about_election"
	OtherCause   Cause = "other"
)

// Causes lists the causes.
var Causes = []Cause{WrongTarget, Report, Denial, Satire, NotThePerson, Everyday, Official, NotElection, OtherCause}

// Item is a flagged post's place in the queue.
type Item struct {
	// ID is the post's.
	ID string
	// Labels are those of the verdict, the highest score first; Score is the
	// highest one.
	Labels      []post.Label
	Score       float64
	Contestants []string
	Rules       []string
	Account     string // "platform:account id"
	Handle      string
	PersonID    string
	Region      string
	Agency      string
	Platform    string
	Language    string
	// Lists is the version of the lists that flagged it.
	Lists string
	// Excerpt is the beginning of the text, for lists.
	Excerpt              string
	CreatedAt, FlaggedAt time.Time

	Status Status
	// Urgency orders the queue, greatest first. It holds the score, the label,
	// the days left and the copies.
	Urgency int64
	// Group is the same for near-duplicates of one text; Copies is how many
	// other accounts posted it.
	Group  string
	Copies int
	// OpenedAt is when a person first opened it, which starts the legal clock,
	// and Due is when that runs out; both are zero before.
	OpenedAt, Due time.Time
	// Holder has taken the item until HeldUntil; empty where nobody has.
	Holder    string
	HeldUntil time.Time
	// Assignee is the person that a supervisor gave it to, or empty.
	Assignee string
	// Decided is when the last decision fell.
	Decided time.Time
	// Edited is when the text changed after somebody had decided on it: the item
	// waits again, and the older decisions are about the older text.
	Edited time.Time
	// Revision counts the changes of the item; a decision names the one that it
	// was made on.
	Revision int64
}

// Decision is one person's decision on one item. Decisions are never changed; a
// correction is a new one that names the one that it replaces.
type Decision struct {
	ID      string // a UUID; the key in ClickHouse
	Item    string
	Verdict Verdict
	// Label is the label that the decision is about; empty is all of them.
	Label post.Label
	// Rule is the neutrality rule of a violation, such as "KE-3".
	Rule  string
	Cause Cause
	// Same is the item that a duplicate repeats.
	Same string
	Note string
	By   string
	At   time.Time
	// Round is 1 for the first decision, 2 for the blind second one, 3 for a
	// supervisor's.
	Round int
	// Replaces is the decision that this one corrects; Withdrawn says that it
	// takes that one back without another in its place (undo).
	Replaces  string
	Withdrawn bool
	// Current is false where the decision was replaced, taken back, or is about
	// an older text.
	Current bool
}
