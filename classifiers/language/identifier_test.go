package language

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/netra-id/netra/classifiers/language/regional"
)

func newIdentifier(t testing.TB) *Identifier {
	t.Helper()
	identifier, err := New(DefaultConfiguration())
	if err != nil {
		t.Fatal(err)
	}
	return identifier
}

// sentences are texts written for this test; none is in the training data.
func sentences(t testing.TB) []regional.Sample {
	t.Helper()
	return readTexts(t, "testdata/sentences.tsv")
}

func readTexts(t testing.TB, path string) []regional.Sample {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var samples []regional.Sample
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		code, text, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("%s: %q has no tab", path, line)
		}
		samples = append(samples, regional.Sample{Text: text, Language: code})
	}
	return samples
}

func TestIdentifyKnowsWrittenSentences(t *testing.T) {
	identifier := newIdentifier(t)
	samples := sentences(t)
	for _, sample := range samples {
		if got := identifier.Identify(sample.Text); got.Code != sample.Language {
			t.Logf("%s is taken for %s (%.2f): %s", sample.Language, got.Code, got.Confidence, sample.Text)
		}
	}
	evaluation := regional.Evaluate(samples, func(text string) string { return identifier.Identify(text).Code })
	if f1 := evaluation.MacroF1(); f1 < 0.9 {
		t.Errorf("macro F1 = %.3f, want at least 0.9", f1)
	}
	for _, code := range []string{"id", "en", "jv", "su", "min", "bjn"} {
		if recall := evaluation.Of(code).Recall; recall < 0.9 {
			t.Errorf("recall of %s = %.2f, want at least 0.9", code, recall)
		}
	}
}

// testdata/written.tsv is the fifth of the texts written for training that is
// kept out of it: short posts, most of them Malay, or Indonesian that looks like
// it.
func TestIdentifyTellsMalayFromIndonesian(t *testing.T) {
	identifier := newIdentifier(t)
	samples := readTexts(t, "testdata/written.tsv")
	evaluation := regional.Evaluate(samples, func(text string) string { return identifier.Identify(text).Code })
	for _, code := range evaluation.Languages() {
		t.Logf("%-3s %+v %v", code, evaluation.Of(code), evaluation.Confusion[code])
	}
	for code, want := range map[string]float64{"ms": 0.75, "id": 0.8, "bew": 0.75, "jv": 0.9} {
		if recall := evaluation.Of(code).Recall; recall < want {
			t.Errorf("recall of %s = %.3f, want at least %.2f", code, recall, want)
		}
	}
	trained, err := os.ReadFile("regional/samples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if strings.Contains(string(trained), "\n"+sample.Text+"\t") {
			t.Errorf("%q is in the training data", sample.Text)
		}
	}
}

func TestIdentifyIsUndeterminedWithoutWords(t *testing.T) {
	identifier := newIdentifier(t)
	for _, text := range []string{
		"", " \n\t", "😀", "123 456", "https://contoh.id/a?b=c", "@budi @ani", "USER USER URL", "RT @budi: https://t.co/x",
		"...!!!", "\xff\xfe", "\u202e\u200f", "بسم الله الرحمن الرحيم", "漢字かな",
	} {
		got := identifier.Identify(text)
		if got.Code != "und" || got.Confidence != 0 {
			t.Errorf("Identify(%q) = %v, want und with confidence 0", text, got)
		}
	}
}

func TestIdentifyReadsPastAddressesAndNames(t *testing.T) {
	identifier := newIdentifier(t)
	plain := identifier.Identify("aku wis mangan nanging isih luwe tenan")
	dressed := identifier.Identify("@budi aku wis mangan nanging isih luwe tenannnnn 😀 https://contoh.id/the-english-words-here #english")
	if plain.Code != "jv" || dressed.Code != "jv" {
		t.Errorf("plain %v, dressed %v: want jv for both", plain, dressed)
	}
}

func TestIdentifyGivesTheSameAnswerToAllGoroutines(t *testing.T) {
	identifier := newIdentifier(t)
	samples := sentences(t)
	want := make([]any, len(samples))
	for i, sample := range samples {
		want[i] = identifier.Identify(sample.Text)
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 20 {
				for i, sample := range samples {
					if got := identifier.Identify(sample.Text); any(got) != want[i] {
						t.Errorf("Identify(%q) = %v, before %v", sample.Text, got, want[i])
					}
				}
			}
		})
	}
	workers.Wait()
}

func TestIdentifyAllocatesNothing(t *testing.T) {
	identifier := newIdentifier(t)
	var scratch Scratch
	samples := sentences(t)
	identifyAll := func() {
		for _, sample := range samples {
			identifier.IdentifyWith(sample.Text, &scratch)
		}
	}
	identifyAll()
	if allocations := testing.AllocsPerRun(10, identifyAll); allocations > 0 {
		t.Errorf("%v allocations for %d texts, want none", allocations, len(samples))
	}
}

func TestNewRefusesLanguages(t *testing.T) {
	for name, languages := range map[string][]string{
		"none": nil, "one": {"id"}, "unknown": {"id", "xx"}, "twice": {"id", "id"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(Configuration{Languages: languages}); err == nil {
				t.Errorf("New accepts %q", languages)
			}
		})
	}
}

func TestOtherLanguagesAreAskedOfLingua(t *testing.T) {
	identifier, err := New(Configuration{Languages: []string{"id", "en", "ja", "es"}, Regional: true})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"今日はとても天気がいいですね":                                                  "ja",
		"mañana vamos a comer con toda la familia en casa de los abuelos": "es",
		"besok kita makan bersama keluarga di rumah nenek":                "id",
	} {
		if got := identifier.Identify(text); got.Code != want {
			t.Errorf("Identify(%q) = %v, want %s", text, got, want)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	identifier := newIdentifier(f)
	f.Add("aku ora ngerti")
	f.Add("\xff#@\\x&amp;'''ééé漢か")
	var scratch Scratch
	f.Fuzz(func(t *testing.T, text string) {
		got := identifier.IdentifyWith(text, &scratch)
		if got.Code == "" || got.Confidence < 0 || got.Confidence > 1 || got.Confidence != got.Confidence {
			t.Errorf("Identify(%q) = %v", text, got)
		}
		if again := identifier.Identify(text); again != got {
			t.Errorf("Identify(%q) = %v, then %v", text, got, again)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	identifier := newIdentifier(b)
	samples := sentences(b)
	var scratch Scratch
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		identifier.IdentifyWith(samples[i%len(samples)].Text, &scratch)
		i++
	}
}

// BenchmarkIdentifyLong shows that the time grows with the text alone.
func BenchmarkIdentifyLong(b *testing.B) {
	identifier := newIdentifier(b)
	text := strings.Repeat("a", 100_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		identifier.Identify(text)
	}
}
