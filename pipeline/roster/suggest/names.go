package suggest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// titles are academic, religious and noble titles, and words of courtesy: what
// stands beside a name in a list of personnel and on a profile.
var titles = wordSet(`dr drs dra ir prof h hj kh hi k r rr ra rd raden tgk tengku teuku tubagus tb gusti i ida
	bapak bpk pak ibu bu bang kang mas mbak ust ustadz ustadzah ustaz ustadzah gus nyai habib
	s sp se sh si sip sos spd spdi sag ssos skom skm skep st ssi stp spt spi sthi sy ss sst sik
	m mm msi mpd mpdi mh mkes mkom mkn mt ma mag msc map mp mba md phd amd amk amdkeb amkeb ners ns apt cht
	spog spa spb spm spk spog spkj spd1 a ak ca cpa qia`)

// variants are spellings of one name; the first is what all are folded to.
var variants = map[string]string{
	"muhammad": "muhammad", "mohammad": "muhammad", "muhamad": "muhammad", "mohamad": "muhammad", "mochammad": "muhammad",
	"mochamad": "muhammad", "muchammad": "muhammad", "muchamad": "muhammad", "moh": "muhammad", "muh": "muhammad", "mohd": "muhammad",
	"moch": "muhammad", "much": "muhammad", "mhd": "muhammad", "md": "muhammad",
	"achmad": "ahmad", "akhmad": "ahmad", "akmad": "ahmad", "ahmat": "ahmad",
	"abd": "abdul", "abdoel": "abdul", "st": "siti", "sitti": "siti", "nur": "nur", "noor": "nur", "noer": "nur", "nor": "nur",
	"yusuf": "yusuf", "jusuf": "yusuf", "yusup": "yusuf",
}

// wordsOf returns the words of a text, lower case and without accents.
func wordsOf(text string) []string {
	text, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFKC), text)
	if err != nil {
		return nil
	}
	text = strings.ReplaceAll(strings.ToLower(text), "'", "")
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// nameWords returns the words of a name, folded, without titles. What stands
// behind a comma is titles.
func nameWords(name string) []string {
	name, _, _ = strings.Cut(name, ",")
	var words []string
	all := wordsOf(strings.ReplaceAll(name, ".", ". "))
	for _, word := range all {
		if titles[word] && len(all) > 1 && variants[word] == "" && utf8.RuneCountInString(word) > 1 {
			continue
		}
		if strings.ContainsFunc(word, unicode.IsDigit) {
			continue
		}
		words = append(words, fold(word))
	}
	return words
}

// fold brings spellings of one name together: oe and u, dj and j, tj and c, and
// doubled letters.
func fold(word string) string {
	if same, ok := variants[word]; ok {
		return same
	}
	word = strings.NewReplacer("oe", "u", "dj", "j", "tj", "c", "sj", "sy", "ch", "h", "kh", "h", "dz", "z", "th", "t", "dh", "d", "y", "i", "v", "f", "p", "f").Replace(word)
	var b strings.Builder
	var last rune
	for _, r := range word {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// alike says how alike two folded words are, from 0 to 1: equal, an initial, or
// with few other letters.
func alike(a, b string) float64 {
	switch {
	case a == b:
		return 1
	case utf8.RuneCountInString(a) == 1 || utf8.RuneCountInString(b) == 1:
		if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
			return 0.4
		}
		return 0
	}
	longer := max(len(a), len(b))
	if min(len(a), len(b)) < 4 {
		return 0
	}
	distance := edits(a, b)
	if distance > 1+longer/8 {
		return 0
	}
	return 1 - 1.5*float64(distance)/float64(longer)
}

// edits is the number of letters to insert, leave out or change.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}
