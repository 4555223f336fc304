package text

import (
	_ "embed" // the word lists
	"strings"
	"sync"
)

//go:embed data/slang.txt
var slangFile string

//go:embed data/roots.txt
var rootsFile string

//go:embed data/unstemmed.txt
var unstemmedFile string

// wordData is what the package itself knows of words; the same for every
// vocabulary.
type wordData struct {
	numbers    map[string]numberWord
	numberCues []string
	slang      map[string]string // short or regional spelling -> full word
	roots      map[string]bool   // verbs that take nasal prefixes
	unstemmed  map[string]bool   // words that only look inflected
}

// sharedWordData reads the embedded lists once; they never change after.
var sharedWordData = sync.OnceValue(readWordData)

func readWordData() *wordData {
	data := &wordData{
		numbers:    map[string]numberWord{},
		numberCues: numberCueWords,
		slang:      map[string]string{},
		roots:      wordSet(rootsFile),
		unstemmed:  wordSet(unstemmedFile),
	}
	for n := range int8(100) {
		data.numbers[numeral(n)] = numberWord{n, true}
	}
	for n := range int8(10) {
		data.numbers["0"+numeral(n)] = numberWord{n, true}
	}
	for _, number := range numberWords {
		for _, word := range strings.Fields(number.other) {
			data.numbers[word] = numberWord{number.value, false}
		}
		if number.core != "" {
			data.numbers[number.core] = numberWord{number.value, true}
		}
	}
	for line := range strings.Lines(slangFile) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] == "#" {
			continue
		}
		for _, short := range fields[1:] {
			if short != fields[0] {
				data.slang[short] = fields[0]
			}
		}
	}
	return data
}

func wordSet(file string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			set[word] = true
		}
	}
	return set
}
