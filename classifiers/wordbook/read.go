package wordbook

import "math/bits"

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
func (b *Book) Read(text string, r *Reading) {
	if b.notes == nil {
		b.begin()
	}
	r.Text, r.book, r.ASCII = text, b, true
	r.Words, r.letters = r.Words[:0], r.letters[:0]
	from := 0
	for i := 0; i < len(text); {
		switch kinds[text[i]] {
		case separator:
			i++
		case letter:
			end := r.run(i, from)
			i, from = end, end
		case high:
			r.ASCII = false
			i++
			from = i
		default:
			i++
			from = i
		}
	}
	for i := range r.Words {
		if w := &r.Words[i]; w.place != noPlace {
			w.place, w.stamp = b.place(&r.letters[i])
		}
	}
}

// run adds the run of letters that begins at start, and returns its end.
func (r *Reading) run(start, from int) int {
	var letters [3]uint64
	text := r.Text
	w := Word{Start: int32(start), From: int32(from), Capital: text[start]&0x20 == 0}
	lower, length := uint64(0), 0 // lower: the bits that tell lower case
	for last := uint64(0); ; {
		n, chunk, small := chunkOf(text, start+length)
		if length < Longest {
			letters[length>>3] = chunk
		}
		w.Repeated = w.Repeated || repeats(chunk, last, n)
		lower |= small
		length += n
		if n < 8 {
			break
		}
		last = chunk >> 56
	}
	end := start + length
	w.End, w.AllCaps = int32(end), lower == 0
	if length > Longest {
		w.place = noPlace
	} else {
		w.Plain = r.isPlain(start, end, letters[0])
	}
	r.Words, r.letters = append(r.Words, w), append(r.letters, letters)
	return end
}

// Eight bytes at a time, a byte in each lane.
const (
	lanes    = 0x0101010101010101
	laneHigh = lanes * 0x80
	laneLow  = lanes * 0x7F
	laneCase = lanes * 0x20
)

// chunkOf reads up to eight letters from i on: how many, the letters in lower
// case, and the bits of those that are written so.
func chunkOf(text string, i int) (n int, chunk, small uint64) {
	x := uint64(0)
	if i+8 <= len(text) {
		x = load(text[i : i+8])
	} else {
		for k := len(text) - 1; k >= i; k-- {
			x = x<<8 | uint64(text[k])
		}
	}
	lower := x | laneCase
	// A lane's high bit is set where it holds a letter.
	found := ((lower&laneLow + lanes*(0x80-'a')) &^ (lower&laneLow + lanes*(0x80-'z'-1))) &^ x & laneHigh
	n = bits.TrailingZeros64(^found&laneHigh) >> 3
	mask := uint64(1)<<(8*n) - 1 // all ones for eight letters
	return n, lower & mask, x & mask & laneCase
}

func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
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
