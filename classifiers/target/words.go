package target

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/strict"
)

// wordClass is a class of words.yaml.
type wordClass uint8

const (
	classHonorific wordClass = iota
	classRole
	classVote
	classAdjacent
	classCalled
	classOther
	classKin
	classCommon
	classNumber // nomor, no …; not in the file
	classMonth
	classFinger
	classTrade
	classChoose
	classIncumbent
	classElsewhere
	wordClasses
)

var wordClassNames = [wordClasses]string{
	"honorific", "role", "vote", "adjacent", "called", "other", "kin", "common", "number", "month", "finger", "trade", "choose", "incumbent", "elsewhere",
}

type wordSet uint16

func (s *wordSet) add(c wordClass)     { *s |= 1 << c }
func (s wordSet) has(c wordClass) bool { return s&(1<<c) != 0 }

//go:embed words.yaml
var wordsYAML []byte

// loadWords returns the words by class.
func loadWords() (map[wordClass][]string, error) {
	var file struct {
		Words map[string][]string `yaml:"words"`
	}
	if _, err := strict.Decode("words.yaml", wordsYAML, &file); err != nil {
		return nil, err
	}
	words := map[wordClass][]string{}
	for name, list := range file.Words {
		class, ok := classByName(name)
		if !ok {
			return nil, fmt.Errorf("words.yaml: class %q is not known; allowed: %v", name, wordClassNames)
		}
		words[class] = list
	}
	return words, nil
}

func classByName(name string) (wordClass, bool) {
	for i, known := range wordClassNames {
		if known == name {
			return wordClass(i), true
		}
	}
	return 0, false
}

// before returns the token before i in its sentence, passing over the
// punctuation of "no. 2" and "no: 2"; -1 where there is none.
func before(doc *text.Doc, i int) int {
	for j := i - 1; j >= 0; j-- {
		token := &doc.Tokens[j]
		if token.Kind == text.Hashtag {
			continue
		}
		if token.Kind != text.Punct {
			return j
		}
		if !strings.ContainsRune(".:-#", rune(doc.Text[token.Start])) {
			return -1
		}
	}
	return -1
}

// behind returns the token after i in its clause, or -1.
func behind(doc *text.Doc, i int) int {
	if i+1 < len(doc.Tokens) {
		if token := &doc.Tokens[i+1]; token.Kind != text.Punct && token.Clause == doc.Tokens[i].Clause {
			return i + 1
		}
	}
	return -1
}
