package keyword

import (
	"math/bits"

	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/classifiers/wordbook"
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
//
// The phrases are a trie over words. Its root is an array by word; the other
// steps are one hash table, with a filter before it, since most steps that are
// tried do not exist.
type Matcher struct {
	analyzer     *text.Analyzer
	starts       []wordStart // by word
	exact        bool        // some phrase starts with an exact word
	prefixStarts []ref       // by prefix
	nodes        []node
	outputs      []output
	edges        []edge
	edgeShift    uint
	filter       []uint64
	filterShift  uint
	phrases      int
}

// wordStart holds where the phrases go on whose first word is a stem, or an
// exact word.
type wordStart struct{ stem, exact ref }

// ref is the number of a node, with what a step needs to know of it.
type ref uint32

const (
	refOutputs ref = 1 << 31 // phrases end there
	refMore    ref = 1 << 30 // phrases go on from there
	refOther   ref = 1 << 29 // not by stems only
	refNumber      = refOther - 1
)

type node struct {
	first, last int32 // of its outputs
}

type edge struct {
	key  uint64
	next ref
}

// Freeze makes the matcher. The builder must not be used after.
func (b *Builder) Freeze() *Matcher {
	v := b.vocabulary.Freeze()
	m := &Matcher{
		analyzer: text.NewAnalyzer(v), nodes: make([]node, len(b.nodes)), phrases: b.phrases,
		starts: make([]wordStart, v.Len()), prefixStarts: make([]ref, v.Prefixes()),
	}
	for i, n := range b.nodes {
		m.nodes[i] = node{int32(len(m.outputs)), int32(len(m.outputs) + len(n.outputs))}
		m.outputs = append(m.outputs, n.outputs...)
	}
	size := max(bits.Len(uint(len(b.edges)*2)), 3)
	m.edges, m.edgeShift = make([]edge, 1<<size), uint(64-size)
	m.filter, m.filterShift = make([]uint64, 1<<(size-3)), uint(64-size-3)
	for key, next := range b.edges {
		if key>>32 == 0 {
			m.addStart(symbol(key), b.ref(next))
		} else {
			m.addEdge(key, b.ref(next))
		}
	}
	return m
}

func (b *Builder) ref(number int32) ref {
	r, n := ref(number), &b.nodes[number]
	if len(n.outputs) > 0 {
		r |= refOutputs
	}
	if n.more != 0 {
		r |= refMore
	}
	if n.more&^(1<<symbolStem) != 0 {
		r |= refOther
	}
	return r
}

func (m *Matcher) addStart(s symbol, next ref) {
	switch id := s / symbolKinds; s % symbolKinds {
	case symbolStem:
		m.starts[id].stem = next
	case symbolExact:
		m.starts[id].exact = next
		m.exact = true
	case symbolPrefix:
		m.prefixStarts[id] = next
	}
}

func (m *Matcher) addEdge(key uint64, next ref) {
	h := edgeHash(key)
	bit := h >> m.filterShift
	m.filter[bit>>6] |= 1 << (bit & 63)
	at := h >> m.edgeShift
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
func (m *Matcher) follow(n ref, s symbol) ref {
	key := edgeKey(int32(n&refNumber), s)
	h := edgeHash(key)
	if bit := h >> m.filterShift; m.filter[bit>>6]&(1<<(bit&63)) == 0 {
		return 0
	}
	for at := h >> m.edgeShift; m.edges[at].next != 0; at = (at + 1) & uint64(len(m.edges)-1) {
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

// AnalyzeReading is Analyze for a text that was read for others, too.
func (m *Matcher) AnalyzeReading(d *text.Doc, r *wordbook.Reading) { m.analyzer.AnalyzeReading(d, r) }

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
		if t.Stem != 0 {
			if next := m.starts[t.Stem].stem; next != 0 {
				dst = m.walk(d, next, int32(i), int32(i), dst)
			}
			if t.Root != t.Stem && t.Root != 0 {
				if next := m.starts[t.Root].stem; next != 0 {
					dst = m.walk(d, next, int32(i), int32(i), dst)
				}
			}
		}
		if isReduced(t) {
			if next := m.starts[t.Word].stem; next != 0 {
				dst = m.walk(d, next, int32(i), int32(i), dst)
			}
		}
		if m.exact && t.Word != 0 {
			if next := m.starts[t.Word].exact; next != 0 {
				dst = m.walk(d, next, int32(i), int32(i), dst)
			}
		}
		for p := t.Prefix; p != 0; p = m.Vocabulary().PrefixParent(p) {
			if next := m.prefixStarts[p]; next != 0 {
				dst = m.walk(d, next, int32(i), int32(i), dst)
			}
		}
	}
	return dst
}

// isReduced reports whether a token is a known word that was reduced to another
// known one: a term may be either (dilaporkan beside laporkan).
func isReduced(t *text.Token) bool { return t.Word != 0 && t.Word != t.Stem && t.Word != t.Root }

// maxSkipped bounds the punctuation and emoji between two words of a phrase.
const maxSkipped = 6

// walk appends what ends at node n, reached with token last, and goes on.
func (m *Matcher) walk(d *text.Doc, n ref, first, last int32, dst []Match) []Match {
	if n&refOutputs != 0 {
		at := &m.nodes[n&refNumber]
		for _, out := range m.outputs[at.first:at.last] {
			dst = append(dst, Match{First: first, Last: last, Payload: out.payload, Space: out.space})
		}
	}
	if n&refMore == 0 {
		return dst
	}
	sentence := d.Tokens[first].Sentence
	for next, skipped := last+1, 0; int(next) < len(d.Tokens) && skipped < maxSkipped; next, skipped = next+1, skipped+1 {
		t := &d.Tokens[next]
		if t.Sentence != sentence {
			break
		}
		if t.Stem|t.Word|t.Prefix != 0 {
			dst = m.onward(d, n, t, first, next, dst)
		}
		if t.Kind != text.Punct && t.Kind != text.Emoji && t.Kind != text.Hashtag || t.Number >= 0 {
			break
		}
	}
	return dst
}

// onward goes on from node n with token t, which is the one numbered here.
func (m *Matcher) onward(d *text.Doc, n ref, t *text.Token, first, here int32, dst []Match) []Match {
	if t.Stem != 0 {
		if next := m.follow(n, stemSymbol(t.Stem)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
		if t.Root != t.Stem && t.Root != 0 {
			if next := m.follow(n, stemSymbol(t.Root)); next != 0 {
				dst = m.walk(d, next, first, here, dst)
			}
		}
	}
	if isReduced(t) {
		if next := m.follow(n, stemSymbol(t.Word)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
	}
	if n&refOther == 0 {
		return dst
	}
	if t.Word != 0 {
		if next := m.follow(n, exactSymbol(t.Word)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
	}
	for p := t.Prefix; p != 0; p = m.Vocabulary().PrefixParent(p) {
		if next := m.follow(n, prefixSymbol(p)); next != 0 {
			dst = m.walk(d, next, first, here, dst)
		}
	}
	return dst
}
