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
// spelling and its class. It is an open hash table with its keys apart, so that
// the many words that it does not know cost one look into a small array.
type lexicon struct {
	keys    [lexiconSlots]uint32
	entries [lexiconSlots]lexiconEntry
}

type lexiconEntry struct {
	canonical uint64
	class     uint8
}

const lexiconSlots = 4096

func newLexicon() *lexicon {
	l := &lexicon{}
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
	key := uint32(word>>32) | 1
	for i := word % lexiconSlots; ; i = (i + 1) % lexiconSlots {
		if l.keys[i] == 0 {
			l.keys[i], l.entries[i].canonical = key, word
		}
		if l.keys[i] == key {
			return &l.entries[i]
		}
	}
}

// find returns the canonical hash and the class of a word.
func (l *lexicon) find(word uint64) (canonical uint64, class uint8) {
	key := uint32(word>>32) | 1
	for i := word % lexiconSlots; ; i = (i + 1) % lexiconSlots {
		switch l.keys[i] {
		case 0:
			return word, classNone
		case key:
			return l.entries[i].canonical, l.entries[i].class
		}
	}
}

func normalisedHash(word string) uint64 {
	var buffer [words.Size]byte
	w := words.Reader{Text: word, End: len(word), Buffer: &buffer}
	w.Read()
	return hashAt(&buffer, 1, w.N)
}
