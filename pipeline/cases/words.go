package cases

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what people write, in bytes and letters.
const (
	mostLine   = 300
	mostTitle  = 200
	mostText   = 8000
	mostSearch = 60_000
)

// text checks what a person wrote: it must be there where it is required.
func text(field, value string, most int, required bool) (string, error) {
	value = strings.TrimSpace(clean(value))
	if n := utf8.RuneCountInString(value); n > most || required && n == 0 {
		from := 0
		if required {
			from = 1
		}
		return "", invalid(field, beginning(value), allowedLetters(from, most))
	}
	return value, nil
}

// line is a text of one line.
func line(field, value string, most int, required bool) (string, error) {
	return text(field, strings.Join(strings.Fields(value), " "), most, required)
}

func beginning(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// clean makes a text that both databases take: valid UTF-8 without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

// fold makes texts that look alike the same for the search: in small letters and
// without accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(s)))
}

// findBy adds texts to what the case is found by.
func (r *row) findBy(texts ...string) {
	for _, s := range texts {
		if s = fold(s); s != "" && !strings.Contains(r.search, s) && len(r.search)+len(s) < mostSearch {
			r.search += "\n" + s
		}
	}
}

// like is a pattern that finds a folded text anywhere, with ! as escape.
func like(term string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(fold(term)) + "%"
}
