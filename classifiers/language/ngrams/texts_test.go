package ngrams

import (
	"bufio"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maker makes texts of every kind that may turn lingua's rules: mixtures of
// languages, lengths around the border between its two ways of counting,
// capitals, noise, letters with diacritics, other scripts, broken UTF-8.
type maker struct {
	random *rand.Rand
	words  []string
}

func newMaker(t *testing.T) *maker {
	t.Helper()
	data, err := os.ReadFile("../testdata/sentences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	m := &maker{random: rand.New(rand.NewPCG(2024, 11))}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		_, text, _ := strings.Cut(line, "\t")
		m.words = append(m.words, strings.Fields(text)...)
	}
	return m
}

// odd are pieces that are not plain Latin words.
var odd = []string{
	"😀", "https://contoh.id/a", "@budi_ani", "#GUNAMAmenang", "USER", "123", "apa2", "rp.5000", "café", "naïve", "ñandú",
	"pêmilu", "tèh", "dhèwé", "İstanbul", "ﬁle", "ªº", "ÉCOLE", "über", "ǅ", "Kelvin K", "ｆｕｌｌ", "𝐛𝐨𝐥𝐝", "привет",
	"мир", "بسم", "الله", "漢字", "漢a", "a漢か", "かな", "カナー", "한국어", "ไทย", "ελληνικά", "हिन्दी", "〇々", "Ⅷ", "ⓐ", "\xff\xfe",
	"\u200b", "e\u0301", "a\u202eb", "don't", "ma'af", "anak-anak", "\u0000", "Ω", "ß", "œuvre", "łódź",
}

func (m *maker) pick(from []string) string { return from[m.random.IntN(len(from))] }

func (m *maker) noise() string {
	letters := make([]byte, 1+m.random.IntN(12))
	for i := range letters {
		letters[i] = byte('a' + m.random.IntN(26))
	}
	return string(letters)
}

func (m *maker) text() string {
	length := 1 + m.random.IntN(12)
	switch m.random.IntN(20) {
	case 0, 1, 2:
		length = 15 + m.random.IntN(20) // around 120 letters
	case 3:
		length = 60 + m.random.IntN(200)
	}
	oddness := []float64{0, 0, 0.05, 0.5}[m.random.IntN(4)]
	noisiness := []float64{0, 0, 0.1, 1}[m.random.IntN(4)]
	pieces := make([]string, length)
	for i := range pieces {
		switch chance := m.random.Float64(); {
		case chance < oddness:
			pieces[i] = m.pick(odd)
		case chance < oddness+noisiness:
			pieces[i] = m.noise()
		default:
			pieces[i] = m.pick(m.words)
		}
	}
	return m.spoil(strings.Join(pieces, m.pick([]string{" ", " ", " ", ", ", "", "\n", "é"})))
}

func (m *maker) spoil(text string) string {
	switch m.random.IntN(12) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return text[:m.random.IntN(len(text)+1)]
	case 2:
		return strings.Repeat(text, 1+m.random.IntN(4))
	case 3:
		return strings.ReplaceAll(text, "a", "á")
	}
	return text
}

func makeTexts(t *testing.T, count int) []string {
	m := newMaker(t)
	texts := make([]string, count)
	for i := range texts {
		texts[i] = m.text()
	}
	return texts
}

// sharedTexts are the first columns of the training data, where it is there.
func sharedTexts(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("/work/shared/data/*/*_train.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			text, _, _ := strings.Cut(lines.Text(), "\t")
			texts = append(texts, text)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}
