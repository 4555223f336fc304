package report

import (
	"time"

	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Facts are all that a report is made of.
type Facts struct {
	Case  cases.Case
	Posts []Post
	// Region names a region's code and Contestant a contestant's id for people; nil
	// or an empty answer leaves the code.
	Region     func(code string) string
	Contestant func(id string) string
	// At is when the report was made and By by whom; Version is Netra's, and Key
	// the fingerprint of the public key by which the pack is verified.
	At           time.Time
	By           string
	Version, Key string
}

// Post is a post of the case.
type Post struct {
	Flag post.Flag
	// KnownAt is when a person first opened it.
	KnownAt time.Time
	// Stage is where the election stood at the post's date; empty is not known.
	Stage     string
	Decisions []review.Decision
	Pieces    []evidence.Piece
	// Pictures are the files of the pieces that can be shown, by SHA-256.
	Pictures map[string][]byte
}
