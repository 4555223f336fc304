package target

import (
	"strings"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/roster"
)

// New compiles the contestants of elections.
func New(elections *roster.Elections) (*Resolver, error) {
	words, err := loadWords()
	if err != nil {
		return nil, err
	}
	b := &builder{resolver: &Resolver{}, common: map[string]bool{}, honorific: map[string]bool{}, byText: map[string]int{}}
	for _, word := range words[classCommon] {
		b.common[word] = true
	}
	for _, word := range words[classHonorific] {
		b.honorific[word] = true
	}
	for class := range wordClasses {
		if class != classCommon {
			b.wordClass(class, words[class])
		}
	}
	for i := range elections.Elections {
		b.election(&elections.Elections[i])
	}
	return b.resolver, nil
}

type builder struct {
	resolver  *Resolver
	common    map[string]bool // words that name nobody alone
	honorific map[string]bool
	byText    map[string]int // phrase of a name -> index into names
}

func (b *builder) wordClass(class wordClass, words []string) {
	for _, word := range words {
		b.resolver.phrases = append(b.resolver.phrases, phrase{text: word, class: class, name: -1})
	}
}

func (b *builder) election(e *roster.Election) {
	for i := range e.Contestants {
		c := &e.Contestants[i]
		index := len(b.resolver.contestants)
		b.resolver.contestants = append(b.resolver.contestants, contestant{id: c.ID, number: c.Number, incumbent: c.Incumbent, election: e})
		b.contestant(c, index)
	}
}

func (b *builder) contestant(c *roster.Contestant, index int) {
	var pair [][]string
	for _, full := range c.Names {
		parts := nameParts(full)
		if len(parts) == 0 {
			continue
		}
		pair = append(pair, parts)
		b.fullName(full, parts, index)
	}
	b.pairs(pair, index)
	for _, alias := range c.Aliases {
		b.name(alias, name{kind: ByAlias, strong: true, careful: b.isCareful(alias), ordinary: b.isOrdinary(alias), short: b.isShort(alias), addressed: b.isShort(alias) && strings.Contains(alias, " ")}, index)
	}
	for _, party := range c.Parties {
		long := strings.Contains(strings.TrimSpace(party), " ")
		b.name(party, name{kind: ByParty, strong: long, careful: !long}, index)
	}
	for _, hashtag := range c.Hashtags {
		b.name(hashtag, name{kind: ByHashtag, strong: true}, index)
	}
}

func (b *builder) fullName(full string, parts []string, index int) {
	if len(parts) == 1 {
		b.name(parts[0], name{kind: ByPart, part: true, careful: b.common[parts[0]]}, index)
		return
	}
	b.name(full, name{kind: ByName, strong: true}, index)
	b.name(strings.Join(parts, " "), name{kind: ByName, strong: true}, index)
	for _, part := range parts {
		if utf8.RuneCountInString(part) >= 3 {
			b.name(part, name{kind: ByPart, part: true, careful: b.common[part]}, index)
		}
	}
}

// pairs registers how a pair is called by one part of each name: "Ani Bima",
// "Ani-Bima", "Ani dan Bima".
func (b *builder) pairs(pair [][]string, index int) {
	if len(pair) != 2 {
		return
	}
	for _, first := range pair[0] {
		for _, second := range pair[1] {
			if utf8.RuneCountInString(first) < 3 || utf8.RuneCountInString(second) < 3 {
				continue
			}
			for _, between := range []string{" ", " dan ", " bersama "} {
				b.name(first+between+second, name{kind: ByName, strong: true}, index)
			}
		}
	}
}

func (b *builder) name(phraseText string, n name, index int) {
	key := strings.ToLower(strings.TrimSpace(phraseText))
	if key == "" {
		return
	}
	if known, ok := b.byText[key]; ok {
		have := &b.resolver.names[known]
		if have.candidates[len(have.candidates)-1] != index {
			have.candidates = append(have.candidates, index)
		}
		if n.strong && !have.strong {
			n.candidates = have.candidates
			*have = n
		}
		return
	}
	n.candidates = []int{index}
	b.byText[key] = len(b.resolver.names)
	b.resolver.phrases = append(b.resolver.phrases, phrase{text: exactWords(phraseText), name: len(b.resolver.names)})
	b.resolver.names = append(b.resolver.names, n)
}

// exactWords marks every word of a name to be matched as it is: "Dodo" is not
// in "didodokan".
func exactWords(name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		if !strings.HasPrefix(word, "#") {
			words[i] = "=" + word
		}
	}
	return strings.Join(words, " ")
}

// isCareful reports whether an alias is also an ordinary word, or so short that
// it may be one.
func (b *builder) isCareful(alias string) bool {
	words := strings.Fields(strings.ToLower(alias))
	for _, word := range words {
		if !b.common[word] && utf8.RuneCountInString(word) > 4 {
			return false
		}
		if len(words) > 1 && !b.common[word] && !b.honorific[word] {
			return false
		}
	}
	return true
}

// isOrdinary reports whether an alias is one ordinary word or several.
func (b *builder) isOrdinary(alias string) bool {
	for _, word := range strings.Fields(strings.ToLower(alias)) {
		if !b.common[word] {
			return false
		}
	}
	return true
}

// isShort reports whether an alias is one given name, with or without an
// honorific.
func (b *builder) isShort(alias string) bool {
	words := strings.Fields(strings.ToLower(alias))
	return len(words) == 1 || len(words) == 2 && b.honorific[words[0]]
}

// titles are not part of a name.
var titles = map[string]bool{
	"h": true, "hj": true, "hajjah": true, "haji": true, "dr": true, "drs": true, "dra": true, "ir": true, "prof": true, "kh": true, "drg": true, "ust": true,
	"sh": true, "se": true, "mm": true, "msi": true, "mh": true, "mpd": true, "spd": true, "st": true, "mt": true, "ssos": true, "sip": true, "map": true, "mba": true, "phd": true,
	"letjen": true, "mayjen": true, "brigjen": true, "jenderal": true, "kombes": true, "irjen": true, "purn": true, "tgh": true, "tni": true, "pol": true, "akbp": true, "tgk": true, "lc": true, "ma": true, "skm": true, "sag": true, "mag": true, "apt": true, "sp": true, "bin": true, "binti": true,
}

// nameParts returns the words of a name in lower case, without titles and what
// stands behind a comma.
func nameParts(full string) []string {
	full, _, _ = strings.Cut(full, ",")
	var parts []string
	for _, word := range strings.Fields(strings.ToLower(full)) {
		word = strings.Trim(word, ".()\"'")
		if word != "" && !titles[strings.ReplaceAll(word, ".", "")] {
			parts = append(parts, word)
		}
	}
	return parts
}
