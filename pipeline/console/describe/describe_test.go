package describe_test

import (
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
)

func words(t testing.TB, language string) *i18n.Catalogue {
	t.Helper()
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogues[language]
}

func dictionary(language, source string) string {
	switch source + "/" + language {
	case "support/vote-for/id":
		return "ajakan memilih"
	case "support/vote-for/en":
		return "a call to vote"
	case "tricky/rule/id":
		return "aturan {word} {all}"
	}
	return ""
}

// plain writes sentences with *emphasis*.
func plain(reasons []describe.Reason) []string {
	var lines []string
	for _, r := range reasons {
		var b strings.Builder
		for _, p := range r.Parts {
			if p.Emphasis {
				b.WriteString("*" + p.Text + "*")
			} else {
				b.WriteString(p.Text)
			}
		}
		if r.Quoted {
			b.WriteString(" [quoted]")
		}
		lines = append(lines, b.String())
	}
	return lines
}

func TestReasons(t *testing.T) {
	keyword := func(source, text string, weight float64) post.Reason {
		return post.Reason{Kind: post.ReasonKeyword, Source: source, Text: text, Weight: weight}
	}
	quoted := keyword("support/vote-for", "pilih", 0.1)
	quoted.Quoted = true
	tests := map[string]struct {
		language string
		reasons  []post.Reason
		want     []string
	}{
		"nothing": {"id", nil, nil},
		"known rule": {"id", []post.Reason{keyword("support/vote-for", "coblos nomor 2", 0.7)},
			[]string{"ajakan memilih: menyebut *coblos nomor 2*"}},
		"known rule in English": {"en", []post.Reason{keyword("support/vote-for", "coblos nomor 2", 0.7)},
			[]string{"a call to vote: mentions *coblos nomor 2*"}},
		"two words of a rule": {"id", []post.Reason{keyword("support/vote-for", "coblos", 0.7), keyword("support/vote-for", "nomor 2", 0.7), keyword("support/vote-for", "Coblos", 0.7)},
			[]string{"ajakan memilih: menyebut *coblos*, *nomor 2*"}},
		"a place that holds twice": {"id", []post.Reason{
			keyword("support/vote-for", "Pilih nomor 2", 0.7), keyword("support/vote-for", "pilih nomor 2 saja", 0.7), keyword("support/vote-for", "saja", 0.7),
		}, []string{"ajakan memilih: menyebut *pilih nomor 2 saja*"}},
		"unknown rule": {"id", []post.Reason{keyword("lokal/slogan", "menyala", 0.7)},
			[]string{"cocok dengan aturan lokal/slogan pada kata *menyala*"}},
		"unknown rule without words": {"id", []post.Reason{keyword("lokal/slogan", " ", 0.7)},
			[]string{"cocok dengan aturan lokal/slogan"}},
		"model": {"id", []post.Reason{{Kind: post.ReasonModel, Source: "hate-1", Text: "kafir"}, {Kind: post.ReasonModel, Source: "hate-1", Text: "usir"}},
			[]string{"model menimbang kata *kafir*, *usir*"}},
		"claim": {"id", []post.Reason{{Kind: post.ReasonClaim, Source: "klaim-7", Text: "7 kontainer"}},
			[]string{"mirip dengan klaim klaim-7 yang sudah dibantah: *7 kontainer*"}},
		"unknown kind": {"id", []post.Reason{{Kind: "ramalan", Source: "x", Text: "y"}}, []string{"tercatat oleh x: *y*"}},
		"weightiest first, quoted apart": {"id", []post.Reason{quoted, keyword("support/vote-for", "coblos", 0.7)},
			[]string{"ajakan memilih: menyebut *coblos*", "ajakan memilih: menyebut *pilih* [quoted]"}},
		"braces stay text": {"id", []post.Reason{keyword("tricky/rule", "{word}{all}", 0.7), keyword("a{word}/b{all}", "}{", 0.1)},
			[]string{"aturan (word) (all): menyebut *{word}{all}*", "cocok dengan aturan a(word)/b(all) pada kata *}{*"}},
		"many words": {"id", []post.Reason{
			{Kind: post.ReasonModel, Text: "a"}, {Kind: post.ReasonModel, Text: "b"}, {Kind: post.ReasonModel, Text: "c"}, {Kind: post.ReasonModel, Text: "d"},
			{Kind: post.ReasonModel, Text: "e"}, {Kind: post.ReasonModel, Text: "f"}, {Kind: post.ReasonModel, Text: "g"}, {Kind: post.ReasonModel, Text: "h"},
		}, []string{"model menimbang kata *a*, *b*, *c*, *d*, *e*, *f* dan 2 lainnya"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := plain(describe.Reasons(test.reasons, words(t, test.language), dictionary))
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func FuzzReasons(f *testing.F) {
	f.Add("keyword", "support/vote-for", "coblos", "nomor 2")
	f.Add("model", "{", "}", "{all")
	catalogue := words(f, i18n.Indonesian)
	f.Fuzz(func(t *testing.T, kind, source, a, b string) {
		reasons := []post.Reason{{Kind: post.ReasonKind(kind), Source: source, Text: a}, {Kind: post.ReasonKind(kind), Source: source, Text: b}}
		described := describe.Reasons(reasons, catalogue, dictionary)
		if len(described) != 1 {
			t.Fatalf("%d sentences of one source", len(described))
		}
		for _, p := range described[0].Parts {
			if p.Emphasis && p.Text != strings.TrimSpace(a) && p.Text != strings.TrimSpace(b) {
				t.Errorf("%q is emphasised but not from the post", p.Text)
			}
		}
	})
}
