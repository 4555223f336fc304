package collect

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Source brings posts from one kind of place: a folder, a list of feeds, the
// accounts of one platform. What it brings is divided into targets, each with
// its own cursor, interval and back-off, so that one target that fails does not
// hold up another. A source holds no cursor of its own and starts no goroutine
// that outlives a call; its methods may be called for several targets at once.
type Source interface {
	// Name is unique among the sources; it is the key of cursors and metrics.
	Name() string
	// Targets lists what there is to collect now. It is asked again every
	// refresh interval, and after a change that a Watcher tells of.
	Targets(ctx context.Context) ([]Target, error)
	// Collect hands everything of the target that is newer than the cursor to
	// the sink, in pages, oldest first. It returns when there is nothing more
	// (a polled source) or when ctx ends (a stream). Its error should be an
	// *Error that says what kind of failure it is.
	Collect(ctx context.Context, target Target, cursor Cursor, sink Sink) (Result, error)
}

// Watcher is implemented by a source that hears of changes by itself. Watch
// blocks until ctx ends and calls changed with the id of each target that has
// something new, or with "" where it cannot tell which.
type Watcher interface {
	Watch(ctx context.Context, changed func(target string)) error
}

// Target is a part of a source that is collected by itself: a file, a feed, an
// account, a stream.
type Target struct {
	// ID is unique in the source and stays the same over restarts.
	ID string
	// Account is the account key ("platform:account id") whose coverage the
	// target decides, empty where a target is not exactly one account.
	Account string
	// Owner is the roster's account, zero where the target is none of one.
	Owner Account
	// Host names the server that the target shares with others where a source
	// has several, such as a Mastodon instance; empty for the source's only one.
	// The rate, what answers say of the budget, and the circuit are a host's: one
	// that is away does not hold up the others.
	Host string
	// Stream marks a target whose Collect lasts until ctx ends. It always has a
	// place of its source's concurrency, and a single round leaves it out.
	Stream bool
}

// Cursor says how far a target has been collected, in the source's own words;
// nil means from the start. It is saved only after all posts before it have
// been acknowledged by the queue.
type Cursor []byte

// Sink takes what a source found.
type Sink interface {
	// Wait blocks until the budget of the source allows another request: it is
	// WaitFor with one unit.
	Wait(ctx context.Context) error
	// WaitFor blocks until the rate limit allows another request, which costs so
	// many units of the daily quota. Where the quota is used up it does not
	// block for hours but returns an *Error of KindRateLimited that must be
	// returned by Collect as it is; the source is then visited again when there
	// is quota.
	WaitFor(ctx context.Context, units int) error
	// Limit tells what an answer said of the platform's budget, so that no more
	// is asked than it allows. A limit that says nothing changes nothing.
	Limit(Limit)
	// Emit hands on one page. When it returns nil, the page's posts have been
	// acknowledged by the queue and its cursor has been saved. The end of ctx
	// does not break it off: what was fetched is still handed on. Pages of one
	// target are emitted one after another. An error must be returned by
	// Collect as it is.
	Emit(ctx context.Context, page Page) error
}

// Page is a number of items with the cursor behind the last of them.
type Page struct {
	Items []Item
	// Cursor is saved after the items are acknowledged; nil leaves the saved
	// one as it is.
	Cursor Cursor
}

// Item is one post as the source found it, or the reason why what it found is
// none.
type Item struct {
	Post post.Post
	// Position says for people where the item was found: "file:line", a URL.
	Position string
	// Raw is what the source said of the post, byte for byte: evidence where the
	// post is flagged, and for the dead letter where the item cannot be accepted.
	// Its SHA-256 is the post's raw_sha256.
	Raw []byte
	// Exchange tells how Raw was fetched, nil where it was not.
	Exchange *Exchange
	// Err says why the item is malformed; Post is not looked at then.
	Err *ItemError
}

// Result is what a source says at the end of a successful Collect.
type Result struct {
	// Next is when the target is worth visiting again; 0 leaves it to the
	// interval of the source.
	Next time.Duration
	// More says that the visit has ended before its target was exhausted, since
	// one visit asks only for so much. The next visit goes on from the cursor;
	// until then a backfill is not complete.
	More bool
	// Handle is the account's handle as the platform shows it now; empty where
	// it was not seen. One that is not the roster's is recorded as a renaming.
	Handle string
	// Gaps are periods in which posts may be missing, as far as this visit could
	// tell.
	Gaps []Gap
}
