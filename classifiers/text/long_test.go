package text_test

import (
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/text"
)

// longTexts are texts of 100 KB that invite more than linear work.
func longTexts() map[string]string {
	const size = 100_000
	texts := map[string]string{}
	for name, unit := range map[string]string{
		"one letter": "a", "one emoji": "✌", "joined emoji": "👨‍", "flag letters": "🇮", "lone letters": "a ", "dotted letters": "a.",
		"hyphens": "a-", "doubled words": "aa-", "signs": "a@", "masks": "a*", "dollars": "$", "numbers": "1", "grouped numbers": "1.",
		"mixed": "a1", "hashtags": "#a", "hashtag words": "#menang ", "mentions": "@ab", "domains": "ab.", "links": "http://", "quotes": `"`,
		"quoted": `"a`, "marks": ".,", "line ends": "\n", "zero width": "\u200b", "accents": "\u0301", "invalid": "\xff", "apostrophes": "a'",
		"words": "menang ", "joined words": "menang", "Cyrillic": "а", "twos": "abc2", "ke": "ke-2", "ligature": "ﷺ",
	} {
		texts[name] = strings.Repeat(unit, size/len(unit))
	}
	texts["long hashtag"] = "#" + strings.Repeat("menang", size/6)
	texts["long hashtag of capitals"] = "#" + strings.Repeat("Ab", size/2)
	return texts
}

// BenchmarkLongTexts shows the time per byte: it is to stay within a factor of
// what plain words take, whatever the text.
func BenchmarkLongTexts(b *testing.B) {
	a := newAnalyzer("menang", "gunama")
	for name, s := range longTexts() {
		b.Run(name, func(b *testing.B) {
			var d text.Doc
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				a.Analyze(&d, s)
			}
		})
	}
}

func TestLongTextsKeepTheirSpans(t *testing.T) {
	a := newAnalyzer("menang", "gunama")
	var d text.Doc
	for name, s := range longTexts() {
		t.Run(name, func(t *testing.T) {
			a.Analyze(&d, s)
			checkSpans(t, &d, s)
		})
	}
}

func TestAnalyzeDoesNotAllocate(t *testing.T) {
	a := newAnalyzer("menang", "gunama")
	var d text.Doc
	s := strings.Join(oddTexts, "\n")
	a.Analyze(&d, s)
	if allocs := testing.AllocsPerRun(20, func() { a.Analyze(&d, s) }); allocs != 0 {
		t.Errorf("Analyze allocates %v times on a Doc that is large enough", allocs)
	}
}

func BenchmarkAnalyze(b *testing.B) {
	a := newAnalyzer(strings.Fields("menang coblos dukung pilih nomor lawan bohong amplop tidak yang paslon jangan gunama")...)
	posts := []string{
		"Ayo rapatkan barisan, besok kita coblos no 2 ya bapak ibu semua di TPS masing-masing 🔥🔥",
		"ASN dilarang memberikan dukungan kepada calon kepala daerah, kata Bawaslu dalam sosialisasi di Kubu Raya https://contoh.id/berita",
		"yg kmrn blg mau ganti gimana kabarnya? wkwkwk gak jadi kan 😂😂😂 @budi_s",
		"Selamat pagi, semangat bekerja melayani masyarakat. #ASNNetral #PilkadaDamai",
		"harga beras naik terus, rakyat kecil makin susah!! kapan turunnya pak",
		"mamilih nang pahingannya, jangan sampai salah coblos lah, ulun dukung GUNAMA wan menangkan",
	}
	size := 0
	for _, post := range posts {
		size += len(post)
	}
	var d text.Doc
	b.SetBytes(int64(size / len(posts)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		a.Analyze(&d, posts[i%len(posts)])
		i++
	}
}
