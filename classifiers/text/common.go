package text

import (
	_ "embed" // the list of words
	"strings"
)

//go:embed data/common.txt
var commonFile string

// CommonWords returns words that stand in so many texts, of whatever subject,
// that one of them alone says nothing.
func CommonWords() []string {
	var words []string
	for line := range strings.Lines(commonFile) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return words
}
