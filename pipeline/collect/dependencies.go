package collect

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/post"
)

// Roster says whose accounts are watched. It is asked for every post, so it
// answers from memory.
type Roster interface {
	// Resolve returns the person behind the account with the key
	// "platform:account id" on the given date; false where the roster has no
	// entry of the account that is valid on it.
	Resolve(key string, at time.Time) (post.Person, bool)
	// Has says whether the roster has the account at any date.
	Has(key string) bool
}

// Outgoing is a post on its way to the queue.
type Outgoing struct {
	Post post.Post
	// Revision is 1 for a post's first content and one more for each further
	// content that was seen under the same id.
	Revision int
	// Raw and Exchange are the item's. Raw is nil where its SHA-256 is not the
	// post's raw_sha256: it is not what that post was made of.
	Raw      []byte
	Exchange *Exchange
}

// Producer sends posts to the queue.
type Producer interface {
	// Send returns nil when the queue has acknowledged all posts, and keeps
	// their order for each account. On a *RefusedError it has acknowledged
	// those that are not refused; on any other error the call is repeated.
	Send(ctx context.Context, posts []Outgoing) error
}

// Rejected is an item that cannot go on, for the dead letters.
type Rejected struct {
	Source   string
	Position string
	Cause    Cause
	// Reason is for people: key, value, what is allowed.
	Reason string
	// Raw is what the source said, cut to MaxRawBytes.
	Raw []byte
	At  time.Time
}

// MaxRawBytes bounds the raw text in a dead letter.
const MaxRawBytes = 256 << 10

// Rejecter takes items that cannot go on, so that nothing is lost silently. It
// returns nil when they are kept safely.
type Rejecter interface {
	Reject(ctx context.Context, rejected []Rejected) error
}

// CoverageEntry is what is known of how well an account is covered. It replaces
// the entry before it of the same source and account.
type CoverageEntry struct {
	// Source is empty where no source collects the account.
	Source string
	// Account is the key "platform:account id".
	Account string
	At      time.Time
	// LastSuccess and LastPost are zero where there was none.
	LastSuccess time.Time
	LastPost    time.Time
	// Failures counts the failures since the last success.
	Failures int
	// Problem is the kind of the last failure, empty after a success, and
	// Since is when the account began to fail. An account that is collected
	// under a new handle has KindRenamed without failures.
	Problem Kind
	Since   time.Time
	Reason  string
	// Handle is the account's handle where the platform shows another one than
	// the roster has.
	Handle string
	// Gaps are periods in which posts may be missing, oldest first.
	Gaps []Gap
}

// Coverage stores coverage entries.
type Coverage interface {
	Record(ctx context.Context, entries []CoverageEntry) error
}

// Calendar knows the elections' stages.
type Calendar interface {
	// Silent says whether an election that people of the region can vote in is in
	// its silent period at the time; an empty region is any.
	Silent(region string, at time.Time) bool
}

// Dependencies are what the collector works with; all are required, but
// Coverage may be nil where nothing keeps it, Calendar where no election is
// known, and Ready where the roster is there from the start.
type Dependencies struct {
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	State      *State
	Roster     Roster
	Producer   Producer
	Rejecter   Rejecter
	Coverage   Coverage
	Calendar   Calendar
	// Ready says whether the roster has been read and has accounts. Until then
	// nothing is visited: to an empty roster everybody is a stranger, and the
	// cursors would go past posts that should have been collected.
	Ready func() bool
	// Version, where it is set, returns another text when there is another roster:
	// sources are then asked for their targets within a minute.
	Version func() string
	// Listed, where it is set, returns the keys of all accounts that the roster has
	// now: coverage tells of those that no source collects.
	Listed func() []string
}
