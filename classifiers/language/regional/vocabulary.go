package regional

import (
	_ "embed" // the words
	"strings"
	"sync"
)

// vocabulary are words that are Malay and hardly Indonesian, and Indonesian ones
// that are hardly Malay, two a sample.
//
//go:embed vocabulary.tsv
var vocabulary string

// languagesOf are the languages of the words of the vocabulary.
var languagesOf = sync.OnceValue(func() map[string]string {
	languages := map[string]string{}
	for line := range strings.Lines(vocabulary) {
		words, language, _ := strings.Cut(strings.TrimSpace(line), "\t")
		for word := range strings.FieldsSeq(words) {
			languages[word] = language
		}
	}
	return languages
})

// vocabularyCalls says whether more words of the text are of the language than of
// the other one of the vocabulary.
func vocabularyCalls(text, language string) bool {
	balance := 0
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		switch languagesOf()[strings.Trim(word, ".,;:!?()'\"")] {
		case "":
		case language:
			balance++
		default:
			balance--
		}
	}
	return balance > 0
}
