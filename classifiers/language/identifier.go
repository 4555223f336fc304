// Package language tells in which language a post is written: Indonesian,
// English and what else is configured by lingua, and the regional languages of
// Indonesia by a linear model of its own. It does not translate, and it does
// not split a post into parts of several languages.
//
// The classifier calls it once a post.
package language

import (
	"fmt"
	"slices"
	"sync"

	"github.com/netra-id/netra/classifiers/language/regional"
	"github.com/netra-id/netra/classifiers/wordbook"
	"github.com/netra-id/netra/pipeline/post"
)

// Identifier tells the language of a text. It is immutable and safe for
// concurrent use.
type Identifier struct {
	national *national
	// decider is nil where the regional layer is off.
	decider *decider
	scratch *sync.Pool
}

// New builds an Identifier.
func New(cfg Configuration) (*Identifier, error) {
	languages, err := cfg.linguaLanguages()
	if err != nil {
		return nil, err
	}
	national, err := newNational(languages)
	if err != nil {
		return nil, err
	}
	d := &Identifier{national: national, scratch: &sync.Pool{New: func() any { return new(Scratch) }}}
	if !cfg.Regional {
		return d, nil
	}
	model, err := regional.Shipped()
	if err != nil {
		return nil, fmt.Errorf("build the language identifier: %w", err)
	}
	return d.withModel(model), nil
}

// withModel turns the regional layer on with the given weights.
func (d *Identifier) withModel(model *regional.Model) *Identifier {
	return &Identifier{national: d.national, decider: newDecider(model, d.national.codes), scratch: d.scratch}
}

// Identify returns the language of the text with a confidence from 0 to 1, or
// post.Undetermined with confidence 0 where there is too little evidence.
func (d *Identifier) Identify(text string) post.Language {
	scratch := d.scratch.Get().(*Scratch)
	defer d.scratch.Put(scratch)
	return d.IdentifyWith(text, scratch)
}

// IdentifyWith is Identify with working memory that the caller keeps, for a
// loop over many posts in one goroutine.
func (d *Identifier) IdentifyWith(text string, scratch *Scratch) post.Language {
	scratch.book.Read(text, &scratch.reading)
	return d.IdentifyReading(&scratch.reading, scratch)
}

// IdentifyReading is IdentifyWith for a text that was read for others, too.
func (d *Identifier) IdentifyReading(r *wordbook.Reading, scratch *Scratch) post.Language {
	if d.decider == nil {
		return d.national.identify(r, scratch)
	}
	d.decider.model.AnswerReading(r, &scratch.regional, &scratch.answer)
	return d.decider.decide(func() post.Language { return d.national.identify(r, scratch) }, &scratch.answer)
}

// Codes are the languages that can be answered, beside post.Undetermined.
func (d *Identifier) Codes() []string {
	codes := slices.Clone(d.national.codes)
	if d.decider != nil {
		codes = append(codes, d.decider.model.Codes()...)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
