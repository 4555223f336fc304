// Package cases groups reviewed posts into cases: the posts of one account, or
// copies of one text over many accounts. A case has a status, the people who
// work on it, the legal clock, notes, and where it was handed over. It keeps its
// state in the console's database and knows no HTTP. What was decided on a post
// stays in pipeline/review; what proves it is in pipeline/evidence. It is called
// by the console and by the commands about evidence.
package cases

import "time"

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
	Posts   []string
	// People are the user names of those who work on it.
	People []string
	// KnownAt is when a person first knew: the earliest opening of its posts. Due
	// is when the legal clock runs out.
	KnownAt, Due time.Time
	// Receiver is the agency that it was handed over to, Reference its number.
	Receiver, Reference string
	HandedAt, ClosedAt  time.Time
	// Hold is the reason for which nothing of it may be purged, or empty.
	Hold      string
	CreatedAt time.Time
	CreatedBy string
	// Revision counts the changes; a change names the one that it was made on.
	Revision int64
}
