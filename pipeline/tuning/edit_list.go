package tuning

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// patchList takes words out of a list and adds others behind, and leaves the
// rest, with comments, as it is. What it cannot do so it writes anew; the caller
// checks what came of it.
func patchList(lines, before, after []string, indent string) []string {
	key, _, _ := strings.Cut(strings.TrimLeft(lines[0], " -"), ":")
	kept := slices.DeleteFunc(slices.Clone(before), func(word string) bool { return !slices.Contains(after, word) })
	if len(kept) == 0 || len(kept) > len(after) || !slices.Equal(kept, after[:len(kept)]) {
		return listLines(key, after, indent)
	}
	gone, added := without(before, after), after[len(kept):]
	if len(lines) > 1 && strings.HasPrefix(strings.TrimSpace(lines[1]), "- ") {
		return patchBlock(lines, gone, added)
	}
	text := strings.Join(lines, "\n")
	for _, word := range gone {
		text = takeOut(text, word)
	}
	end := strings.LastIndexByte(text, ']')
	if end < 0 {
		return listLines(key, after, indent)
	}
	for _, word := range added {
		last := text[strings.LastIndexByte(text[:end], '\n')+1 : end]
		joint := ", "
		if len([]rune(last))+len([]rune(word))+6 > widest {
			joint = ",\n" + indent + "  "
		}
		text = text[:end] + joint + inQuotes(word) + text[end:]
		end = strings.LastIndexByte(text, ']')
	}
	return strings.Split(text, "\n")
}

func patchBlock(lines, gone, added []string) []string {
	kept := slices.DeleteFunc(slices.Clone(lines[1:]), func(line string) bool {
		var word []string
		return yaml.Unmarshal([]byte(strings.TrimSpace(line)), &word) == nil && len(word) == 1 && slices.Contains(gone, word[0])
	})
	indent := lines[1][:strings.IndexByte(lines[1], '-')]
	for _, word := range added {
		kept = append(kept, indent+"- "+inQuotes(word))
	}
	return append([]string{lines[0]}, kept...)
}

// takeOut removes a word from a list in brackets, with the comma behind it or, of
// the last, before it.
func takeOut(text, word string) string {
	for _, written := range []string{regexp.QuoteMeta(inQuotes(word)), `'` + regexp.QuoteMeta(strings.ReplaceAll(word, `'`, `''`)) + `'`, regexp.QuoteMeta(word)} {
		for _, pattern := range []string{`([\[,]\s*(?:#[^\n]*\n\s*)*)` + written + `\s*,[ ]?`, `,\s*()` + written + `(?:\s*\])`} {
			at := regexp.MustCompile(pattern).FindStringSubmatchIndex(text)
			if at == nil {
				continue
			}
			if text[at[1]-1] == ']' {
				return text[:at[0]] + "]" + text[at[1]:]
			}
			return text[:at[3]] + text[at[1]:]
		}
	}
	return text
}
