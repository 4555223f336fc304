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

// alsoSays asks again: where two scripts have as many words and a third has
// fewer, lingua takes one of the two in the order of a Go map, which is random.
func (o oracle) alsoSays(text string, answer Confidences) bool {
	for range 64 {
		if !differ(o.score(text), answer) {
			return true
		}
	}
	return false
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
	differences, undecided := 0, 0
	for _, text := range texts {
		got, want := scorer.Score(text, &scratch), truth.score(text)
		if !differ(got, want) {
			continue
		}
		if truth.alsoSays(text, got) {
			undecided++
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
	t.Logf("%d texts compared; of %d lingua gives this answer or another, by chance", len(texts), undecided)
}

func TestScoreAnswersAsLingua(t *testing.T) {
	compare(t, []string{"id", "en"}, makeTexts(t, 20_000/slowness))
}

func TestScoreAnswersAsLinguaWithMalay(t *testing.T) {
	compare(t, []string{"id", "en", "ms"}, makeTexts(t, 2_000/slowness))
}

func TestScoreAnswersAsLinguaOnVeryLongTexts(t *testing.T) {
	m := newMaker(t)
	var texts []string
	for _, length := range []int{300, 500, 1000, 3000} {
		for range 5 {
			words, noise := make([]string, length), make([]string, length)
			for i := range words {
				words[i], noise[i] = m.pick(m.words), m.noise()
			}
			texts = append(texts, strings.Join(words, " "), strings.Join(noise, " "))
		}
	}
	texts = append(texts, strings.Repeat("a", 100_000), strings.Repeat("é", 10_000), strings.Repeat("saya ", 5_000))
	compare(t, []string{"id", "en"}, texts)
}

func TestScoreAnswersAsLinguaOnTheTrainingData(t *testing.T) {
	texts := sharedTexts(t)
	if len(texts) == 0 {
		t.Skip("the training data is not here")
	}
	step := len(texts)*slowness/5_000 + 1
	if testing.Short() {
		step *= 10
	}
	var some []string
	for i := 0; i < len(texts); i += step {
		some = append(some, texts[i])
	}
	compare(t, []string{"id", "en"}, some)
}

func BenchmarkScore(b *testing.B) {
	scorer, err := New([]string{"id", "en"})
	if err != nil {
		b.Fatal(err)
	}
	short := "Selamat pagi @budi, besok kita rapat di kantor kelurahan jam sembilan, jangan lupa bawa KTP ya https://contoh.id/x"
	for name, text := range map[string]string{"short": short, "long": short + " " + short} {
		b.Run(name, func(b *testing.B) {
			var scratch Scratch
			b.ReportAllocs()
			for b.Loop() {
				scorer.Score(text, &scratch)
			}
		})
	}
}

func FuzzScoreAnswersAsLingua(f *testing.F) {
	codes := []string{"id", "en"}
	scorer, err := New(codes)
	if err != nil {
		f.Fatal(err)
	}
	truth := newOracle(codes...)
	for _, text := range append(odd, "saya makan nasi", strings.Repeat("kata-kata ", 20)) {
		f.Add(text)
	}
	var scratch Scratch
	f.Fuzz(func(t *testing.T, text string) {
		got := scorer.Score(text, &scratch)
		if want := truth.score(text); differ(got, want) && !truth.alsoSays(text, got) {
			t.Errorf("%q: got %v, lingua says %v", text, got, want)
		}
	})
}
