package claims

import (
	"fmt"
	"strings"
)

// Finding is something about a library that its keeper should know.
type Finding struct {
	// Claim is the id of the claim, Text its text.
	Claim, Text string
	// Problem says what is wrong and what would help.
	Problem string
}

func (f Finding) String() string { return fmt.Sprintf("claim %s: %s", f.Claim, f.Problem) }

// Check finds claims that share an id, that say the same as another, and that can
// never match because they are too short or made of common words only.
func Check(claims []Claim) []Finding {
	x := Build(claims)
	var findings []Finding
	report := func(c *Claim, format string, args ...any) {
		findings = append(findings, Finding{Claim: c.ID, Text: c.Text, Problem: fmt.Sprintf(format, args...)})
	}
	ids := map[string]int{}
	texts := map[string]int{}
	var s Scratch
	for i := range claims {
		c := &claims[i]
		if first, seen := ids[c.ID]; seen {
			report(c, "the id is also that of the claim in row %d: allowed: each id once", first+1)
		} else {
			ids[c.ID] = i
		}
		if c.Verdict == "true" {
			continue
		}
		if n := len(x.termsOf(i)); n < fewestTerms {
			report(c, "too short to match: %d telling words, at least %d are needed", n, fewestTerms)
			continue
		}
		key := fmt.Sprint(x.termsOf(i))
		if first, seen := texts[key]; seen {
			report(c, "says the same as claim %s", claims[first].ID)
			continue
		}
		texts[key] = i
		if !x.finds(i, &s) {
			report(c, "too common to match: its words are those of the topic or of very many claims; name what is special about it")
		}
	}
	return findings
}

// finds says whether a claim's own text finds it.
func (x *Index) finds(i int, s *Scratch) bool {
	for _, m := range x.Match(x.claims[i].Text, s) {
		if m.Claim == &x.claims[i] && m.Score >= Likely {
			return true
		}
		if strings.EqualFold(m.Claim.Text, x.claims[i].Text) {
			return true
		}
	}
	return false
}
