package judge

import (
	"math"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
)

// Explanation is a verdict with what nearly led to one, for people who try a
// text. Spans are bytes of the text, or of the quoted text.
type Explanation struct {
	Verdict post.Verdict
	// Chances are the scores of all labels, with the score from which each flags.
	Chances []Chance
	Held    []Held
	Nearly  []Nearly
}

// Chance is the score of one label.
type Chance struct {
	Label            post.Label
	Score, Threshold float64
}

// Held is a rule that holds at a place, with what the speech act leaves of its
// weight: 0 of a call that the author only forbids.
type Held struct {
	Rule   *keyword.Rule
	Reason post.Reason
	// Weight is the rule's, Reason.Weight what is left of it.
	Weight float64
	// Effects name what weakens it, as act.EffectNames does.
	Effects []string
}

// Nearly is a rule whose trigger stands in the text and which does not hold.
type Nearly struct {
	Rule *keyword.Rule
	// Trigger is the word that might have set it off, Other what is in the way or
	// too far away; Other's text is empty where there is nothing to show.
	Trigger, Other post.Reason
	Why            keyword.Missed
	// Terms are what is missing, Within how near it would have to stand.
	Terms  []string
	Within int
}

// Explain judges a post as Classify does, and says besides what nearly matched.
func (j *Judge) Explain(p *post.Post, region string) Explanation {
	s := j.scratch.Get()
	defer j.scratch.Put(s)
	x := Explanation{Verdict: j.classify(p, region, s)}
	j.weigh(s)
	for label := range post.Labels {
		x.Chances = append(x.Chances, Chance{post.Labels[label], round(j.labelScore(label, s, math.Inf(-1))), j.thresholds[label]})
	}
	j.nearly(&x, s.reading, keyword.Authored, p, s.shared, 1)
	if p.Quoted != "" && !s.shared {
		j.nearly(&x, s.quoted, keyword.Quoted, p, true, quotedFactor)
	}
	return x
}

// nearly adds what one text has.
func (j *Judge) nearly(x *Explanation, r *reading, scope keyword.Scope, p *post.Post, quoted bool, factor float64) {
	for i := range r.hits[:min(len(r.hits), mostHits)] {
		hit := &r.hits[i]
		first, last := rangeOf(hit)
		force, applied := act.Force(hit.Rule.List.Label, r.act.Context(first, last, int(hit.First()), int(hit.Last())))
		weight := hit.Weight * factor
		held := Held{Rule: hit.Rule, Weight: round(weight), Reason: reasonOf(&r.doc, hit, quoted, weight*force)}
		for effect, name := range act.EffectNames() {
			if applied.Has(effect) {
				held.Effects = append(held.Effects, name)
			}
		}
		x.Held = append(x.Held, held)
	}
	of := func(part keyword.Part) post.Reason {
		if part.First < 0 {
			return post.Reason{}
		}
		start, end := r.doc.Span(int(part.First), int(part.Last))
		return post.Reason{Start: start, End: end, Text: r.doc.Text[start:end], Quoted: quoted}
	}
	for _, miss := range j.rules.Misses(&r.doc, r.matches, &keyword.Context{
		Scope: scope, Language: x.Verdict.Language.Code, Confidence: x.Verdict.Language.Confidence, When: p.CreatedAt, Specials: r.specials,
	}) {
		n := Nearly{Rule: miss.Rule, Trigger: of(miss.At), Other: of(miss.Other), Why: miss.Why, Within: miss.Within}
		for _, term := range miss.Terms {
			n.Terms = append(n.Terms, term.Text)
		}
		x.Nearly = append(x.Nearly, n)
	}
}
