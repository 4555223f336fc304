// Package retention purges what is no longer needed: dismissed flags with their
// evidence after a time, confirmed ones a time after their case was closed, files
// that belong to nothing. It plans before it purges, stops at a legal hold, and
// leaves a tombstone in the sealed log for each statement that goes: proof that
// something was there, not what. What it leaves in the review counts in
// statistics and names nobody. Benign posts and sketches are not its matter: they
// leave with Kafka's retention and by ClickHouse's own time to live.
//
// A purge takes a post out of the console's database in one transaction, together
// with its tombstones and the audit event, and then out of ClickHouse and the
// storage of files, each of which can be done again: one that was killed half-way
// is finished by the next.
//
// It also says what is held of one person. It is called by the console and by the
// commands about retention.
package retention

import (
	"errors"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no such post or case.
	ErrNotFound = errors.New("no such post or case")
	// ErrNotHeld says that there is no hold on a post that could be lifted.
	ErrNotHeld = errors.New("it is not held")
	// ErrBusy says that another process purges.
	ErrBusy = errors.New("another process purges at the moment")
	// ErrOutbox says that decisions have not reached ClickHouse yet.
	ErrOutbox = errors.New("decisions have not reached ClickHouse yet; purge when they have")
	// ErrReason says that a hold has no reason.
	ErrReason = errors.New("a hold needs a reason")
)

// Why says why a post goes, or why it stays although it is decided.
type Why string

// Why a post goes.
const (
	// Dismissed was found to be no violation, long enough ago.
	Dismissed Why = "dismissed"
	// Withdrawn is no longer flagged, and nobody decided on it.
	Withdrawn Why = "withdrawn"
	// Closed is in cases only that were closed long enough ago.
	Closed Why = "closed"
	// DuplicateOf repeats a post that was purged.
	DuplicateOf Why = "duplicate"
)

// Why a decided post stays.
const (
	// Held is under legal hold, by itself or by its case.
	Held Why = "held"
	// NotYet is not old enough.
	NotYet Why = "not_yet"
	// NoCase is confirmed and in no case: it never goes by itself.
	NoCase Why = "no_case"
	// OpenCase is in a case that is not closed.
	OpenCase Why = "open_case"
	// Original repeats a post that is still there.
	Original Why = "original"
)

// Goes lists why posts go, Stays why decided ones stay.
var (
	Goes  = []Why{Dismissed, Withdrawn, Closed, DuplicateOf}
	Stays = []Why{Held, NotYet, NoCase, OpenCase, Original}
)

// Due is a post that would be purged now.
type Due struct {
	Post   string    `json:"post"`
	Region string    `json:"region"`
	Status string    `json:"status"`
	Why    Why       `json:"why"`
	Since  time.Time `json:"since"`
	// Pieces are those of its evidence.
	Pieces int `json:"pieces"`
}

// Plan is what a run would purge, and what stays and why.
type Plan struct {
	At  time.Time `json:"at"`
	Due []Due     `json:"due"`
	// Files are those handed in that belong to nothing.
	Files []string `json:"files"`
	// Stays counts the decided posts that are not due, by why.
	Stays map[Why]int `json:"stays"`
	// Waiting counts the posts that nobody has decided on: they stay.
	Waiting int `json:"waiting"`
	// Unfinished counts what an earlier run has begun.
	Unfinished int `json:"unfinished"`
}

// Counts is what a run did.
type Counts struct {
	Posts      map[Why]int `json:"posts"`
	Pieces     int         `json:"pieces"`
	Statements int         `json:"statements"`
	Files      int         `json:"files"`
	// Finished are posts of an earlier run that was broken off.
	Finished int `json:"finished"`
}

// Run is a purge in the history.
type Run struct {
	Number       int64
	Began, Ended time.Time
	By           string
	Counts       Counts
	Problem      string
}

// Hold is a legal hold on a post.
type Hold struct {
	Post, Reason, By string
	At               time.Time
	LiftedBy         string
	LiftedAt         time.Time
}

// Tombstone is what is sealed of a statement that was purged. Its JSON, with the
// fields in this order and without white space, is the statement.
type Tombstone struct {
	Format int `json:"format"` // 1
	// Leaf is the SHA-256 of the statement that was purged, as it stands in the log,
	// and Of its kind there.
	Leaf string `json:"leaf"`
	Of   string `json:"of"`
	Why  Why    `json:"why"`
	// At is when it was purged, By by whom.
	At time.Time `json:"at"`
	By string    `json:"by"`
	// Together is how many statements of the same post went.
	Together int `json:"together"`
}
