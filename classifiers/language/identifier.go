// Package language tells in which language a post is written: Indonesian,
// English and what else is configured by lingua, and the regional languages of
// Indonesia by a linear model of its own. It does not translate, and it does
// not split a post into parts of several languages.
//
// The classifier calls it once a post.
package language

import (
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/pemistahl/lingua-go"
)

// Identifier tells the language of a text. It is immutable and safe for
// concurrent use.
type Identifier struct {
	detector lingua.LanguageDetector
}

// New builds an Identifier.
func New(cfg Configuration) (*Identifier, error) {
	languages, err := cfg.linguaLanguages()
	if err != nil {
		return nil, err
	}
	detector := lingua.NewLanguageDetectorBuilder().FromLanguages(languages...).Build()
	return &Identifier{detector: detector}, nil
}

// Identify returns the language of the text with a confidence from 0 to 1, or
// post.Undetermined with confidence 0 where there is too little evidence.
func (d *Identifier) Identify(text string) post.Language {
	values := d.detector.ComputeLanguageConfidenceValues(text)
	if values[0].Value() == values[1].Value() {
		return post.Language{Code: post.Undetermined}
	}
	return post.Language{
		Code:       strings.ToLower(values[0].Language().IsoCode639_1().String()),
		Confidence: values[0].Value(),
	}
}
