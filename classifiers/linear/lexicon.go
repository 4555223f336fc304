package linear

import (
	_ "embed"
	"strings"

	"github.com/netra-id/netra/classifiers/linear/words"
)

// Classes of words whose pairs are features.
const (
	classNone uint8 = iota
	classTarget
	classAbuse
	classAnimal
	classReligion
	classReligionSlur
	classEthnic
	classEthnicSlur
	classPolitical
	classBody
	classGender
	classViolence
	classYou
	classThey
	classNegation
	classReport
)

// classWindow is within how many words two classes are a pair.
const classWindow = 6

var classNames = map[string]uint8{
	"abuse": classAbuse, "animal": classAnimal, "religion": classReligion, "religionslur": classReligionSlur,
	"ethnic": classEthnic, "ethnicslur": classEthnicSlur, "political": classPolitical, "body": classBody,
	"gender": classGender, "violence": classViolence, "you": classYou, "they": classThey,
	"negation": classNegation, "report": classReport,
}

//go:embed lexicon.txt
var lexiconText string

// lexicon maps the hash of a normalised word to the hash of its canonical
// spelling and its class. It is an open hash table, half empty.
type lexicon struct {
	entries []lexiconEntry
	mask    uint64
}

type lexiconEntry struct {
	word, canonical uint64
	class           uint8
}

func newLexicon() *lexicon {
	l := &lexicon{entries: make([]lexiconEntry, 2048), mask: 2047}
	for line := range strings.Lines(lexiconText) {
		name, list, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || strings.HasPrefix(name, "#") {
			continue
		}
		if canonical, slang := strings.CutPrefix(name, "="); slang {
			l.addSpellings(canonical, strings.Fields(list))
			continue
		}
		for _, word := range strings.Fields(list) {
			e := l.slot(normalisedHash(word))
			if e.class == classNone { // the first class of a word counts
				e.class = classNames[name]
			}
		}
	}
	return l
}

// addSpellings gives every spelling the canonical word's hash and class.
func (l *lexicon) addSpellings(canonical string, spellings []string) {
	target := l.slot(normalisedHash(canonical))
	hash, class := target.canonical, target.class
	for _, word := range spellings {
		e := l.slot(normalisedHash(word))
		e.canonical = hash
		if class != classNone {
			e.class = class
		}
	}
}

// slot finds the entry of a word, or makes one.
func (l *lexicon) slot(word uint64) *lexiconEntry {
	for i := word & l.mask; ; i = (i + 1) & l.mask {
		e := &l.entries[i]
		if e.word == 0 {
			*e = lexiconEntry{word: word, canonical: word}
		}
		if e.word == word {
			return e
		}
	}
}

// find returns the canonical hash and the class of a word.
func (l *lexicon) find(word uint64) (canonical uint64, class uint8) {
	for i := word & l.mask; ; i = (i + 1) & l.mask {
		e := &l.entries[i]
		if e.word == word {
			return e.canonical, e.class
		}
		if e.word == 0 {
			return word, classNone
		}
	}
}

func normalisedHash(word string) uint64 {
	var buffer [words.Longest + 8]byte
	w := words.Reader{Text: word, End: len(word), Buffer: &buffer}
	w.Read()
	return hashBytes(buffer[1 : 1+w.N])
}
