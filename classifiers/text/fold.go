package text

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// runeClass says how a character outside ASCII takes part in a text.
type runeClass uint8

const (
	runeOther   runeClass = iota // ends a word, leaves no token
	runeWord                     // letters and digits, after folding
	runeNothing                  // zero-width, combining mark: as if not there
	runeSpace
	runeLine
	runePunct // folds to one ASCII mark
	runeEmoji
	runeModifier // skin tone, variation selector, joiner, keycap: part of an emoji
)

// folded is what a character becomes: its class and its text in lower case. A
// word character without text becomes the character lower.
type folded struct {
	text  string
	lower rune
	class runeClass
}

// appendTo appends what the character becomes.
func (f folded) appendTo(dst []byte) []byte {
	if f.text != "" {
		return append(dst, f.text...)
	}
	return utf8.AppendRune(dst, f.lower)
}

const foldPages = 0x20000 >> 8

// foldTable maps characters to what they fold to, in pages of 256.
type foldTable [foldPages]*[256]folded

// sharedFold is built from the Unicode tables once and never changes after.
var sharedFold = sync.OnceValue(buildFold)

// foldedRanges are the parts of Unicode in which characters fold to others;
// elsewhere a character stands for itself.
var foldedRanges = [][2]rune{
	{0x80, 0x24FF}, {0x2500, 0x2BFF}, {0x2C60, 0x2C7F}, {0x3000, 0x303F}, {0xA640, 0xA69F}, {0xA720, 0xA7FF},
	{0xAB30, 0xAB6F}, {0xFB00, 0xFFFF}, {0x1D400, 0x1D7FF}, {0x1F000, 0x1FAFF},
}

func buildFold() *foldTable {
	var table foldTable
	twins := twinLetters()
	for _, span := range foldedRanges {
		for r := span[0]; r <= span[1]; r++ {
			page := table[r>>8]
			if page == nil {
				page = new([256]folded)
				for i := range page {
					page[i] = foldSelf(r&^0xFF | rune(i))
				}
				table[r>>8] = page
			}
			page[r&0xFF] = foldRune(r, twins)
		}
	}
	return &table
}

// of returns what r folds to.
func (t *foldTable) of(r rune) folded {
	if r < 0x20000 {
		if page := t[r>>8]; page != nil {
			return page[r&0xFF]
		}
	}
	return foldSelf(r)
}

// foldSelf is for characters that fold to nothing else: they are letters, or
// not, as Unicode says.
func foldSelf(r rune) folded {
	switch {
	case r == utf8.RuneError || r >= 0xE0000 && r <= 0xE01EF:
		return folded{class: runeNothing}
	case unicode.IsLetter(r), unicode.IsMark(r):
		return folded{class: runeWord, lower: unicode.ToLower(r)}
	case unicode.IsDigit(r):
		return folded{class: runeWord, lower: '0' + digitValue(r)}
	default:
		return folded{class: runeOther}
	}
}

// digitValue relies on Unicode's decimal digits coming in runs of ten.
func digitValue(r rune) rune {
	first := r
	for first > 0 && r-first < 9 && unicode.IsDigit(first-1) {
		first--
	}
	return (r - first) % 10
}

func foldRune(r rune, twins map[rune]string) folded {
	if text, ok := twins[r]; ok {
		return folded{class: runeWord, text: text}
	}
	if class, ok := specialClass(r); ok {
		return folded{class: class}
	}
	if mark := punctTwin(r); mark != "" {
		return folded{class: runePunct, text: mark}
	}
	if r == '™' || r == '℠' || r >= 0xBC && r <= 0xBE || r >= 0x2150 && r <= 0x215F {
		return folded{class: runeOther}
	}
	if isEmoji(r) {
		return folded{class: runeEmoji, text: string(r)}
	}
	text := stripMarks(norm.NFKD.String(string(r)))
	var b strings.Builder
	for _, part := range text {
		if twin, ok := twins[part]; ok {
			b.WriteString(twin)
		} else if lower := unicode.ToLower(part); unicode.IsLetter(lower) || unicode.IsMark(lower) {
			b.WriteRune(lower)
		} else if unicode.IsDigit(part) {
			b.WriteRune('0' + digitValue(part))
		}
	}
	if b.Len() > 0 {
		return folded{class: runeWord, text: b.String()}
	}
	if text != "" && text[0] < 0x80 && text[0] > ' ' {
		return folded{class: runePunct, text: text[:1]}
	}
	return foldSelf(r)
}

// specialClass sorts spaces, line ends, invisible characters and the parts of
// emoji.
func specialClass(r rune) (runeClass, bool) {
	switch {
	case r == 0x85 || r == 0x2028 || r == 0x2029:
		return runeLine, true
	case r == 0x200D, r >= 0xFE00 && r <= 0xFE0F, r == 0x20E3, r >= 0x1F3FB && r <= 0x1F3FF:
		return runeModifier, true
	case isInvisible(r), isCombining(r):
		return runeNothing, true
	case unicode.IsSpace(r), r == 0x3000, r >= 0x2000 && r <= 0x200A, r == 0x2800, r == 0x3164, r == 0xFFA0:
		return runeSpace, true
	}
	return runeOther, false
}

// isInvisible covers soft hyphen, zero-width characters, direction marks and
// the other characters that show nothing.
func isInvisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5:
		return true
	case r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E:
		return true
	case r >= 0x2060 && r <= 0x206F, r == 0xFEFF, r >= 0xFFF0 && r <= 0xFFFB, r == 0xFFFD:
		return true
	}
	return false
}

// isCombining covers accents that ride on letters and Arabic vowel signs. The
// vowel signs of Indic scripts are letters to us.
func isCombining(r rune) bool {
	switch {
	case r >= 0x300 && r <= 0x36F, r >= 0x483 && r <= 0x489, r >= 0x1AB0 && r <= 0x1AFF, r >= 0x1DC0 && r <= 0x1DFF:
		return true
	case r >= 0x20D0 && r <= 0x20FF, r >= 0xFE20 && r <= 0xFE2F:
		return true
	case r >= 0x610 && r <= 0x61A, r >= 0x64B && r <= 0x65F, r == 0x670, r == 0x640:
		return true
	}
	return false
}

func stripMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if isCombining(r) || isInvisible(r) {
			return -1
		}
		return r
	}, s)
}

// punctTwin gives the ASCII mark that a typographic one stands for.
func punctTwin(r rune) string {
	switch r {
	case '“', '”', '„', '‟', '«', '»', '″', '〝', '〞', '＂', '❝', '❞', '『', '』', '「', '」':
		return `"`
	case '‘', '’', '‚', '‛', '′', '´', '＇', 'ʼ', 'ʻ', 'ʾ', 'ʿ', '‵', '❛', '❜':
		return `'`
	case '‐', '‑':
		return "-"
	case '‒', '–', '—', '―', '−':
		return ";"
	case '…', '。', '｡', '․':
		return "."
	case '،', '、', '，':
		return ","
	case '؟', '？', '¿', '‽':
		return "?"
	case '！', '¡', 'ǃ':
		return "!"
	case '؛':
		return ";"
	case '•', '·', '●', '▪', '◦', '‣', '⁃', '∙', '⋅', '■', '□', '▶', '►', '➤', '➡', '→':
		return "*"
	}
	return ""
}

// isEmoji covers the pictographs, by block.
func isEmoji(r rune) bool {
	switch {
	case r >= 0x1F300 && r <= 0x1FAFF, r >= 0x1F1E6 && r <= 0x1F1FF, r >= 0x1F000 && r <= 0x1F0FF:
		return true
	case r >= 0x2600 && r <= 0x27BF, r >= 0x2300 && r <= 0x23FF, r >= 0x2B00 && r <= 0x2BFF:
		return true
	case r >= 0x2190 && r <= 0x21FF, r >= 0x25A0 && r <= 0x25FF, r >= 0x1F200 && r <= 0x1F2FF:
		return true
	}
	return false
}

// twinLetters lists letters that look like Latin ones without being compatible
// with them in Unicode's sense.
func twinLetters() map[rune]string {
	twins := map[rune]string{}
	pairs := []struct{ from, to string }{
		{"абвгеёкмнорстухцһіїјѕԛԝҽҡүөӏьъԁ", "abbreekmhopctyxuhiijsqwekvoibbd"},
		{"АВЕЁКМНОРСТУХЅІЈԚԜҮЬҺӀ", "abeekmhopctyxsijqwybhi"},
		{"αβγεηικλμνορστυχωκϲϳ", "abyenikluvopotuxwkcj"},
		{"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "abezhikmnoptyxc"},
		{"ɑɡɩıłøđŧħŋɪʀɴʟʙɢʜʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱɛƅƃɓɗɠɦƙɫɭɱɲɳƥʠɼɾʂƭʈʉʋẉƴʐ", "agiilodthnirnlbghyacdejkmoptuvwzfsebbbdghkllmnnpqrrsttuvwyz"},
		{"აοօսոցԁհӀ", "aoounqdhi"},
		{"❶❷❸❹❺❻❼❽❾➀➁➂➃➄➅➆➇➈➊➋➌➍➎➏➐➑➒⓵⓶⓷⓸⓹⓺⓻⓼⓽⓿", "123456789123456789123456789" + "1234567890"},
	}
	for _, pair := range pairs {
		to := []rune(pair.to)
		for i, from := range []rune(pair.from) {
			if i < len(to) {
				twins[from] = string(to[i])
			}
		}
	}
	for i := range rune(26) {
		letter := string('a' + i)
		twins[0x1F150+i] = letter // negative circled
		twins[0x1F170+i] = letter // negative squared
	}
	for from, to := range map[rune]string{'❿': "10", '➉': "10", '➓': "10", '⓾': "10", 'æ': "ae", 'œ': "oe", 'ß': "ss"} {
		twins[from] = to
	}
	return twins
}
