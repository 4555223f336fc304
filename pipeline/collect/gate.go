package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Gate decides which items go on to the queue: valid posts of accounts that the
// roster has on the post's date.
type Gate struct {
	roster Roster
}

// NewGate makes a gate of the roster.
func NewGate(roster Roster) *Gate { return &Gate{roster: roster} }

// pass is what a gate says of one item.
type pass struct {
	// dropped is set where the item is a post that must not be stored.
	dropped Cause
	// rejected is set where the item cannot be accepted.
	rejected *Rejected
}

// judge completes the item's post and decides on it.
func (g *Gate) judge(source string, item *Item, now time.Time) pass {
	if item.Err != nil {
		return rejectedAs(source, item, item.Err.Cause, item.Err, now)
	}
	p := &item.Post
	if p.CollectedAt.IsZero() {
		p.CollectedAt = now
	}
	if p.Source == "" {
		p.Source = source
	}
	if p.RawSHA256 == "" && len(item.Raw) > 0 {
		p.RawSHA256 = sumOf(item.Raw)
	}
	key := p.Key()
	if err := p.Validate(now); err != nil {
		// What a stranger wrote is not kept, not even as a dead letter.
		if p.Platform != "" && p.Account.ID != "" && !g.roster.Has(key) {
			return pass{dropped: CauseNotInRoster}
		}
		return rejectedAs(source, item, CauseInvalid, err, now)
	}
	if _, ok := g.roster.Resolve(key, p.CreatedAt); ok {
		return pass{}
	}
	if g.roster.Has(key) {
		return pass{dropped: CauseNotValidOnDate}
	}
	return pass{dropped: CauseNotInRoster}
}

// rawOf is what the post was made of, nil where it is something else: a file of
// posts, for one, may name the hash of an answer that Netra never had.
func rawOf(item *Item) []byte {
	if len(item.Raw) == 0 || sumOf(item.Raw) != item.Post.RawSHA256 {
		return nil
	}
	return item.Raw
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func rejectedAs(source string, item *Item, cause Cause, err error, now time.Time) pass {
	raw := item.Raw
	if len(raw) > MaxRawBytes {
		raw = raw[:MaxRawBytes]
	}
	return pass{rejected: &Rejected{
		Source: source, Position: item.Position, Cause: cause, Reason: err.Error(), Raw: raw, At: now,
	}}
}
