package keyword_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
)

var benchPosts = []string{
	"Ayo rapatkan barisan, besok kita coblos nomor 2 ya bapak ibu semua di TPS masing-masing 🔥🔥",
	"ASN dilarang memberikan dukungan kepada calon kepala daerah, kata Bawaslu dalam sosialisasi di Kubu Raya https://contoh.id/berita",
	"yg kmrn blg mau ganti gimana kabarnya? wkwkwk gak jadi kan 😂😂😂 @budi_s",
	"Selamat pagi, semangat bekerja melayani masyarakat. #ASNNetral #PilkadaDamai",
	"harga beras naik terus, rakyat kecil makin susah!! kapan turunnya pak",
	"saya tidak pilih nomor 1, jangan pilih dia, pilih nomor 2 saja biar menang satu putaran",
}

// BenchmarkRules is the whole road of a post through lists of rules that each
// have near and none, a hundred alternatives and a shared cue.
func BenchmarkRules(b *testing.B) {
	for _, rules := range []int{10, 100, 1000} {
		var list strings.Builder
		list.WriteString("list: l\nlabel: support\nrules:\n  - {id: vote, any: [pilih, coblos], near: {what: \"@contestant\", within: 6}, none: [\"@negation\", dilarang]}\n")
		for i := range rules {
			fmt.Fprintf(&list, "  - {id: r%d, near: {what: \"@contestant\", within: 6}, none: [\"@negation\", dilarang, tidak], any: [", i)
			for j := range 50 {
				fmt.Fprintf(&list, "\"ayo frasa%dx\", kata%dx, ", 1000+i*50+j, 1000+i*50+j)
			}
			list.WriteString("]}\n")
		}
		w := newWorld(b, list.String())
		b.Run(fmt.Sprintf("rules=%d/phrases=%d", rules, w.matcher.Len()), func(b *testing.B) {
			b.ReportAllocs()
			var hits []keyword.Hit
			ctx := keyword.Context{Scope: keyword.Authored}
			i := 0
			for b.Loop() {
				w.matcher.Analyze(&w.doc, benchPosts[i%len(benchPosts)])
				w.matches = w.matcher.Match(&w.doc, w.matches[:0])
				w.specials = w.specials[:0]
				for _, m := range w.matches {
					if m.Space == w.own && m.Payload < 2 {
						w.specials = append(w.specials, keyword.Special{Groups: keyword.Contestant, First: m.First, Last: m.Last})
					}
				}
				ctx.Specials = w.specials
				hits = w.compiled.Evaluate(&w.doc, w.matches, &ctx, &w.scratch, hits[:0])
				i++
			}
		})
	}
}
