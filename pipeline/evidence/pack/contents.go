package pack

import (
	"context"
	"encoding/json"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Contents is what goes into a pack.
type Contents struct {
	// Case is what is known of the case, as a JSON object; nil where posts are
	// exported without one.
	Case json.RawMessage
	// Posts are the posts' ids.
	Posts []string
	// Statements are those of the pieces of evidence, the decisions and the case,
	// as they were sealed, in the order in which they are to be read. The files of
	// the pieces are found by them.
	Statements []Statement
	// Custody is who saw, opened, decided and exported, oldest first.
	Custody []Custody
	// Reports are documents for people, such as Laporan.pdf.
	Reports []Report
	// By is who makes the pack: a person's user name.
	By string
	// Netra is the program's version.
	Netra string
}

// Statement is a statement as it was sealed, byte for byte.
type Statement struct {
	Kind seal.Kind
	// Post is the post that it is about; empty where it is about the case.
	Post  string
	Bytes []byte
}

// Custody is one thing that somebody did with what is in the pack, as the audit
// log has it.
type Custody struct {
	// Number and Hash are those of the entry in the audit log's chain.
	Number  int64             `json:"number"`
	At      time.Time         `json:"at"`
	By      string            `json:"by"`
	Role    string            `json:"role"`
	Action  string            `json:"action"`
	Subject string            `json:"subject"`
	Detail  map[string]string `json:"detail,omitempty"`
	Hash    string            `json:"hash"`
}

// Report is a document for people.
type Report struct {
	// Name is the file's, such as Laporan.pdf: letters, digits, dots, - and _.
	Name  string
	Bytes []byte
}

// Files gives the files of pieces. blobs.Store and evidence.Keeper implement it.
type Files interface {
	// Open returns a file whose bytes have been verified.
	Open(ctx context.Context, sha256 string) (*blobs.Blob, error)
}

// Dependencies are what a pack is made with.
type Dependencies struct {
	Log   *seal.Log
	Files Files
	// Now tells the time and how that was checked.
	Now func() (time.Time, string)
	// StampWithin bounds how long the time stamping authority is waited for; 0 is
	// half a minute. A pack without its time stamp says so.
	StampWithin time.Duration
}

// Made is a pack that was written.
type Made struct {
	// SHA256 and Size are those of the whole pack.
	SHA256 string
	Size   int64
	// Stamped says whether an authority stated the time of its checkpoint; where
	// it should have and did not, Unstamped says why.
	Stamped   bool
	Unstamped error
	Leaves    int64
}
