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

// segmenter splits strings into the words that they are written together of.
type segmenter struct {
	cost   [maxSegmented + 1]int32
	from   [maxSegmented + 1]int16
	known  [maxSegmented + 1]bool
	pieces []piece
}

// The costs of a split: few known words are best, unknown letters are worst,
// and the author's own capitals are followed where the words allow it.
const (
	costKnown   = 10
	costUnknown = 16
	costLetter  = 6
	costCrossed = 18
)

// split returns the pieces of word. boundary, where given, marks the places
// before which the author's spelling starts a new word.
func (g *segmenter) split(a *Analyzer, word []byte, boundary []bool) []piece {
	g.pieces = g.pieces[:0]
	n := len(word)
	if n > maxSegmented {
		return g.splitAsWritten(word, boundary)
	}
	for end := 1; end <= n; end++ {
		g.cost[end] = 1 << 30
		crossed := int32(0)
		for start := end - 1; start >= 0; start-- {
			g.try(a, word, boundary, start, end, crossed)
			if boundary != nil && boundary[start] && start > 0 {
				crossed += costCrossed
			}
		}
	}
	g.trace(n)
	return g.pieces
}

func (g *segmenter) try(a *Analyzer, word []byte, boundary []bool, start, end int, crossed int32) {
	part := word[start:end]
	length := end - start
	known := false
	cost := g.cost[start] + crossed
	if length <= maxPiece && length >= 2 || length == 1 && isDigit(part[0]) {
		known = a.isPiece(part, boundary != nil && boundary[start] && (end == len(word) || boundary[end]))
	}
	if known {
		cost += costKnown
		if length < 4 {
			cost += int32(4-length) * 2
		}
	} else {
		cost += costUnknown + int32(length)*costLetter
	}
	if cost < g.cost[end] {
		g.cost[end], g.from[end], g.known[end] = cost, int16(start), known
	}
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
	return a.vocabulary.lookup(part) != 0
}

func (g *segmenter) trace(n int) {
	for end := n; end > 0; {
		start := int(g.from[end])
		g.pieces = append(g.pieces, piece{start, end, g.known[end]})
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
