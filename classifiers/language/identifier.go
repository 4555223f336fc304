// Package language tells in which language a post is written: Indonesian,
// English and what else is configured by lingua, and the regional languages of
// Indonesia by a linear model of its own. It does not translate, and it does
// not split a post into parts of several languages.
//
// The classifier calls it once a post.
package language

import (
	"sync"

	"github.com/netra-id/netra/pipeline/post"
)

// Identifier tells the language of a text. It is immutable and safe for
// concurrent use.
type Identifier struct {
	national *national
	scratch  *sync.Pool
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
	return &Identifier{
		national: national,
		scratch:  &sync.Pool{New: func() any { return new(Scratch) }},
	}, nil
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
	return d.national.identify(text, scratch)
}
