package language

import (
	"strings"

	"github.com/netra-id/netra/classifiers/language/ngrams"
	"github.com/netra-id/netra/classifiers/language/regional"
	"github.com/netra-id/netra/classifiers/wordbook"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/pemistahl/lingua-go"
)

// Scratch is the working memory of identifying one text. The zero value is
// ready; one goroutine at a time may use it.
type Scratch struct {
	national ngrams.Scratch
	regional regional.Scratch
	answer   regional.Answer
	book     wordbook.Book // for texts that nobody else has read
	reading  wordbook.Reading
}

// national decides between the languages that lingua knows, with lingua's
// answer: by the fast form of lingua's models where they cover the configured
// languages, else by lingua-go itself.
type national struct {
	codes    []string
	scorer   *ngrams.Scorer
	detector lingua.LanguageDetector
}

func newNational(languages []lingua.Language) (*national, error) {
	n := &national{}
	for _, language := range languages {
		n.codes = append(n.codes, codeOf(language))
	}
	if !ngrams.Covers(n.codes) {
		n.detector = lingua.NewLanguageDetectorBuilder().FromLanguages(languages...).Build()
		return n, nil
	}
	scorer, err := ngrams.New(n.codes)
	n.scorer = scorer
	return n, err
}

func codeOf(language lingua.Language) string {
	return strings.ToLower(language.IsoCode639_1().String())
}

// identify returns lingua's decision and its confidence.
func (n *national) identify(r *wordbook.Reading, scratch *Scratch) post.Language {
	if n.scorer == nil {
		return n.askLingua(r.Text)
	}
	confidences := n.scorer.ScoreReading(r, &scratch.national)
	best, second := 0, 0.0
	for i := 1; i < len(n.codes); i++ {
		if confidences[i] > confidences[best] {
			best, second = i, confidences[best]
		} else {
			second = max(second, confidences[i])
		}
	}
	if confidences[best] == second {
		return post.Language{Code: post.Undetermined}
	}
	return post.Language{Code: n.codes[best], Confidence: confidences[best]}
}

func (n *national) askLingua(text string) post.Language {
	values := n.detector.ComputeLanguageConfidenceValues(text)
	if values[0].Value() == values[1].Value() {
		return post.Language{Code: post.Undetermined}
	}
	return post.Language{Code: codeOf(values[0].Language()), Confidence: values[0].Value()}
}
