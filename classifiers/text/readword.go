package text

import (
	"encoding/binary"
	"math/bits"
)

// plainWord is what readWord found.
type plainWord struct {
	length   int
	hash     uint64
	repeated bool // some letter stands twice in a row
	allCaps  bool
}

// Eight bytes at a time, a byte in each lane.
const (
	lanes    = 0x0101010101010101
	laneHigh = lanes * 0x80
	laneLow  = lanes * 0x7F
	laneCase = lanes * 0x20
)

// readWord reads the ASCII letters of s from start on, writes them to dst in
// lower case and hashes them, eight at a time. dst has room for the rest of s
// and eight bytes more.
func readWord(s string, start int, dst []byte, seed uint64) plainWord {
	w := plainWord{hash: seed}
	lowerCase, last := uint64(0), byte(0)
	for {
		x := uint64(0)
		if i := start + w.length; i+8 <= len(s) {
			x = load(s[i : i+8])
		} else {
			x = loadEnd(s[i:])
		}
		lower := x | laneCase
		// A lane's high bit is set where it holds a letter.
		letters := ((lower&laneLow + lanes*(0x80-'a')) &^ (lower&laneLow + lanes*(0x80-'z'-1))) &^ x & laneHigh
		n := bits.TrailingZeros64(^letters&laneHigh) >> 3
		mask := uint64(1)<<(8*n) - 1 // all ones for eight letters
		chunk := lower & mask
		binary.LittleEndian.PutUint64(dst[w.length:], chunk)
		lowerCase |= x & mask & laneCase
		if byte(chunk) == last && last != 0 {
			w.repeated = true
		}
		if n > 1 {
			// A lane is zero where a letter equals the next one.
			same := chunk ^ chunk>>8 | ^uint64(0)<<(8*(n-1))
			if (same-lanes)&^same&laneHigh != 0 {
				w.repeated = true
			}
		}
		w.length += n
		if n < 8 {
			w.hash = mix(w.hash^chunk, hashEnd^uint64(w.length))
			break
		}
		w.hash = mix(w.hash^chunk, hashStep)
		last = byte(chunk >> 56)
	}
	w.allCaps = lowerCase == 0
	return w
}

// load reads eight bytes.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// loadEnd reads less than eight bytes.
func loadEnd(s string) uint64 {
	x := uint64(0)
	for i := len(s) - 1; i >= 0; i-- {
		x = x<<8 | uint64(s[i])
	}
	return x
}
