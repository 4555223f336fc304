package text

// piece is a part of a string of letters and digits without spaces.
type piece struct {
	start, end int
	known      bool
}

// maxSegmented bounds what is split by the vocabulary, and maxPiece a word in
// it; so the time for a text stays linear.
const (
	maxSegmented = 64
	maxPiece     = 20
)

// segmenter splits strings into the words that they are written together of:
// the cheapest sequence of known words and unknown stretches, found letter by
// letter.
type segmenter struct {
	best   [maxSegmented + 1]reached // by any piece that ends here
	open   [maxSegmented + 1]reached // by an unknown stretch that goes on
	pieces []piece
}

// reached is the cheapest way to a place: its cost, and where its last piece
// starts.
type reached struct {
	cost  int32
	from  int16
	known bool
}

// The costs of a split: few known words are best, unknown letters are worst,
// and the author's own capitals are followed where the words allow it.
const (
	costKnown   = 10
	costUnknown = 16
	costLetter  = 6
	costCrossed = 18
	costNever   = 1 << 29
)

// split returns the pieces of word. boundary, where given, marks the places
// before which the author's spelling starts a new word.
func (g *segmenter) split(a *Analyzer, word []byte, boundary []bool) []piece {
	g.pieces = g.pieces[:0]
	n := len(word)
	if n > maxSegmented {
		return g.splitAsWritten(word, boundary)
	}
	g.best[0], g.open[0] = reached{}, reached{cost: costNever}
	for end := 1; end <= n; end++ {
		g.best[end] = g.unknown(boundary, end)
		crossed := int32(0)
		for start := end - 1; start >= max(end-maxPiece, 0); start-- {
			if cost := g.best[start].cost + crossed + costKnown; cost < g.best[end].cost {
				g.known(a, word, boundary, start, end, cost)
			}
			if boundary != nil && boundary[start] {
				crossed += costCrossed
			}
		}
	}
	g.trace(n)
	return g.pieces
}

// unknown returns the cheapest way to end by an unknown stretch.
func (g *segmenter) unknown(boundary []bool, end int) reached {
	longer := g.open[end-1]
	if boundary != nil && boundary[end-1] {
		longer.cost += costCrossed
	}
	if fresh := g.best[end-1].cost + costUnknown; fresh < longer.cost {
		longer = reached{cost: fresh, from: int16(end - 1)}
	}
	longer.cost += costLetter
	g.open[end] = longer
	return longer
}

// known takes the way by word[start:end] if that is a word.
func (g *segmenter) known(a *Analyzer, word []byte, boundary []bool, start, end int, cost int32) {
	length := end - start
	if length == 1 && !isDigit(word[start]) {
		return
	}
	if length < 4 {
		cost += int32(4-length) * 2
	}
	setOff := boundary != nil && boundary[start] && (end == len(word) || boundary[end])
	if cost < g.best[end].cost && a.isPiece(word[start:end], setOff) {
		g.best[end] = reached{cost, int16(start), true}
	}
}

// splitCacheSize is the number of splits that a Doc remembers: at any time most
// hashtags are some that everybody uses.
const splitCacheSize = 1 << 11

// splitEntry is a split by the hash of what was split; up to as many pieces as
// it has room for.
type splitEntry struct {
	hash   uint64
	pieces uint8
	ends   [11]uint8
	known  uint16 // a bit for each piece
}

// splitCached is split for strings that come again.
func (g *segmenter) splitCached(a *Analyzer, c *cache, word []byte, boundary []bool) []piece {
	if len(word) > maxSegmented {
		return g.split(a, word, boundary)
	}
	mask := uint64(0)
	for i, b := range boundary {
		if b {
			mask |= 1 << i
		}
	}
	hash := hashBytes(word, mix(a.vocabulary.seed^mask, 0x9E3779B97F4A7C15))
	entry := &c.splits[hash&(splitCacheSize-1)]
	if entry.hash == hash && entry.pieces > 0 {
		g.pieces = g.pieces[:0]
		start := 0
		for i, end := range entry.ends[:entry.pieces] {
			g.pieces = append(g.pieces, piece{start, int(end), entry.known>>i&1 == 1})
			start = int(end)
		}
		return g.pieces
	}
	pieces := g.split(a, word, boundary)
	if len(pieces) <= len(entry.ends) {
		*entry = splitEntry{hash: hash, pieces: uint8(len(pieces))}
		for i, p := range pieces {
			entry.ends[i] = uint8(p.end)
			if p.known {
				entry.known |= 1 << i
			}
		}
	}
	return pieces
}

// isPiece reports whether part may stand as a word. Short ones must be set off
// by the author's spelling.
func (a *Analyzer) isPiece(part []byte, setOff bool) bool {
	if isDigit(part[0]) {
		for _, c := range part {
			if !isDigit(c) {
				return false
			}
		}
		return true
	}
	if len(part) < 3 && !setOff && string(part) != "no" {
		return false
	}
	if len(part) >= 3 && !a.vocabulary.begins(part) {
		return false
	}
	return a.vocabulary.lookup(part) != 0
}

func (g *segmenter) trace(n int) {
	for end := n; end > 0; {
		start := int(g.best[end].from)
		g.pieces = append(g.pieces, piece{start, end, g.best[end].known})
		end = start
	}
	for i, j := 0, len(g.pieces)-1; i < j; i, j = i+1, j-1 {
		g.pieces[i], g.pieces[j] = g.pieces[j], g.pieces[i]
	}
}

// splitAsWritten follows the author's capitals and digits only.
func (g *segmenter) splitAsWritten(word []byte, boundary []bool) []piece {
	start := 0
	for i := 1; i <= len(word); i++ {
		if i == len(word) || boundary != nil && boundary[i] {
			g.pieces = append(g.pieces, piece{start, i, false})
			start = i
		}
	}
	return g.pieces
}
