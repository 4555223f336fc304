// Package text turns the text of a post into tokens that rules and models can
// compare: one spelling for the many in which people write a word, and the byte
// offsets of every token in the text as it was written, so that an analyst sees
// the author's own words marked.
//
// It folds case, look-alike letters, full-width and mathematical letters,
// zero-width characters, accents, repeated letters, digits and signs used as
// letters, letters spaced out, slang, reduplication, and the common inflection
// of Indonesian and its neighbours; it splits hashtags into words and keeps
// emoji as tokens. What depends on knowing words is decided by a Vocabulary:
// the words that the rules, cues and contestants use. A form is reduced to a
// word only when that word is in the vocabulary, so nothing else is mangled.
//
// It judges nothing: phrases are matched by package keyword, and what a
// sentence means is for the classifiers above. They call it once per text with
// a Doc that is used again and again, and it does not allocate once that Doc
// has grown to the size of the texts.
package text

// ID names a word of a Vocabulary. Zero means that the token is none of them.
type ID uint32

// Kind says what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Word Kind = iota
	Number
	// Hashtag is a whole hashtag. The words found in it follow as tokens with
	// the flag InHashtag.
	Hashtag
	Mention
	URL
	Emoji
	// Punct is a run of one punctuation mark. Norm is the mark, once, in ASCII:
	// all quotation marks are ", a dash is ;, a bullet is *.
	Punct
)

// String returns the name of the kind, for tests and messages.
func (k Kind) String() string {
	return [...]string{"word", "number", "hashtag", "mention", "url", "emoji", "punct"}[k]
}

// Flags says more about a token.
type Flags uint16

// The flags of a token.
const (
	// InHashtag marks a word found inside a hashtag.
	InHashtag Flags = 1 << iota
	// AllCaps marks a word of at least two letters, all upper case.
	AllCaps
	// Capital marks a word that starts in upper case.
	Capital
	// LineStart marks the first token of a line.
	LineStart
	// Reduplicated marks teman-teman and teman2.
	Reduplicated
	// Glued marks a token that follows the one before without any space or
	// punctuation: the 2 of "no2", the x of "2x".
	Glued
	// Altered marks a word that was recognised only after undoing an evasion:
	// repeated letters, digits or signs for letters, look-alikes, spacing.
	Altered
	// InQuotes marks tokens between two quotation marks of one paragraph.
	InQuotes
	// EndsSentence marks punctuation that ends a sentence.
	EndsSentence
	// Ordinal marks ke-2, kedua, 2nd.
	Ordinal
)

// NoNumber is the Number of a token that has no value from 0 to 99.
const NoNumber = -1

// Token is one word, number, sign of a text.
type Token struct {
	// Start and End are byte offsets into the original text.
	Start, End int32
	// Word is the word as it was written, after undoing evasions; Stem is the
	// word behind slang and without voice prefixes and clitics (didukungnya:
	// dukung); Root lacks -kan, -i, -in too (memenangkan: stem menangkan, root
	// menang) and is the numeral of a number word (dua: 2). Each is zero when
	// the vocabulary does not hold it; a token with a Root has a Stem.
	Word, Stem, Root ID
	// Prefix is the longest prefix term that the word starts with.
	Prefix ID
	// Pos counts words, numbers, mentions and URLs; distances are measured in
	// it. A hashtag shares the Pos of its first word; emoji and punctuation
	// have the Pos of the token before them.
	Pos int32
	// Sentence and Clause count up through the text. A clause ends at any
	// punctuation but hyphens and apostrophes, and at the end of a line.
	Sentence, Clause int32
	normStart        int32
	normEnd          int32
	Flags            Flags
	Kind             Kind
	// Number is the value of a numeral or number word from 0 to 99, or
	// NoNumber.
	Number int8
}

// Is reports whether all of the flags are set.
func (t *Token) Is(f Flags) bool { return t.Flags&f == f }

// Doc holds one analysed text. The zero value is ready; use one Doc for many
// texts, one after the other, from one goroutine.
type Doc struct {
	// Text is the original text.
	Text string
	// Tokens are in the order of the text. A hashtag comes before its words.
	Tokens []Token

	norm  []byte
	state scanState
	cache *cache
}

// Norm returns the normalised spelling of a token: lower case, folded, runs of
// three and more letters squeezed to one, letters for the digits and signs
// inside words. It does not depend on the vocabulary but for what is joined or
// split by it. It is valid until the Doc is used again.
func (d *Doc) Norm(t *Token) []byte { return d.norm[t.normStart:t.normEnd] }

// Span returns the byte offsets in Text from token first to token last.
func (d *Doc) Span(first, last int) (start, end int) {
	return int(d.Tokens[first].Start), int(d.Tokens[last].End)
}

// Slice returns the original text from token first to token last.
func (d *Doc) Slice(first, last int) string {
	start, end := d.Span(first, last)
	return d.Text[start:end]
}
