package seal

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaf is one entry of the log: of a statement only its kind, its SHA-256 and
// when it was sealed by this machine's clock.
type Leaf struct {
	// Number is 0 for the first leaf, and one more for each next.
	Number   int64
	Kind     Kind
	SHA256   [32]byte
	SealedAt time.Time
}

// Data are the bytes that the tree's hash of the leaf is of: the name of this
// form, the kind, the statement's SHA-256 in lower-case hexadecimal digits and
// the milliseconds since 1970, each with a line feed behind it.
func (l Leaf) Data() []byte {
	return fmt.Appendf(nil, "netra-leaf-1\n%s\n%x\n%d\n", l.Kind, l.SHA256, l.SealedAt.UnixMilli())
}

// Hash is the tree's hash of the leaf: SHA-256 of a zero byte and Data (RFC 6962).
func (l Leaf) Hash() tlog.Hash { return tlog.RecordHash(l.Data()) }

var leafData = regexp.MustCompile(`^netra-leaf-1\n([a-z]{1,32})\n([0-9a-f]{64})\n(0|[1-9][0-9]{0,14})\n$`)

// ParseLeaf reads what Data writes.
func ParseLeaf(number int64, data []byte) (Leaf, error) {
	found := leafData.FindSubmatch(data)
	if found == nil {
		return Leaf{}, fmt.Errorf("leaf %d: %q is not of the form netra-leaf-1", number, data)
	}
	l := Leaf{Number: number, Kind: Kind(found[1])}
	if _, err := hex.Decode(l.SHA256[:], found[2]); err != nil {
		return Leaf{}, fmt.Errorf("leaf %d: %w", number, err)
	}
	at, err := strconv.ParseInt(string(found[3]), 10, 64)
	if err != nil {
		return Leaf{}, fmt.Errorf("leaf %d: %w", number, err)
	}
	l.SealedAt = time.UnixMilli(at).UTC()
	return l, nil
}

// kindName is what a kind must look like, as it is part of a leaf.
var kindName = regexp.MustCompile(`^[a-z]{1,32}$`)
