package keyword

import (
	"math/bits"

	"github.com/netra-id/netra/classifiers/text"
)

// Match is one occurrence of a phrase: tokens First to Last of the Doc.
type Match struct {
	First, Last int32
	Payload     uint32
	Space       Space
}

// Matcher finds all phrases of a Builder in a text. It is safe for concurrent
// use. Its cost depends on the text and on what is found in it, not on the
// number of phrases.
type Matcher struct {
	analyzer *text.Analyzer
	starts   []int32 // node by symbol; zero for none
	nodes    []node
	outputs  []output
	edges    []edge
	shift    uint
	// filter has a bit set for every edge; most steps that are tried do not
	// exist, and it tells so without touching the edges.
	filter      []uint64
	filterShift uint
	phrases     int
}

type node struct {
	first, last int32 // of its outputs
	more        uint8 // the kinds of symbols that lead on, a bit each
}

type edge struct {
	key  uint64
	next int32
}

// Phrases is the number of phrases with their payloads so far.
func (b *Builder) Phrases() int { return b.phrases }

// Freeze makes the matcher. The builder must not be used after.
func (b *Builder) Freeze() *Matcher {
	v := b.vocabulary.Freeze()
	m := &Matcher{analyzer: text.NewAnalyzer(v), nodes: make([]node, len(b.nodes)), phrases: b.phrases}
	for i, n := range b.nodes {
		m.nodes[i] = node{int32(len(m.outputs)), int32(len(m.outputs) + len(n.outputs)), n.more}
		m.outputs = append(m.outputs, n.outputs...)
	}
	size := bits.Len(uint(len(b.edges)*2 + 1))
	m.edges, m.shift = make([]edge, 1<<size), uint(64-size)
	m.filter, m.filterShift = make([]uint64, 1<<max(size-3, 0)), uint(64-max(size+3, 6))
	for key, next := range b.edges {
		if key>>32 == 0 {
			m.addStart(symbol(key), next)
		} else {
			m.addEdge(key, next)
		}
	}
	return m
}

func (m *Matcher) addStart(s symbol, next int32) {
	for int(s) >= len(m.starts) {
		m.starts = append(m.starts, make([]int32, int(s)-len(m.starts)+1)...)
	}
	m.starts[s] = next
}

func (m *Matcher) addEdge(key uint64, next int32) {
	h := edgeHash(key)
	bit := h >> m.filterShift
	m.filter[bit>>6] |= 1 << (bit & 63)
	at := h >> m.shift
	for m.edges[at].next != 0 {
		at = (at + 1) & uint64(len(m.edges)-1)
	}
	m.edges[at] = edge{key, next}
}

func edgeHash(key uint64) uint64 {
	key ^= key >> 29
	key *= 0x9E3779B97F4A7C15
	return key ^ key>>32
}

// follow returns the node behind n by symbol s, or zero.
func (m *Matcher) follow(n int32, s symbol) int32 {
	key := edgeKey(n, s)
	h := edgeHash(key)
	if bit := h >> m.filterShift; m.filter[bit>>6]&(1<<(bit&63)) == 0 {
		return 0
	}
	for at := h >> m.shift; m.edges[at].next != 0; at = (at + 1) & uint64(len(m.edges)-1) {
		if m.edges[at].key == key {
			return m.edges[at].next
		}
	}
	return 0
}

// Len is the number of phrases with their payloads.
func (m *Matcher) Len() int { return m.phrases }

// Vocabulary returns the words that the matcher knows.
func (m *Matcher) Vocabulary() *text.Vocabulary { return m.analyzer.Vocabulary() }

// Analyze fills d with the tokens of s, as Match needs them.
func (m *Matcher) Analyze(d *text.Doc, s string) { m.analyzer.Analyze(d, s) }

// Match appends to dst every occurrence of every phrase in d, which Analyze
// must have filled, in the order of their first tokens, and returns it. The
// words of a phrase stand side by side in one sentence; punctuation, emoji and
// the sign of a hashtag may stand between them.
func (m *Matcher) Match(d *text.Doc, dst []Match) []Match {
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Stem|t.Word|t.Prefix == 0 {
			continue
		}
		dst = m.from(d, int32(i), dst)
	}
	return dst
}

// from appends the phrases that start at token first.
func (m *Matcher) from(d *text.Doc, first int32, dst []Match) []Match {
	t := &d.Tokens[first]
	if t.Stem != 0 {
		dst = m.start(d, stemSymbol(t.Stem), first, dst)
		if t.Root != t.Stem && t.Root != 0 {
			dst = m.start(d, stemSymbol(t.Root), first, dst)
		}
	}
	if t.Word != 0 {
		dst = m.start(d, exactSymbol(t.Word), first, dst)
	}
	for p := t.Prefix; p != 0; p = m.Vocabulary().PrefixParent(p) {
		dst = m.start(d, prefixSymbol(p), first, dst)
	}
	return dst
}

func (m *Matcher) start(d *text.Doc, s symbol, first int32, dst []Match) []Match {
	if int(s) >= len(m.starts) || m.starts[s] == 0 {
		return dst
	}
	return m.walk(d, m.starts[s], first, first, dst)
}

// walk appends what ends at node n, reached with token last, and goes on.
func (m *Matcher) walk(d *text.Doc, n, first, last int32, dst []Match) []Match {
	at := &m.nodes[n]
	for _, out := range m.outputs[at.first:at.last] {
		dst = append(dst, Match{First: first, Last: last, Payload: out.payload, Space: out.space})
	}
	if at.more == 0 {
		return dst
	}
	sentence := d.Tokens[first].Sentence
	for next, skipped := last+1, 0; int(next) < len(d.Tokens) && skipped < maxSkipped; next, skipped = next+1, skipped+1 {
		t := &d.Tokens[next]
		if t.Sentence != sentence {
			break
		}
		if t.Stem|t.Word|t.Prefix != 0 {
			dst = m.onward(d, n, at.more, t, first, next, dst)
		}
		if t.Kind != text.Punct && t.Kind != text.Emoji && t.Kind != text.Hashtag || t.Number >= 0 {
			break
		}
	}
	return dst
}

// maxSkipped bounds the punctuation and emoji between two words of a phrase.
const maxSkipped = 6

func (m *Matcher) onward(d *text.Doc, n int32, more uint8, t *text.Token, first, here int32, dst []Match) []Match {
	if t.Stem != 0 && more&(1<<symbolStem) != 0 {
		if next := m.follow(n, stemSymbol(t.Stem)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
		if t.Root != t.Stem && t.Root != 0 {
			if next := m.follow(n, stemSymbol(t.Root)); next != 0 {
				dst = m.walk(d, next, first, here, dst)
			}
		}
	}
	if t.Word != 0 && more&(1<<symbolExact) != 0 {
		if next := m.follow(n, exactSymbol(t.Word)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
	}
	if more&(1<<symbolPrefix) == 0 {
		return dst
	}
	for p := t.Prefix; p != 0; p = m.Vocabulary().PrefixParent(p) {
		if next := m.follow(n, prefixSymbol(p)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
	}
	return dst
}
