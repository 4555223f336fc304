package judge

import (
	"math"
	"slices"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/post"
)

// labels is how many labels there are.
const labels = 7

// labelIndex is the place of a label in post.Labels.
func labelIndex(l post.Label) int { return slices.Index(post.Labels, l) }

// evidence is one reason for one label, with the contestant that it is about.
type evidence struct {
	label      int
	contestant string
	reason     post.Reason
	// rule is the rule of a keyword reason; one rule counts once.
	rule *keyword.Rule
}

const (
	// mostHits bounds the hits that are judged in one text.
	mostHits = 256
	// longestReason bounds the marked text of one reason, in bytes.
	longestReason = 160
	// leastWeight is the weight below which a match is no reason.
	leastWeight = 0.03
)

// addHits adds what rules found in one text, weakened by the speech act and by
// factor; known are the rules that the fusion knows. Of a rule that holds in several places the strongest counts; the hits
// are ordered by rule.
func (s *scratch) addHits(r *reading, known map[*keyword.Rule]bool, quoted bool, factor float64) {
	hits := r.hits[:min(len(r.hits), mostHits)]
	for from := 0; from < len(hits); {
		label := labelIndex(hits[from].Rule.List.Label)
		raw, weight := hits[from].Weight*factor, 0.0
		to := from
		for ; to < len(hits) && hits[to].Rule == hits[from].Rule; to++ {
			weight = max(weight, s.addHit(r, &hits[to], label, quoted, raw))
		}
		s.rulesRaw[label] = either(s.rulesRaw[label], raw)
		s.rules[label] = either(s.rules[label], weight)
		if !known[hits[from].Rule] {
			s.foreign[label] = either(s.foreign[label], weight)
		}
		from = to
	}
}

// addHit adds one hit as a reason and returns what the speech act leaves of its
// weight.
func (s *scratch) addHit(r *reading, hit *keyword.Hit, label int, quoted bool, raw float64) float64 {
	if hit.Blocked { // its author excepts this: found, and denied
		return 0
	}
	first, last := rangeOf(hit)
	context := r.act.Context(first, last, int(hit.First()), int(hit.Last()))
	force, applied := act.Force(hit.Rule.List.Label, context)
	s.effects[label].add(applied, raw)
	if !applied.Outright() {
		s.standing[label] = max(s.standing[label], raw)
	}
	weight := raw * force
	if weight >= leastWeight {
		s.evidence = append(s.evidence, evidence{
			label: label, contestant: r.contestantOf(hit), rule: hit.Rule, reason: reasonOf(&r.doc, hit, quoted, weight),
		})
	}
	return weight
}

// effectWeights are the largest weights of matches that each effect weakens.
type effectWeights [act.EffectCount]float64

func (w *effectWeights) add(applied act.Effects, raw float64) {
	for i := range w {
		if applied.Has(i) {
			w[i] = max(w[i], raw)
		}
	}
}

// either joins two independent chances.
func either(a, b float64) float64 { return 1 - (1-a)*(1-b) }

// rangeOf returns the first and last token of all parts of a hit.
func rangeOf(hit *keyword.Hit) (first, last int) {
	first, last = int(hit.First()), int(hit.Last())
	for _, part := range hit.Parts[1:] {
		first, last = min(first, int(part.First)), max(last, int(part.Last))
	}
	return first, last
}

// contestantOf returns whom a hit is about: the contestant among its parts,
// else the one that is mentioned nearest.
func (r *reading) contestantOf(hit *keyword.Hit) string {
	if hit.Special >= 0 {
		if mention := r.mentionOf[hit.Special]; mention >= 0 {
			return r.mentions[mention].Contestant
		}
	}
	label := hit.Rule.List.Label
	if label == post.HateSpeech || label == post.Hoax {
		return ""
	}
	return r.nearestContestant(int(hit.First()))
}

// nearestContestant returns the contestant mentioned nearest to a token, in its
// own sentence if there is one there.
func (r *reading) nearestContestant(at int) string {
	best, contestant := math.MaxInt, ""
	for _, m := range r.mentions {
		if m.Contestant == "" {
			continue
		}
		distance := abs(int(r.doc.Tokens[m.First].Pos - r.doc.Tokens[at].Pos))
		if r.doc.Tokens[m.First].Sentence != r.doc.Tokens[at].Sentence {
			distance += 1000
		}
		if distance < best {
			best, contestant = distance, m.Contestant
		}
	}
	return contestant
}

func abs(n int) int { return max(n, -n) }

// reasonOf marks all parts of a hit, or only the word that set it off where
// they stand far apart.
func reasonOf(doc *text.Doc, hit *keyword.Hit, quoted bool, weight float64) post.Reason {
	start, end := doc.Span(int(hit.First()), int(hit.Last()))
	from, to := start, end
	for _, part := range hit.Parts[1:] {
		partStart, partEnd := doc.Span(int(part.First), int(part.Last))
		from, to = min(from, partStart), max(to, partEnd)
	}
	if to-from <= longestReason {
		start, end = from, to
	}
	return post.Reason{
		Kind: post.ReasonKeyword, Source: hit.Rule.Source(), Start: start, End: end, Text: doc.Text[start:end],
		Quoted: quoted, Weight: round(weight),
	}
}

// round keeps three decimals: no reader needs more, and they are the same on
// every machine.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
