package text

import (
	"math/rand/v2"
	"testing"
)

// TestReadWordAgreesWithPlainReading compares the reading of eight letters at a
// time with the obvious one.
func TestReadWordAgreesWithPlainReading(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const signs = "abzAZ@[`{09 é\x00\xff"
	dst := make([]byte, 100)
	for range 200_000 {
		b := make([]byte, 1+random.IntN(30))
		for i := range b {
			if b[i] = "abzAZqM"[random.IntN(7)]; random.IntN(12) == 0 {
				b[i] = signs[random.IntN(len(signs))]
			}
		}
		s := string(b)
		got := readWord(s, 0, dst, 77)
		var want plainWord
		want.allCaps = true
		for want.length < len(s) && asciiLower[s[want.length]] != 0 {
			c := s[want.length]
			want.allCaps = want.allCaps && c < 'a'
			dst[50+want.length] = asciiLower[c]
			want.length++
		}
		word := dst[50 : 50+want.length]
		want.repeated = hasRun(word)
		want.hash = hashBytes(word, 77)
		if got != want || string(dst[:got.length]) != string(word) {
			t.Fatalf("%q: got %+v %q, want %+v %q", s, got, dst[:got.length], want, word)
		}
	}
}
