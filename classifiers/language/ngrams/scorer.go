// Package ngrams answers what lingua-go answers, from lingua's own n-gram
// models, in a form built for speed: for sets of the languages that it covers
// the language and the confidences are the same for every text. It decides
// nothing by itself; package language asks it and keeps lingua-go for any other
// set of languages.
//
// What lingua does, and this repeats: words are lower-cased runs of letters;
// rules look at the scripts of the words; then every distinct n-gram of the
// text, of all lengths from 1 to 5 below 120 letters and of length 3 from there
// on, adds the logarithm of its relative frequency, or that of its longest
// prefix that the language knows; below 120 letters the sum is divided by the
// number of distinct letters that the language knows; the exponents of the sums,
// divided by their sum, are the confidences.
package ngrams

import (
	"fmt"

	"github.com/netra-id/netra/classifiers/wordbook"
)

// Scorer scores texts for a fixed set of languages. It is immutable and safe
// for concurrent use.
type Scorer struct {
	codes  []string
	tables []*tables
}

// New builds a Scorer for languages that Covers holds for.
func New(codes []string) (*Scorer, error) {
	if !Covers(codes) {
		return nil, fmt.Errorf("languages %q: allowed: at least two of %q", codes, covered)
	}
	s := &Scorer{codes: codes}
	for _, two := range codesInPairs(codes) {
		t, err := newTables(two)
		if err != nil {
			return nil, err
		}
		t.noted = len(s.tables) == 0
		s.tables = append(s.tables, t)
	}
	return s, nil
}

// MaxLanguages is how many languages a Scorer takes at most.
const MaxLanguages = 4

// Confidences are the confidences of the Scorer's languages, in their order;
// they sum to 1, or are all 0 where nothing can be said.
type Confidences [MaxLanguages]float64

// Score returns the confidences of the text, with the working memory given.
func (s *Scorer) Score(text string, scratch *Scratch) Confidences {
	scratch.book.Read(text, &scratch.own)
	return s.ScoreReading(&scratch.own, scratch)
}

// ScoreReading is Score for a text that was read for others, too.
func (s *Scorer) ScoreReading(r *wordbook.Reading, scratch *Scratch) Confidences {
	r.Serve(wordbook.Ngrams, s)
	scratch.scan(r)
	if !scratch.isLatin() {
		return Confidences{}
	}
	var values [MaxLanguages]float64
	for i, t := range s.tables {
		found := sums{letters: [2]int{1, 1}}
		if scratch.letterCount < shortText {
			found = t.scoreShort(scratch)
		} else {
			found.logarithms = t.scoreLong(scratch).logarithms
		}
		values[2*i] = mean(found.logarithms.first, found.letters[0])
		values[2*i+1] = mean(found.logarithms.second, found.letters[1])
	}
	return confidences(values, len(s.codes))
}

// mean is the logarithm that n-grams sum to, by letters, or 0 without any.
func mean(logarithm int64, letters int) float64 {
	if letters == 0 {
		return 0
	}
	return -float64(logarithm) / scale / float64(letters)
}

// isLatin follows lingua's rule engine: whether the n-grams of languages in
// Latin letters are to be asked at all.
func (s *Scratch) isLatin() bool {
	if s.words == 0 {
		return false
	}
	// Words that mix Han and Kana are Japanese, whatever languages were asked for,
	// unless at least half of the words are undecided.
	if s.japaneseWords > 0 && 2*(s.words-s.japaneseWords) < s.words {
		return false
	}
	kinds, most, same := 0, 0, true
	for _, count := range s.scriptWords {
		if count == 0 {
			continue
		}
		kinds++
		same = same && (kinds == 1 || count == most)
		most = max(most, count)
	}
	// Where no script leads, all languages stay. Where Latin leads together with
	// another and a third script has fewer words, lingua takes one of the two by
	// chance; here it is Latin.
	return kinds == 0 || kinds > 1 && same || s.scriptWords[latin] == most
}
