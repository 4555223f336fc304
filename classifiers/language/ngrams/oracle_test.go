package ngrams

import (
	"math"
	"strings"
	"testing"

	"github.com/pemistahl/lingua-go"
)

// oracle is lingua-go itself.
type oracle struct {
	detector lingua.LanguageDetector
	codes    []string
}

func newOracle(codes ...string) oracle {
	var languages []lingua.Language
	for _, code := range codes {
		languages = append(languages,
			lingua.GetLanguageFromIsoCode639_1(lingua.GetIsoCode639_1FromValue(strings.ToUpper(code))))
	}
	detector := lingua.NewLanguageDetectorBuilder().FromLanguages(languages...).Build()
	return oracle{detector: detector, codes: codes}
}

func (o oracle) score(text string) Confidences {
	var found Confidences
	for _, value := range o.detector.ComputeLanguageConfidenceValues(text) {
		for i, code := range o.codes {
			if code == strings.ToLower(value.Language().IsoCode639_1().String()) {
				found[i] = value.Value()
			}
		}
	}
	return found
}

// tolerance is how far a confidence may be from lingua's, whose own answers
// differ by as much from run to run, as it adds in the order of a Go map.
const tolerance = 1e-9

func differ(a, b Confidences) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > tolerance {
			return true
		}
	}
	return best(a) != best(b)
}

// best is the place of the likeliest language, or -1 where two are as likely.
func best(c Confidences) int {
	place := 0
	for i := range c {
		if c[i] > c[place] {
			place = i
		}
	}
	for i := range c {
		if i != place && c[i] == c[place] {
			return -1
		}
	}
	return place
}

func compare(t *testing.T, codes []string, texts []string) {
	t.Helper()
	scorer, err := New(codes)
	if err != nil {
		t.Fatal(err)
	}
	truth := newOracle(codes...)
	var scratch Scratch
	differences := 0
	for _, text := range texts {
		got, want := scorer.Score(text, &scratch), truth.score(text)
		if !differ(got, want) {
			continue
		}
		differences++
		if differences < 10 {
			t.Errorf("%q: got %v, lingua says %v", text, got, want)
		}
	}
	if differences > 0 {
		t.Errorf("%d of %d texts differ", differences, len(texts))
	}
	t.Logf("%d texts compared", len(texts))
}
