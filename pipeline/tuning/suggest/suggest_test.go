package suggest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
)

func lists(t *testing.T) *keyword.Set {
	t.Helper()
	set, err := keyword.Parse(keyword.File{Name: "support.yaml", Data: []byte(
		"list: support\nlabel: support\ngroups:\n  \"@cheer\": [hore]\nrules:\n  - {id: a, any: [coblos, \"@cheer\"], none: [simulasi]}\n")})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// posts makes n posts of a text each by another account.
func posts(kind string, texts ...string) []Post {
	all := make([]Post, len(texts))
	for i, text := range texts {
		all[i] = Post{ID: fmt.Sprintf("%s%d", kind, i), Account: fmt.Sprint(i), Text: text}
	}
	return all
}

func many(n int, format string) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return texts
}

func TestTheLogLikelihoodRatio(t *testing.T) {
	for _, test := range []struct {
		a, all, b, others int
		want              float64
	}{
		// 2 Σ O ln(O/E) by hand, in Python.
		{10, 100, 5, 1000, 30.6702495597318},
		{8, 8, 0, 60, 49.260635770421},
		{110, 2442, 29, 1000, 5.01780661444944},
		{5, 100, 50, 1000, 0}, {0, 10, 5, 10, 0}, {1, 0, 1, 10, 0},
	} {
		if got := G2(test.a, test.all, test.b, test.others); math.Abs(got-test.want) > 1e-9*max(1, test.want) {
			t.Errorf("%+v: %.12g", test, got)
		}
	}
}

func TestASloganStandsOutAndWhatRulesLookForDoesNot(t *testing.T) {
	confirmed := posts("c", many(8, "ayo coblos nomor 2, hore! warga %d gaspol mbois terus simulasi")...)
	background := posts("b", many(60, "rapat warga %d terus berjalan di balai desa ayo datang")...)
	words := Words(DefaultConfiguration(), lists(t), nil, confirmed, background)
	var phrases []string
	for _, w := range words {
		phrases = append(phrases, w.Phrase)
	}
	if !slices.ContainsFunc(phrases, func(p string) bool { return within(p, "gaspol mbois") }) {
		t.Errorf("%q: the slogan is missing", phrases)
	}
	for _, phrase := range phrases {
		for _, word := range []string{"coblos", "hore", "warga"} {
			if within(phrase, word) && phrase == word {
				t.Errorf("%q stands in a rule, or everywhere", phrase)
			}
		}
	}
	if w := words[0]; w.Confirmed != 8 || w.Accounts != 8 || w.Background != 0 || len(w.Examples) != 3 {
		t.Errorf("%+v", w)
	}
}

func TestFormsOfARulesWordAreNoSuggestion(t *testing.T) {
	confirmed := posts("c", many(8, "besok kita nyoblos paslon %d, c0bl0s saja, jangan lupa mencobloskan")...)
	for _, w := range Words(DefaultConfiguration(), lists(t), []string{"paslon"}, confirmed, posts("b", many(60, "pasar %d buka")...)) {
		for _, word := range []string{"nyoblos", "coblos", "paslon"} {
			if within(w.Phrase, word) {
				t.Errorf("%q", w.Phrase)
			}
		}
	}
}

func TestOneAccountsHabitIsNoSlogan(t *testing.T) {
	confirmed := posts("c", many(8, "gaspol mbois %d")...)
	for i := range confirmed {
		confirmed[i].Account = "1"
	}
	if words := Words(DefaultConfiguration(), lists(t), nil, confirmed, posts("b", many(60, "pasar %d")...)); len(words) > 0 {
		t.Errorf("%v", words)
	}
}

func TestVariantsOfAPhraseInTheData(t *testing.T) {
	data := slices.Concat(
		posts("a", many(6, "ayo warga kompak gaspol bareng paslon pilihan %d")...),
		posts("b", many(3, "ayo warga kompak gazpol bareng paslon pilihan %d")...),
		posts("c", many(3, "ayo warga kompak gspl bareng paslon %d")...),
		posts("d", many(3, "ayo warga kompak gas pol bareng paslon %d")...),
		posts("e", many(3, "harga aspol di toko sebelah turun %d rupiah")...),
	)
	variants, err := Variants(DefaultConfiguration(), "gaspol", data)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Variant{}
	for _, v := range variants {
		got[v.Phrase] = v
	}
	for phrase, how := range map[string]string{"gazpol": "letters", "gspl": "vowels", "gas pol": "letters"} {
		if v := got[phrase]; v.How != how || v.Posts != 3 || v.Context < 0.5 {
			t.Errorf("%s: %+v in %v", phrase, v, variants)
		}
	}
	for _, phrase := range []string{"gaspol", "aspol"} {
		if v, found := got[phrase]; found {
			t.Errorf("%+v: want the phrase itself and what stands elsewhere left out", v)
		}
	}
}

func TestVariantsOfNothing(t *testing.T) {
	if _, err := Variants(DefaultConfiguration(), " … ", nil); err == nil {
		t.Error("no error")
	}
	if _, err := Variants(DefaultConfiguration(), "satu dua tiga empat lima enam", nil); err == nil {
		t.Error("no error for a long phrase")
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"menang", "mnang", 1}, {"menang", "menagn", 1}, {"coblos", "nyoblos", 2}, {"kitten", "sitting", 3}, {"pilih", "pulih", 1}, {"ab", "ba", 1},
	} {
		if got := editDistance([]rune(test.a), []rune(test.b), 10); got != test.want {
			t.Errorf("%s, %s: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := editDistance([]rune(test.b), []rune(test.a), 10); got != test.want {
			t.Errorf("%s, %s: %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	confirmed, background := posts("c", many(500, "ayo coblos nomor 2, hore! warga %d gaspol mbois terus")...), posts("b", many(5000, "rapat warga %d terus berjalan di balai desa")...)
	for b.Loop() {
		Words(DefaultConfiguration(), nil, nil, confirmed, background)
	}
}
