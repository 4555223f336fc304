package keyword_test

import (
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

func TestMatchFindsFormsOfAPhrase(t *testing.T) {
	tests := map[string]struct{ phrase, text, want string }{
		"exact":             {"coblos nomor 2", "ayo coblos nomor 2 ya", "coblos nomor 2"},
		"number word":       {"coblos nomor 2", "nyoblos nomer loro", "nyoblos nomer loro"},
		"abbreviation":      {"coblos nomor 2", "Coblos no.2", "Coblos no.2"},
		"spaced out":        {"dukung", "d u k u n g dia", "d u k u n g"},
		"inflected term":    {"mendukung", "didukungnya", "didukungnya"},
		"emoji between":     {"coblos nomor 2", "coblos ✌️ nomor 2", "coblos ✌️ nomor 2"},
		"across a sentence": {"coblos nomor", "coblos. nomor", ""},
		"across a comma":    {"coblos nomor", "coblos, nomor", "coblos, nomor"},
		"hashtag":           {"#gunamamenang", "lihat #GunamaMenang!", "#GunamaMenang"},
		"words of hashtag":  {"gunama menang", "lihat #GUNAMAmenang!", "GUNAMAmenang"},
		"prefix":            {"provok*", "dia Provokator", "Provokator"},
		"exact off":         {"=dukung", "mendukung", ""},
		"exact on":          {"=dukung", "dukungg", "dukungg"},
		"not inside a word": {"pilih", "pilihan terpilih pemilihan", ""},
		"emoji":             {"✌", "salam ✌🏽✌🏽", "✌🏽✌🏽"},
		"reduplicated":      {"mata-mata", "dasar mata2", "mata2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := keyword.NewBuilder()
			if err := b.Add(b.NewSpace(), test.phrase, 7); err != nil {
				t.Fatal(err)
			}
			m := b.Freeze()
			var d text.Doc
			m.Analyze(&d, test.text)
			got := ""
			for _, match := range m.Match(&d, nil) {
				got += d.Slice(int(match.First), int(match.Last))
			}
			if got != test.want {
				t.Errorf("phrase %q in %q matched %q, want %q", test.phrase, test.text, got, test.want)
			}
		})
	}
}
