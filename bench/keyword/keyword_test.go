// Package keyword measures whole-word phrase matching against the matchers that
// a Go team would take otherwise: cloudflare/ahocorasick with a check of word
// boundaries, and a regular expression of all phrases. Ours normalises the text
// and finds inflected forms, too; the others get it in lower case, for nothing.
package keyword

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cloudflare/ahocorasick"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

// sizes are the numbers of phrases.
var sizes = []int{1_000, 10_000, 100_000}

const postCount = 10_000

func BenchmarkNetra(b *testing.B) {
	posts, _ := makePosts(postCount)
	for _, size := range sizes {
		builder := keyword.NewBuilder()
		space := builder.NewSpace()
		for i, phrase := range makePhrases(size) {
			if err := builder.Add(space, phrase, uint32(i)); err != nil {
				b.Fatal(err)
			}
		}
		matcher := builder.Freeze()
		var doc text.Doc
		var matches []keyword.Match
		b.Run(fmt.Sprintf("phrases=%d/analyze+match", size), func(b *testing.B) {
			b.ReportAllocs()
			hits, i := 0, 0
			for b.Loop() {
				matcher.Analyze(&doc, posts[i%postCount])
				matches = matcher.Match(&doc, matches[:0])
				hits += len(matches)
				i++
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
		})
		docs := make([]text.Doc, postCount)
		for i := range docs[:1000] {
			matcher.Analyze(&docs[i], posts[i])
		}
		b.Run(fmt.Sprintf("phrases=%d/match", size), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				matches = matcher.Match(&docs[i%1000], matches[:0])
				i++
			}
		})
	}
}

func BenchmarkAhoCorasick(b *testing.B) {
	_, lower := makePosts(postCount)
	for _, size := range sizes {
		if size > 10_000 {
			continue // its nodes hold 256 pointers each, twice: more memory than there is
		}
		phrases := makePhrases(size)
		matcher := ahocorasick.NewStringMatcher(phrases)
		b.Run(fmt.Sprintf("phrases=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			hits, i := 0, 0
			for b.Loop() {
				post := lower[i%postCount]
				for _, index := range matcher.Match([]byte(post)) {
					if containsWord(post, phrases[index]) {
						hits++
					}
				}
				i++
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
		})
	}
}

func BenchmarkRegexp(b *testing.B) {
	_, lower := makePosts(postCount)
	for _, size := range sizes[:1] {
		quoted := make([]string, 0, size)
		for _, phrase := range makePhrases(size) {
			quoted = append(quoted, regexp.QuoteMeta(phrase))
		}
		matcher := regexp.MustCompile(`\b(?:` + strings.Join(quoted, "|") + `)\b`)
		b.Run(fmt.Sprintf("phrases=%d", size), func(b *testing.B) {
			hits, i := 0, 0
			for b.Loop() {
				hits += len(matcher.FindAllStringIndex(lower[i%postCount], -1))
				i++
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
		})
	}
}

// containsWord reports whether phrase stands in s between word boundaries.
func containsWord(s, phrase string) bool {
	for from := 0; ; {
		at := strings.Index(s[from:], phrase)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(phrase)
		before, _ := utf8.DecodeLastRuneInString(s[:start])
		after, _ := utf8.DecodeRuneInString(s[end:])
		if !isWord(before) && !isWord(after) {
			return true
		}
		from = start + 1
	}
}

func isWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// makePhrases makes phrases of one to three words, from those of posts and
// from invented ones, as lists of names, places and slogans have them.
func makePhrases(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	seen := make(map[string]bool, n)
	phrases := make([]string, 0, n)
	for len(phrases) < n {
		words := make([]string, 1+random.IntN(3))
		for i := range words {
			if words[i] = pick(random); len(words) == 1 || random.IntN(3) > 0 {
				words[i] = invent(random)
			}
		}
		if phrase := strings.Join(words, " "); !seen[phrase] {
			seen[phrase] = true
			phrases = append(phrases, phrase)
		}
	}
	return phrases
}

// makePosts makes posts of the length, the letters and the signs of real ones:
// some 20 words with a Zipf distribution, capitals, numbers, slang, hashtags,
// mentions, links and emoji. The second result is in lower case.
func makePosts(n int) (posts, lower []string) {
	random := rand.New(rand.NewPCG(3, 4))
	for range n {
		var post strings.Builder
		for i := range 6 + random.IntN(26) {
			if i > 0 {
				post.WriteByte(' ')
			}
			switch roll := random.IntN(100); {
			case roll < 2:
				post.WriteString("#" + title(pick(random)) + title(pick(random)))
			case roll < 4:
				post.WriteString("@" + pick(random) + "_" + pick(random))
			case roll < 5:
				post.WriteString("https://contoh.id/" + invent(random))
			case roll < 7:
				post.WriteString([]string{"😂😂", "🔥", "✌️", "🙏🏽", "👍"}[random.IntN(5)])
			case roll < 10:
				fmt.Fprint(&post, random.IntN(100))
			case roll < 25:
				post.WriteString(invent(random))
			case roll < 35:
				post.WriteString(title(pick(random)))
			default:
				post.WriteString(pick(random))
			}
			if roll := random.IntN(12); roll < 3 {
				post.WriteString([]string{",", ".", "!"}[roll])
			}
		}
		posts = append(posts, post.String())
		lower = append(lower, strings.ToLower(post.String()))
	}
	return posts, lower
}

// pick returns a common word, the more common the oftener.
func pick(random *rand.Rand) string {
	x := random.Float64()
	return commonWords[int(x*x*x*float64(len(commonWords)))]
}

// invent returns a word of two to four syllables.
func invent(random *rand.Rand) string {
	var word strings.Builder
	for range 2 + random.IntN(3) {
		word.WriteByte("bcdghjklmnprstwy"[random.IntN(16)])
		word.WriteByte("aiueoa"[random.IntN(6)])
		if random.IntN(3) == 0 {
			word.WriteByte("nmrkstlh"[random.IntN(8)])
		}
	}
	return word.String()
}

var commonWords = append(text.CommonWords(), strings.Fields(`
	coblos pilih dukung menang calon bupati gubernur presiden walikota paslon nomor urut suara rakyat jokowi pilkada pemilu
	kampanye debat visi misi program sekolah jalan rumah pasar petani nelayan guru pegawai kantor desa kecamatan kabupaten
	provinsi kota negara bangsa indonesia kalimantan barat timur selatan tengah utara makan minum tidur kerja libur hujan
	panas dingin bola timnas gol pemain pelatih menulis membaca membantu mendukung memilih melihat mendengar berjalan
	bermain berbicara pembangunan pendidikan kesehatan ekonomi harga beras minyak listrik air bensin motor mobil kereta
	pesawat kapal teman keluarga ibunya ayahnya anaknya temannya katanya rasanya maunya kalian bersama maju sejahtera aman
	damai jujur adil bohong curang korupsi hukum polisi tentara jaksa hakim pengadilan penjara berita media sosial video foto
	viral lucu sedih senang marah kecewa bangga cinta sayang benci rindu`)...)

// title writes the first letter of an ASCII word in upper case.
func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
