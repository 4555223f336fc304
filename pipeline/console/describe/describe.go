// Package describe puts the reasons of a verdict into words that an analyst
// reads: "ajakan memilih: menyebut *coblos nomor 2*" instead of the id
// of a rule. It judges nothing and writes no HTML. It is called by the console.
package describe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
)

// MostWords is how many words of one rule or model are named; the rest is
// counted.
const MostWords = 6

// Part is a part of a sentence; an emphasised one is verbatim from the post.
type Part struct {
	Text     string
	Emphasis bool
}

// Reason is what one rule, model or claim says of a post, in words.
type Reason struct {
	Parts []Part
	// Source is the rule, model or claim, by its id.
	Source string
	Kind   post.ReasonKind
	// Quoted is true where the words stand in the text of others.
	Quoted bool
	// Weight is the greatest weight of the reasons put together here.
	Weight float64
}

// Dictionary says in words of a language what a rule looks for, such as "ajakan
// memilih". It answers "" for a rule that it does not know. The keyword lists
// carry these words.
type Dictionary func(language, source string) string

// Reasons puts reasons into words, one sentence for each rule, model or claim,
// the weightiest first. The catalogue gives the sentences, the dictionary what
// a rule looks for.
func Reasons(reasons []post.Reason, words *i18n.Catalogue, dictionary Dictionary) []Reason {
	groups := group(reasons)
	described := make([]Reason, 0, len(groups))
	for _, g := range groups {
		described = append(described, Reason{
			Parts: sentence(g, words, dictionary), Source: g[0].Source, Kind: g[0].Kind,
			Quoted: g[0].Quoted, Weight: greatestWeight(g),
		})
	}
	slices.SortStableFunc(described, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	return described
}

// group puts together what one rule, model or claim found in one text, in the
// order in which they are first seen.
func group(reasons []post.Reason) [][]post.Reason {
	type key struct {
		kind   post.ReasonKind
		source string
		quoted bool
	}
	place := map[key]int{}
	var groups [][]post.Reason
	for _, r := range reasons {
		k := key{r.Kind, r.Source, r.Quoted}
		i, ok := place[k]
		if !ok {
			i = len(groups)
			place[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// literal keeps what comes from outside from being taken for a place to fill.
var literal = strings.NewReplacer("{", "(", "}", ")")

func sentence(g []post.Reason, words *i18n.Catalogue, dictionary Dictionary) []Part {
	found := distinctTexts(g)
	key, args := "reason.", []any{"source", literal.Replace(g[0].Source)}
	switch g[0].Kind {
	case post.ReasonKeyword:
		key += "keyword"
		if what := dictionary(words.Language, g[0].Source); what != "" {
			args = append(args, "what", literal.Replace(what))
		} else {
			key += ".unknown"
		}
	case post.ReasonModel:
		key += "model"
	case post.ReasonClaim:
		key += "claim"
	default:
		key += "other"
	}
	if len(found) == 0 {
		key += ".silent"
	}
	return fill(words.T(key, args...), found, words)
}

// fill cuts a sentence at {all} and puts the words found there, emphasised.
func fill(text string, found []string, words *i18n.Catalogue) []Part {
	var parts []Part
	before, after, ok := strings.Cut(text, "{all}")
	if before != "" {
		parts = append(parts, Part{Text: before})
	}
	if !ok {
		return parts
	}
	parts = append(parts, list(found, words)...)
	if after != "" {
		parts = append(parts, Part{Text: after})
	}
	return parts
}

func list(found []string, words *i18n.Catalogue) []Part {
	var parts []Part
	for i, text := range found[:min(len(found), MostWords)] {
		if i > 0 {
			parts = append(parts, Part{Text: ", "})
		}
		parts = append(parts, Part{Text: text, Emphasis: true})
	}
	if more := len(found) - MostWords; more > 0 {
		parts = append(parts, Part{Text: words.T("reason.more", "n", more)})
	}
	return parts
}

// distinctTexts are the texts that were found, without those that are part of
// a longer one: a rule that holds twice at one place is said once.
func distinctTexts(g []post.Reason) []string {
	var texts []string
	for _, r := range g {
		text := strings.TrimSpace(r.Text)
		if text == "" || slices.ContainsFunc(texts, func(t string) bool { return holds(t, text) }) {
			continue
		}
		texts = slices.DeleteFunc(texts, func(t string) bool { return holds(text, t) })
		texts = append(texts, text)
	}
	return texts
}

// holds says whether the longer text begins or ends with the shorter.
func holds(longer, shorter string) bool {
	longer, shorter = strings.ToLower(longer), strings.ToLower(shorter)
	return strings.HasPrefix(longer, shorter) || strings.HasSuffix(longer, shorter)
}

func greatestWeight(g []post.Reason) float64 {
	weight := g[0].Weight
	for _, r := range g[1:] {
		weight = max(weight, r.Weight)
	}
	return weight
}
