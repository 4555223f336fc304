package regional

import (
	"strings"
	"testing"
)

func TestReconsiderLeavesOutAndMovesWhatNobodyVouchesFor(t *testing.T) {
	for name, test := range map[string]struct {
		sample Sample
		// want is the language it is learned as, or nothing.
		want string
	}{
		"assumed Indonesian that is":       {Sample{Text: "kamu mau tahu caranya", Language: "id", Assumed: true}, "id"},
		"assumed Indonesian in Javanese":   {Sample{Text: "aku ora ngerti kowe arep piye", Language: "id", Assumed: true}, ""},
		"assumed Indonesian in Malay":      {Sample{Text: "korang nak balik tak", Language: "id", Assumed: true}, "ms"},
		"called Indonesian, in Malay":      {Sample{Text: "korang nak balik tak", Language: "id"}, "ms"},
		"called Javanese, in Malay":        {Sample{Text: "korang nak balik tak", Language: "jv"}, "jv"},
		"doubted Malay that is Indonesian": {Sample{Text: "saya tidak tahu bagaimana", Language: "ms", Doubted: true}, ""},
		"doubted Malay that is":            {Sample{Text: "korang nak balik tak", Language: "ms", Doubted: true}, "ms"},
		"written in another language":      {Sample{Text: "aku ora ngerti piye", Language: "id", Written: true}, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			samples := append(tinySamples(), test.sample)
			for range 20 {
				samples = append(samples, Sample{Text: "korang dah nak balik ke tak", Language: "ms", Written: true})
			}
			for i := range samples[:len(tinySamples())] {
				samples[i].Written = true
			}
			trainer, err := newTrainer(samples, tinyOptions())
			if err != nil {
				t.Fatal(err)
			}
			trainer.reconsider()
			got := map[string]int{"": len(samples) - len(trainer.examples)}
			for _, e := range trainer.examples {
				got[trainer.codes[e.class]]++
			}
			want := map[string]int{"ms": 20}
			for _, sample := range tinySamples() {
				want[sample.Language]++
			}
			want[test.want]++
			for _, language := range []string{"", "id", "jv", "ms"} {
				if got[language] != want[language] {
					t.Errorf("%d samples are learned as %q, want %d", got[language], language, want[language])
				}
			}
		})
	}
}

func TestTheVocabularyTellsMalayFromIndonesian(t *testing.T) {
	for text, want := range map[string]bool{
		"dia ditahan kerana disyaki, kata polis":        true,
		"dia ditahan karena diduga, kata polisi":        false,
		"Kerana itu, mahasiswa universitas bisa gratis": false,
		"lagu ini enak":      false,
		"":                   false,
		"(Kerana) \"Iaitu\"": true,
	} {
		if got := vocabularyCalls(text, "ms"); got != want {
			t.Errorf("vocabularyCalls(%q, ms) = %v, want %v", text, got, want)
		}
	}
}

func TestTheVocabularyHoldsEachWordOnce(t *testing.T) {
	samples, err := readSamples(strings.NewReader(vocabulary), "vocabulary.tsv", "")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, sample := range samples {
		if sample.Language != "id" && sample.Language != "ms" {
			t.Errorf("%q is of %q, want id or ms", sample.Text, sample.Language)
		}
		for _, word := range readWords(sample.Text) {
			if words[word] {
				t.Errorf("%q stands twice", word)
			}
			words[word] = true
		}
	}
}
