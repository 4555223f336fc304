package main

import (
	"encoding/json"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cloudflare/ahocorasick"
	"github.com/pemistahl/lingua-go"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
)

// plain is what a Go team would build of public parts: encoding/json, lingua-go
// with Indonesian and English, and cloudflare/ahocorasick over the phrases of
// the same lists, on the text in lower case, whole words only.
type plain struct {
	detector lingua.LanguageDetector
	matcher  *ahocorasick.Matcher
	phrases  []string
}

func newPlain() (*plain, error) {
	lists, err := keyword.Default()
	if err != nil {
		return nil, err
	}
	phrases := phrasesOf(lists)
	return &plain{
		detector: lingua.NewLanguageDetectorBuilder().
			FromLanguages(lingua.Indonesian, lingua.English).WithPreloadedLanguageModels().Build(),
		matcher: ahocorasick.NewStringMatcher(phrases), phrases: phrases,
	}, nil
}

// phrasesOf returns every phrase that stands in a rule or group, as plain text.
func phrasesOf(set *keyword.Set) []string {
	var phrases []string
	seen := map[string]bool{}
	add := func(terms []keyword.Term) {
		for _, term := range terms {
			phrase := strings.ToLower(strings.NewReplacer("=", "", "*", "").Replace(term.Text))
			if term.Group() == "" && !seen[phrase] {
				seen[phrase] = true
				phrases = append(phrases, phrase)
			}
		}
	}
	for _, terms := range set.Groups {
		add(terms)
	}
	for _, list := range set.Lists {
		for _, terms := range list.Groups {
			add(terms)
		}
	}
	for _, rule := range set.Rules() {
		for _, terms := range [][]keyword.Term{rule.Any, rule.All, rule.None, rule.NoneAnywhere} {
			add(terms)
		}
		for _, near := range rule.Near {
			add(near.What)
		}
	}
	return phrases
}

// classifyLines is the whole of the plain build's work.
func (p *plain) classifyLines(lines [][]byte) error {
	for _, line := range lines {
		decoded, err := p.decode(line)
		if err != nil {
			return err
		}
		p.language(decoded.Text)
		runtime.KeepAlive(p.hits(decoded.Text))
	}
	return nil
}

func (p *plain) decode(line []byte) (post.Post, error) {
	var decoded post.Post
	err := json.Unmarshal(line, &decoded)
	return decoded, err
}

func (p *plain) language(text string) lingua.Language {
	language, _ := p.detector.DetectLanguageOf(text)
	return language
}

// hits counts the phrases that stand in the text as whole words.
func (p *plain) hits(text string) int {
	lower := strings.ToLower(text)
	found := 0
	for _, index := range p.matcher.Match([]byte(lower)) {
		if containsWord(lower, p.phrases[index]) {
			found++
		}
	}
	return found
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
