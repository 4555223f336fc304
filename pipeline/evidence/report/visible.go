package report

import (
	"fmt"
	"unicode"
)

// visible makes the runes that are drawn of a text. What no font has, and signs
// that cannot be seen although they change how a text is read or compared, are
// written as their code, such as [U+202E]; nothing is dropped. codes says which
// of the runes are such a code.
func visible(text string, has func(rune) bool) (runes []rune, codes []bool) {
	add := func(r rune, code bool) { runes, codes = append(runes, r), append(codes, code) }
	all := []rune(text)
	for i, r := range all {
		switch {
		case r == '\n':
			add(r, false)
		case r == '\t':
			add(' ', false)
		case joins(all, i):
			add(r, false)
		case hides(r) || !has(r):
			for _, c := range fmt.Sprintf("[U+%04X]", r) {
				add(c, true)
			}
		default:
			add(r, false)
		}
	}
	return runes, codes
}

// joins says whether a rune makes one sign of its neighbours and is seen by
// that: in emoji, Arabic and the scripts of Java and Bali.
func joins(all []rune, i int) bool {
	switch r := all[i]; r {
	case 0xFE0E, 0xFE0F: // how the sign before it is drawn
		return i > 0 && (all[i-1] > 0x2000 || all[i-1] < 0x80)
	case 0x200C, 0x200D:
		return i > 0 && i+1 < len(all) && all[i-1] > 0x5FF && all[i+1] > 0x5FF
	}
	return false
}

// hides says whether a rune cannot be seen: controls of direction, spaces
// without width, tags.
func hides(r rune) bool {
	return r < 0x20 || r == 0x7F || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Co, r) ||
		unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Variation_Selector, r) || r == 0x115F || r == 0x3164 || r == 0x2800
}
