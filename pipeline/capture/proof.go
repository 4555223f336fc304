package capture

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// challengeFor is how long a form may be open before it is sent.
const challengeFor = 2 * time.Hour

// Challenge is what a form gives a browser to work on: it looks for a number N
// such that SHA-256 of "TEXT:N" begins with so many zero bits (Hashcash, as Adam
// Back described it in 2002).
type Challenge struct {
	Text string
	Bits int
}

// NewChallenge makes a challenge. It is known again by its signature, so that
// nothing is kept of forms that nobody sends.
func (d *Desk) NewChallenge() Challenge {
	text := strconv.FormatInt(d.now().UnixMilli(), 36) + "." + rand.Text()[:16]
	return Challenge{Text: text + "." + d.keys.sign(text), Bits: d.cfg.Tips.ProofBits}
}

// begun returns when a challenge was made, if it is one of ours.
func (d *Desk) begun(challenge string) (time.Time, bool) {
	cut := strings.LastIndexByte(challenge, '.')
	if cut < 0 || len(challenge) > 100 || !hmac.Equal([]byte(d.keys.sign(challenge[:cut])), []byte(challenge[cut+1:])) {
		return time.Time{}, false
	}
	stamp, _, _ := strings.Cut(challenge, ".")
	ms, err := strconv.ParseInt(stamp, 36, 64)
	return time.UnixMilli(ms), err == nil
}

// worked says whether the number solves the challenge.
func worked(challenge, number string, want int) bool {
	if number == "" || len(number) > 20 {
		return false
	}
	sum := sha256.Sum256([]byte(challenge + ":" + number))
	zeros := 0
	for _, b := range sum {
		zeros += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return zeros >= want
}
