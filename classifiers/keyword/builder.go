package keyword

import (
	"errors"
	"fmt"
	"strings"

	"github.com/netra-id/netra/classifiers/text"
)

// ErrNothing is the cause of an error for a phrase of which normalisation
// leaves nothing to match, such as "..." or a lone zero-width space.
var ErrNothing = errors.New("nothing is left of it after normalisation")

// maxPhraseWords bounds the length of a phrase.
const maxPhraseWords = 16

// Space sets the payloads of one client of a matcher apart from the others'.
type Space uint8

// Builder collects the phrases of all clients before one Matcher is made of
// them. It is not safe for concurrent use.
type Builder struct {
	vocabulary *text.VocabularyBuilder
	plain      *text.Analyzer
	doc        text.Doc
	spaces     Space
	nodes      []buildNode
	edges      map[uint64]int32
	phrases    int
}

type buildNode struct {
	outputs []output
	more    uint8
}

type output struct {
	space   Space
	payload uint32
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{
		vocabulary: text.NewVocabularyBuilder(),
		plain:      text.NewAnalyzer(text.NewVocabularyBuilder().Freeze()),
		nodes:      make([]buildNode, 1),
		edges:      map[uint64]int32{},
	}
}

// NewSpace returns a space of payloads of its own.
func (b *Builder) NewSpace() Space {
	b.spaces++
	return b.spaces
}

// Add registers a phrase: words, numbers, hashtags, mentions and emoji,
// separated by spaces, normalised as posts are. A word matches its inflected
// forms and other spellings; "=word" matches the word itself only, "word*" all
// words that start so. The payload comes back with every match; the same phrase
// may be added with many.
func (b *Builder) Add(space Space, phrase string, payload uint32) error {
	symbols, err := b.symbols(phrase, false)
	if err != nil {
		return err
	}
	b.add(space, symbols, payload)
	return nil
}

// AddExact registers a phrase of which inflected forms do not count, as if
// every word had its "=": names above all.
func (b *Builder) AddExact(space Space, phrase string, payload uint32) error {
	symbols, err := b.symbols(phrase, true)
	if err != nil {
		return err
	}
	b.add(space, symbols, payload)
	return nil
}

func (b *Builder) add(space Space, symbols []symbol, payload uint32) {
	node := int32(0)
	for _, symbol := range symbols {
		node = b.step(node, symbol)
	}
	at := &b.nodes[node]
	out := output{space, payload}
	for _, have := range at.outputs {
		if have == out {
			return
		}
	}
	at.outputs = append(at.outputs, out)
	b.phrases++
}

func (b *Builder) step(node int32, symbol symbol) int32 {
	key := edgeKey(node, symbol)
	if next, ok := b.edges[key]; ok {
		return next
	}
	next := int32(len(b.nodes))
	b.nodes = append(b.nodes, buildNode{})
	b.edges[key] = next
	b.nodes[node].more |= 1 << (symbol % symbolKinds)
	return next
}

// symbol is what a token must carry: a stem or root, an exact word, a prefix.
type symbol uint32

const (
	symbolStem symbol = iota
	symbolExact
	symbolPrefix
	symbolKinds
)

func stemSymbol(id text.ID) symbol   { return symbol(id)*symbolKinds + symbolStem }
func exactSymbol(id text.ID) symbol  { return symbol(id)*symbolKinds + symbolExact }
func prefixSymbol(id text.ID) symbol { return symbol(id)*symbolKinds + symbolPrefix }

func edgeKey(node int32, s symbol) uint64 { return uint64(uint32(node))<<32 | uint64(s) }

func (b *Builder) symbols(phrase string, exact bool) ([]symbol, error) {
	var symbols []symbol
	for _, field := range strings.Fields(phrase) {
		part, err := b.fieldSymbols(field, exact)
		if err != nil {
			return nil, fmt.Errorf("phrase %q: %w", phrase, err)
		}
		symbols = append(symbols, part...)
	}
	if len(symbols) == 0 {
		return nil, fmt.Errorf("phrase %q: %w", phrase, ErrNothing)
	}
	if len(symbols) > maxPhraseWords {
		return nil, fmt.Errorf("phrase %q: it has %d words; allowed: at most %d", phrase, len(symbols), maxPhraseWords)
	}
	return symbols, nil
}

// fieldSymbols reads what stands between two spaces of a phrase.
func (b *Builder) fieldSymbols(field string, exact bool) ([]symbol, error) {
	if len(field) > 1 && field[0] == '=' {
		exact, field = true, field[1:]
	}
	prefix := len(field) > 1 && strings.HasSuffix(field, "*")
	if prefix {
		field = strings.TrimRight(field, "*")
	}
	b.plain.Analyze(&b.doc, field)
	var symbols []symbol
	for i := range b.doc.Tokens {
		t := &b.doc.Tokens[i]
		if t.Kind == text.Punct || t.Is(text.InHashtag) {
			continue
		}
		word := string(b.doc.Norm(t))
		switch {
		case prefix && i == len(b.doc.Tokens)-1 || prefix && t.Kind == text.Hashtag:
			if len(strings.TrimLeft(word, "#@")) < 2 {
				return nil, fmt.Errorf("prefix %q is too short; allowed: at least 2 letters before *", field+"*")
			}
			symbols = append(symbols, prefixSymbol(b.vocabulary.AddPrefix(word)))
		case exact:
			symbols = append(symbols, exactSymbol(b.vocabulary.Add(word)))
		case t.Kind == text.Word || t.Kind == text.Number || t.Kind == text.Emoji && t.Number >= 0:
			symbols = append(symbols, stemSymbol(b.vocabulary.AddTerm(word)))
		default:
			symbols = append(symbols, stemSymbol(b.vocabulary.Add(word)))
		}
	}
	return symbols, nil
}
