package keyword

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"
)

// Version returns "sha256:" and the digest of all that bears on verdicts: not
// the examples, descriptions, comments or the order of lists and groups.
func (s *Set) Version() string {
	h := sha256.New()
	writeGroups(h, s.Groups)
	for _, list := range s.Lists {
		write(h, "list", list.Name, string(list.Label))
		writeGroups(h, list.Groups)
		for _, rule := range list.Rules {
			writeRule(h, rule)
		}
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

func writeGroups(h hash.Hash, groups map[string][]Term) {
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		write(h, "group", name)
		writeTerms(h, "terms", groups[name])
	}
}

func writeRule(h hash.Hash, r *Rule) {
	write(h, "rule", r.ID, fmt.Sprint(r.Weight), fmt.Sprint(r.Scope), r.From.UTC().Format(time.RFC3339), r.Until.UTC().Format(time.RFC3339))
	write(h, append([]string{"languages"}, r.Languages...)...)
	writeTerms(h, "any", r.Any)
	writeTerms(h, "all", r.All)
	writeTerms(h, "none", r.None)
	writeTerms(h, "none_anywhere", r.NoneAnywhere)
	for _, near := range r.Near {
		write(h, "near", fmt.Sprint(near.Within), fmt.Sprint(near.Order))
		writeTerms(h, "what", near.What)
	}
}

func writeTerms(h hash.Hash, key string, terms []Term) {
	texts := make([]string, 0, len(terms)+1)
	texts = append(texts, key)
	for _, term := range terms {
		texts = append(texts, term.Text)
	}
	write(h, texts...)
}

// write adds texts so that no other texts give the same bytes.
func write(h hash.Hash, texts ...string) {
	fmt.Fprintf(h, "%d:", len(texts))
	for _, s := range texts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
}
