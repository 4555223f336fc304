// Package evidence keeps what proves a flagged post: the platform's raw answer
// byte for byte, the post as it lay in the queue, the verdict, the page as a
// reader saw it, its media, and what a person handed in. Each is a piece: a file
// in pipeline/blobs under its SHA-256, and a statement that says of which post it
// is, when it was captured, by whom and how. A piece is written once. Its
// statement is a leaf of the tamper-evident log in pipeline/evidence/seal from the
// same transaction on.
//
// A post that is edited or deleted later has further versions; nothing replaces
// an older one. Only pipeline/retention removes pieces, and leaves a tombstone.
//
// The package decides nothing about a post, renders nothing and knows no HTTP. It
// is called by evidence/capture (which brings pieces), evidence/pack (which
// exports them) and the console (which shows them).
package evidence

import "time"

// Kind says what a piece is.
type Kind string

// The kinds of pieces.
const (
	// Raw is the platform's answer about the post, byte for byte. Its SHA-256 is
	// the raw_sha256 of the post.
	Raw Kind = "raw"
	// Record is the post as it lay in the queue, byte for byte: the JSON that was
	// judged.
	Record Kind = "record"
	// Verdict is the flag with its labels, reasons and versions, as stored.
	Verdict Kind = "verdict"
	// HTTP is the exchange by which something was fetched: address, status,
	// headers without secrets, the server's certificate, times.
	HTTP Kind = "http"
	// Page is the page archived as rendered, Screenshot is a picture of it.
	Page       Kind = "page"
	Screenshot Kind = "screenshot"
	// Media is an attachment of the post.
	Media Kind = "media"
	// Handed is a file that a person handed in with a capture.
	Handed Kind = "handed"
	// Gone is the answer by which a platform says that the post is no longer there.
	Gone Kind = "gone"
)

// Kinds lists the kinds in the order in which they are shown.
var Kinds = []Kind{Raw, Record, Verdict, Page, Screenshot, Media, HTTP, Handed, Gone}

// Occasion is why something was captured.
type Occasion string

// The occasions.
const (
	Flagged   Occasion = "flagged"
	Confirmed Occasion = "confirmed"
	Requested Occasion = "requested"
	Edited    Occasion = "edited"
)

// Public says whether anybody could see what was captured.
type Public string

// Whether it was public, as far as the capture can tell.
const (
	PublicYes     Public = "yes"
	PublicNo      Public = "no"
	PublicUnknown Public = "unknown"
)

// Piece is one file of evidence. Its JSON, with the fields in this order and
// without white space, is its statement: the bytes that are sealed, kept and
// exported as they are, never encoded anew.
type Piece struct {
	// Format is 1.
	Format int `json:"format"`
	// ID is a UUID.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Post is the post's id; Version is the SHA-256 of the Record that it belongs
	// to, so that the pieces of one version of a post are found together.
	Post    string `json:"post"`
	Version string `json:"version"`
	// SHA256, Size in bytes and Type (a media type) are those of the file. All
	// are empty where nothing could be captured and Problem says why: that, too,
	// is sealed.
	SHA256  string `json:"sha256,omitempty"`
	Size    int64  `json:"size,omitempty"`
	Type    string `json:"type,omitempty"`
	Problem string `json:"problem,omitempty"`
	// Address is where it was fetched from.
	Address string `json:"address,omitempty"`
	// CapturedAt has the zone of the machine that captured it.
	CapturedAt time.Time `json:"captured_at"`
	// Clock says how the time was checked, such as "ntp synchronised, ±4 ms" or
	// "not checked".
	Clock string `json:"clock"`
	// By is what or who captured it: "netra v1.2 collect mastodon", a person's
	// user name.
	By       string   `json:"by"`
	Occasion Occasion `json:"occasion"`
	Public   Public   `json:"public"`
	// Salt is 16 random bytes in hexadecimal, so that the leaf of a piece that was
	// purged does not tell what it was.
	Salt string `json:"salt"`
}
