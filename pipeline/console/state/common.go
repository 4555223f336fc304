package state

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

// commonWords are words of which people here make passwords, a line each.
//
//go:embed common.txt
var commonWords string

// fewestOwn is how many characters of a password must be neither a common word
// nor a part of a run such as 1234, abcd, qwerty or aaaa.
const fewestOwn = 4

// common says whether a password is made of little but common words, runs and
// repetitions: "Password1234", "bawaslu-2024", "aaaaaaaaaaaa".
func common(password string) bool {
	rest := onlyLetters(strings.ToLower(password))
	words := strings.Fields(commonWords)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, word := range words {
		rest = strings.ReplaceAll(rest, word, "")
	}
	return len(own(rest)) < fewestOwn
}

// holdsName says whether the password is hardly more than the user's name.
func holdsName(name, password string) bool {
	name, rest := onlyLetters(strings.ToLower(name)), onlyLetters(strings.ToLower(password))
	if len(name) < 3 || !strings.Contains(rest, name) {
		return false
	}
	return len(own(strings.ReplaceAll(rest, name, ""))) < fewestOwn*2
}

// onlyLetters drops all but letters and digits, and reads the usual disguises of
// letters.
func onlyLetters(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '@':
			return 'a'
		case '$':
			return 's'
		case '!':
			return 'i'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// rows are the runs of neighbours that hands make on their own.
var rows = []string{"1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

// own drops every character that continues a run or repeats what stood there
// before it.
func own(text string) string {
	runes := []rune(text)
	var kept []rune
	for i, r := range runes {
		if i > 0 && (runes[i-1] == r || neighbours(runes[i-1], r)) || slices.Contains(kept, r) {
			continue
		}
		kept = append(kept, r)
	}
	return string(kept)
}

func neighbours(a, b rune) bool {
	for _, row := range rows {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		if i >= 0 && j >= 0 && (j == i+1 || i == j+1) {
			return true
		}
	}
	return false
}
