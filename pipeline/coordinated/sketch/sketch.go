// Package sketch makes of a post what copies of it are found by, and nothing by
// which it could be read: keyed hashes of the post, of its account and of its
// normalised words, and a signature by which near copies are known. Sketches are
// kept of all posts, flagged or not; their texts are kept nowhere.
//
// It must cost the worker next to nothing, so it reads the text once, byte by
// byte, with a spelling of its own: coarser than classifiers/text, without slang
// and without vocabulary. Package similar makes the finer fingerprints of flagged
// posts for the review; the two cannot be compared with each other.
//
// It keeps nothing. It is called by the worker (which makes sketches), the store
// (which keeps them) and coordinated (which compares them).
package sketch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

const (
	// FewestWords is how many words a text must have to be sketched.
	FewestWords = 5
	// FewestForNear is how many it must have for near copies: of a shorter text a
	// word more or less is so much that only exact copies count.
	FewestForNear = 8
	// Places is how many bytes a signature has.
	Places = 64
	// Bands is how many bands a sketch has: one of the exact words and the others
	// of rowsOfBand places of the signature each.
	Bands      = 10
	rowsOfBand = 5
	mostText   = 16 << 10
)

// Near is the similarity from which two texts are near copies.
const Near = 0.7

// Harmless says for what ordinary reason a text may be copied by many.
type Harmless uint8

// The ordinary reasons, the first that fits.
const (
	NotHarmless Harmless = iota
	// Greeting is a greeting or congratulation, Condolence a word of mourning.
	Greeting
	Condolence
	// Circular is an official announcement, appeal or programme.
	Circular
	// Warning is a chain letter of general warning or prayer.
	Prayer
)

// Sketch is what is kept of a post.
type Sketch struct {
	// KeyID tells sketches of different keys apart: they cannot be compared.
	KeyID uint16
	// Post and Account are keyed hashes of the post's id and of "platform:account
	// id".
	Post, Account uint64
	CreatedAt     time.Time
	// Expires is when it goes.
	Expires  time.Time
	Platform string
	Region   string
	Agency   string
	// Shared says that the text is another's, which the post passes on.
	Shared   bool
	Harmless Harmless
	// Exact is the same for texts of the same normalised words. Turns is a hash of
	// the numbers and negations: texts with others are never near.
	Exact uint64
	Turns uint32
	// Signature is all zero for short texts.
	Signature [Places]byte
	// Bands are shared by near copies. The first is of the exact words; short texts
	// have no other.
	Bands [Bands]uint32
}

// Maker makes sketches with one key. It is safe for concurrent use.
type Maker struct {
	keep         time.Duration
	id           uint16
	k0, k1       uint64 // of SipHash
	salt, factor uint64 // of the text's hashes
}

// NewMaker returns a maker. Sketches of different keys cannot be compared, so all
// workers and the console need the same. Keep is how long a sketch is kept from
// the time at which its post was queued.
func NewMaker(key []byte, keep time.Duration) *Maker {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("netra sketches 1"))
	sum := mac.Sum(nil)
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(sum[8*i:]) }
	m := &Maker{keep: keep, k0: word(0), k1: word(1), salt: word(2), factor: word(3) | 1}
	m.id = uint16(m.hash("key")) //nolint:gosec // its lowest bits
	return m
}

// KeyID tells keys apart.
func (m *Maker) KeyID() uint16 { return m.id }

// PostHash and AccountHash are what a sketch holds of a post's id and of an
// account ("platform:account id").
func (m *Maker) PostHash(id string) uint64 { return m.hash("p" + id) }

// AccountHash is what a sketch holds of an account.
func (m *Maker) AccountHash(key string) uint64 { return m.hash("a" + key) }

// Make makes the sketch of a post that was queued at a time, and returns false
// where it has too few words. Of a post that passes on another's text and adds few
// words of its own it is of that text.
func (m *Maker) Make(s *Sketch, p *post.Post, person *post.Person, queued time.Time) bool {
	var r reading
	text, shared := p.Text, p.Kind == post.KindRepost
	m.read(&r, text)
	if r.words < FewestWords {
		if p.Quoted == "" {
			return false
		}
		text, shared = p.Quoted, true
		r = reading{}
		if m.read(&r, text); r.words < FewestWords {
			return false
		}
	}
	*s = Sketch{
		KeyID: m.id, Post: m.hash2("p", p.ID, ""), Account: m.hash2("a", p.Platform, p.Account.ID),
		CreatedAt: p.CreatedAt, Expires: queued.Add(m.keep), Platform: p.Platform, Region: person.Region, Agency: person.Agency,
		Shared: shared, Harmless: r.harmless, Exact: mix(r.exact ^ m.salt), Turns: uint32(r.turns >> 32),
	}
	m.sign(&r, s)
	return true
}

// SimilarityOf is the estimated share of runs of four letters that two signatures
// have in common, give or take 0.06; 0 where one is of a short text.
func SimilarityOf(a, b []byte) float64 {
	if Empty(a) || Empty(b) {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	const byChance = 1.0 / 256
	return max(0, (float64(same)/Places-byChance)/(1-byChance))
}

// Empty says whether a signature is that of a short text.
func Empty(signature []byte) bool {
	return len(signature) != Places || binary.LittleEndian.Uint64(signature) == 0 && binary.LittleEndian.Uint64(signature[8:]) == 0
}
