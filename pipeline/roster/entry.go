package roster

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Entry says that one account belonged to one person, who held one office,
// during one period.
type Entry struct {
	Platform  string
	AccountID string
	Handle    string
	Person    post.Person
	// ValidFrom is the first day and ValidUntil the last one, both counted, each
	// as the start of that day in WIB. A zero ValidUntil leaves the end open.
	ValidFrom, ValidUntil time.Time
}

// Key is the account's key, "platform:account id".
func (e *Entry) Key() string { return post.AccountKey(e.Platform, e.AccountID) }

// Open says whether the period has no end yet.
func (e *Entry) Open() bool { return e.ValidUntil.IsZero() }

// Covers says whether the entry holds at the given time.
func (e *Entry) Covers(at time.Time) bool {
	second := at.Unix()
	return e.ValidFrom.Unix() <= second && second < e.end()
}

// end is the Unix second at which the entry no longer holds. A day of WIB has
// always 24 hours.
func (e *Entry) end() int64 {
	if e.Open() {
		return math.MaxInt64
	}
	return e.ValidUntil.Unix() + 24*60*60
}

// Version is the hash that Roster.Version returns for these entries.
func Version(entries []Entry) string {
	digest := sha256.New()
	for _, e := range sortedEntries(entries) {
		until := int64(0)
		if !e.Open() {
			until = e.ValidUntil.Unix()
		}
		for _, field := range []string{
			e.Platform, e.AccountID, e.Handle, e.Person.PersonID, e.Person.Name, e.Person.Agency,
			e.Person.Unit, e.Person.Position, e.Person.Region, e.Person.Status, e.Person.Basis,
		} {
			writeNumber(digest, int64(len(field)))
			digest.Write([]byte(field))
		}
		writeNumber(digest, e.ValidFrom.Unix())
		writeNumber(digest, until)
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil))
}

func writeNumber(digest hash.Hash, n int64) {
	var buffer [8]byte
	binary.BigEndian.PutUint64(buffer[:], uint64(n))
	digest.Write(buffer[:])
}

// sortedEntries returns a copy in order of account, then of first day.
func sortedEntries(entries []Entry) []Entry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Platform, b.Platform),
			cmp.Compare(a.AccountID, b.AccountID),
			a.ValidFrom.Compare(b.ValidFrom),
		)
	})
	return sorted
}
