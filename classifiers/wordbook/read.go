package wordbook

import (
	"math/bits"
	"slices"
)

// What a byte is to the reading.
const (
	other     uint8 = iota // a reader may make something of it
	separator              // no reader that looks for words makes anything of it
	letter
	high // of a character outside ASCII
)

// What a byte is right behind a run of letters.
const (
	goesOn uint8 = iota // the word may go on
	ends                // the word ends
	mayEnd              // it ends unless a letter or the like is next
)

var (
	kinds  = makeKinds()
	behind = makeBehind()
	// joins marks what makes of a mark before it a part of a word or an address.
	joins = makeJoins()
)

func makeKinds() (table [256]uint8) {
	for c := range table {
		switch {
		case c >= 0x80:
			table[c] = high
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			table[c] = letter
		case c <= ' ', c == 0x7f:
			table[c] = separator
		}
	}
	for _, c := range []byte(`.,;:-/()[]<>{}"+=%^~_*|`) {
		table[c] = separator
	}
	return table
}

func makeBehind() (table [256]uint8) {
	for c := range 0x80 {
		if table[c] = ends; c >= '0' && c <= '9' {
			table[c] = goesOn
		}
	}
	for _, c := range []byte("'`@$") {
		table[c] = goesOn
	}
	for _, c := range []byte("!*.:|") {
		table[c] = mayEnd
	}
	return table
}

func makeJoins() (table [256]bool) {
	for c := range table {
		table[c] = c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '@' || c == '$' || c == '/'
	}
	return table
}

// Read finds the words of a text. What r held is gone. The time is linear in the
// text.
//
// It goes in two rounds: where a word likely is, memory is asked as soon as it is
// found, and looked only when all others are found, too.
func (b *Book) Read(text string, r *Reading) {
	if b.notes == nil {
		b.begin()
	}
	r.Text, r.book = text, b
	r.find()
	for i := range r.Words {
		if w := &r.Words[i]; w.place != noPlace {
			w.place, w.stamp = b.place(&r.letters[i], w.place)
		}
	}
}

// block is how many bytes of a text are looked at together, a bit each.
const block = 64

// find fills the words and their letters.
func (r *Reading) find() {
	r.Words, r.letters = r.Words[:0], r.letters[:0]
	text, start, before, high := r.Text, -1, 0, uint64(0) // start: of the word that is open
	for from := 0; from < len(text); from += block {
		r.grow(block/2 + 1)
		runs, found := lettersIn(text[from:min(from+block, len(text))])
		high |= found
		// A bit is set in edges where a run begins or ends.
		edges := runs ^ runs<<1
		if start >= 0 {
			edges ^= 1
		}
		for ; edges != 0; edges &= edges - 1 {
			at := from + bits.TrailingZeros64(edges)
			if start < 0 {
				start = at
				continue
			}
			r.add(start, at, before)
			start, before = -1, at
		}
	}
	if start >= 0 {
		r.add(start, len(text), before)
	}
	r.ASCII = high&laneHigh == 0
}

// grow makes room for n more words.
func (r *Reading) grow(n int) {
	if cap(r.Words)-len(r.Words) < n {
		r.Words = slices.Grow(r.Words, max(n, len(r.Words)))
	}
	if cap(r.letters)-len(r.letters) < n {
		r.letters = slices.Grow(r.letters, max(n, len(r.letters)))
	}
}

// lettersIn has a bit for every byte of a block that is a letter, and the bytes
// one over the other.
func lettersIn(part string) (runs, all uint64) {
	for i := 0; i < len(part); i += 8 {
		x := wordAt(part, i)
		all |= x
		runs |= (lettersOfLanes(x) >> 7 * gather >> 56) << (i & 63)
	}
	return runs, all
}

// Eight bytes at a time, a byte in each lane.
const (
	lanes    = 0x0101010101010101
	laneHigh = lanes * 0x80
	laneLow  = lanes * 0x7F
	laneCase = lanes * 0x20
	// gather brings the lowest bits of the lanes together in the highest lane, when
	// multiplied.
	gather = 0x0102040810204080
)

// lettersOfLanes sets the high bit of each lane that holds a letter.
func lettersOfLanes(x uint64) uint64 {
	low := (x | laneCase) & laneLow
	return ((low + lanes*(0x80-'a')) &^ (low + lanes*(0x80-'z'-1))) &^ x & laneHigh
}

// wordAt reads the eight bytes from i on, zero behind the end of the text.
func wordAt(text string, i int) uint64 {
	if i+8 <= len(text) {
		return load(text[i : i+8])
	}
	if len(text) >= 8 {
		return load(text[len(text)-8:]) >> (8 * uint(i+8-len(text)) & 63)
	}
	x := uint64(0)
	for k := len(text) - 1; k >= i; k-- {
		x = x<<8 | uint64(text[k])
	}
	return x
}

func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// add appends the run of letters from start to end; before is where the run before
// it ended.
func (r *Reading) add(start, end, before int) {
	n := len(r.Words)
	r.Words, r.letters = r.Words[:n+1], r.letters[:n+1]
	w, letters := &r.Words[n], &r.letters[n]
	text, length := r.Text, end-start
	first := wordAt(text, start)
	chunk := first | laneCase
	lower := first & laneCase // the bits that tell lower case
	if length < 8 {
		mask := uint64(1)<<(8*uint(length)&63) - 1
		chunk &= mask
		lower &= mask
		*letters = [3]uint64{chunk}
		w.Repeated = repeats(chunk, 0, length)
	} else {
		w.Repeated = repeats(chunk, 0, 8)
		*letters = [3]uint64{chunk}
		more, repeated := r.addMore(letters, start, end)
		lower |= more
		w.Repeated = w.Repeated || repeated
	}
	w.Start, w.End, w.From = int32(start), int32(end), int32(r.separatorsBefore(start, before))
	w.Capital, w.AllCaps = first&0x20 == 0, lower == 0
	if length > Longest {
		w.place, w.Plain = noPlace, false
		return
	}
	w.place = r.book.likelyPlace(letters)
	w.Plain = r.isPlain(start, end, chunk)
}

// addMore reads the letters of a word from the ninth on.
func (r *Reading) addMore(letters *[3]uint64, start, end int) (lower uint64, repeated bool) {
	last := letters[0] >> 56
	for at := start + 8; at < end; at += 8 {
		n := min(end-at, 8)
		mask := uint64(1)<<(8*n) - 1 // all ones for eight letters
		x := wordAt(r.Text, at) & mask
		chunk := x | laneCase&mask
		if at < start+Longest {
			letters[(at-start)>>3] = chunk
		}
		repeated = repeated || repeats(chunk, last, n)
		lower |= x & laneCase
		last = chunk >> 56
	}
	return lower, repeated
}

// separatorsBefore is from where on nothing but separators stands before start.
func (r *Reading) separatorsBefore(start, before int) int {
	for start > before && kinds[r.Text[start-1]] == separator {
		start--
	}
	return start
}

// repeats says whether one of the n letters equals the one before it, which is
// last for the first.
func repeats(chunk, last uint64, n int) bool {
	// A lane is zero where a letter equals the one before it.
	same := chunk ^ (chunk<<8 | last)
	if n < 8 {
		same |= ^uint64(0) << (8 * n)
	}
	return (same-lanes)&^same&laneHigh != 0
}

// isPlain says whether every reader takes the run for a word of its own.
func (r *Reading) isPlain(start, end int, first uint64) bool {
	text := r.Text
	if start > 0 && text[start-1] >= 0x80 {
		return false
	}
	if end < len(text) {
		switch behind[text[end]] {
		case goesOn:
			return false
		case mayEnd:
			if end+1 < len(text) && joins[text[end+1]] {
				return false
			}
		}
	}
	switch first {
	case 'u' | 's'<<8 | 'e'<<16 | 'r'<<24, 'u' | 'r'<<8 | 'l'<<16, 'w' | 'w'<<8 | 'w'<<16,
		'h' | 't'<<8 | 't'<<16 | 'p'<<24, 'h' | 't'<<8 | 't'<<16 | 'p'<<24 | 's'<<32:
		return false
	}
	return true
}
