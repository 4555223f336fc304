// Package cases groups reviewed posts into cases: the posts of one account, or
// copies of one text over many accounts. A case has a status, the people who
// work on it, the legal clock, notes, and where it was handed over. It keeps its
// state in the console's database and knows no HTTP. What was decided on a post
// stays in pipeline/review; what proves it is in pipeline/evidence. It is called
// by the console and by the commands about evidence.
//
// Every change of a case is an Event that is never changed itself: its statement
// is kept, recorded in the audit log and added to the sealed log in the
// transaction of the change.
package cases

import (
	"slices"
	"time"
)

// Status is where a case stands.
type Status string

// The statuses.
const (
	// Open is being worked on.
	Open Status = "open"
	// Ready is complete and waits to be handed over.
	Ready Status = "ready"
	// HandedOver was given to the receiving agency, with its reference number.
	HandedOver Status = "handed_over"
	// Closed is over; from then on retention counts.
	Closed Status = "closed"
)

// Statuses lists the statuses in the order in which work passes them.
var Statuses = []Status{Open, Ready, HandedOver, Closed}

// Waiting lists the statuses in which the legal clock runs.
var Waiting = []Status{Open, Ready}

// The kinds of cases.
const (
	// OfAccount has posts of one account or person.
	OfAccount = "account"
	// OfCopies has copies of one text over many accounts.
	OfCopies = "copies"
)

// Kinds lists the kinds.
var Kinds = []string{OfAccount, OfCopies}

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	// Proven was found a violation by the agency that is competent for it.
	Proven Outcome = "proven"
	// NotProven was found none by that agency.
	NotProven Outcome = "not_proven"
	// Dropped is not followed up.
	Dropped Outcome = "dropped"
	// Expired passed the legal time.
	Expired Outcome = "expired"
	// Merged goes on as another case.
	Merged Outcome = "merged"
	// OtherOutcome is told by the reason.
	OtherOutcome Outcome = "other"
)

// Outcomes lists the outcomes.
var Outcomes = []Outcome{Proven, NotProven, Dropped, Expired, Merged, OtherOutcome}

// Case is one case.
type Case struct {
	// ID is a UUID; Number is what people call it, such as "2026/61/0042".
	ID, Number string
	Title      string
	Status     Status
	// Kind is "account" for posts of one account, "copies" for copies of a text.
	Kind string
	// Regions are those of the posts' persons; who may see one of them may see
	// the case.
	Regions []string
	// Posts are the posts in the order in which they were added. Of a case that
	// was asked for on a person's behalf, they are those in regions that the
	// person sees; Hidden counts the others.
	Posts  []string
	Hidden int
	// People are the user names of those who work on it.
	People []string
	// KnownAt is when a person first knew: the earliest opening of its posts. Due
	// is when the legal clock runs out.
	KnownAt, Due time.Time
	// Receiver is the agency that it was handed over to, Reference its number.
	Receiver, Reference string
	HandedAt, ClosedAt  time.Time
	// Outcome is how it ended, where it is closed.
	Outcome Outcome
	// Hold is the reason for which nothing of it may be purged, or empty.
	Hold      string
	CreatedAt time.Time
	CreatedBy string
	// ChangedAt is when anything of it changed last, a note, too.
	ChangedAt time.Time
	// Revision counts the changes; a change names the one that it was made on.
	// Notes and exports are no changes in that sense.
	Revision int64
}

// Runs says whether the legal clock runs.
func (c *Case) Runs() bool { return slices.Contains(Waiting, c.Status) }

// Overdue says whether the legal time is over and the case still waits.
func (c *Case) Overdue(now time.Time) bool { return c.Runs() && now.After(c.Due) }

// Link is a post of a case, also one that was removed from it.
type Link struct {
	Post, Account, Handle, Region, PersonID string
	// KnownAt is when a person first opened the post, or added it here unopened.
	KnownAt, AddedAt time.Time
	AddedBy          string
	// RemovedAt is zero while the post is in the case.
	RemovedAt time.Time
	RemovedBy string
	Reason    string
}
