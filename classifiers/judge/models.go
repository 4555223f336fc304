package judge

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/classifiers/target"
	"github.com/netra-id/netra/pipeline/post"
)

// lanes says where the scores of each model stand; -1 where the set lacks it.
type lanes struct {
	label   [labels]int
	abusive int
	// count is how many models there are: all bear on every label.
	count int
}

func lanesOf(set *linear.Set) lanes {
	l := lanes{abusive: set.Index("abusive"), count: len(set.Models())}
	for i, label := range post.Labels {
		l.label[i] = set.Index(string(label))
	}
	return l
}

// mostMentions bounds the mentions that are compared in one text.
const mostMentions = 16

// likelyContestant returns whom a label that only the models found is about: the
// one contestant that is mentioned, or of several the one in whose clause the
// label's model finds it likeliest.
func (j *Judge) likelyContestant(label int, r *reading, s *scratch) string {
	best, contestant := float32(-1), ""
	for i, m := range r.mentions[:min(len(r.mentions), mostMentions)] {
		if m.Contestant == "" || contestant == m.Contestant && i > 0 && r.sameClause(i, i-1) {
			continue
		}
		if probability := j.clauseScore(label, r, m, s); probability > best {
			best, contestant = probability, m.Contestant
		}
	}
	return contestant
}

func (r *reading) sameClause(a, b int) bool {
	return r.doc.Tokens[r.mentions[a].First].Clause == r.doc.Tokens[r.mentions[b].First].Clause
}

// clauseScore is what a label's model makes of the clause of a mention.
func (j *Judge) clauseScore(label int, r *reading, m target.Mention, s *scratch) float32 {
	lane := j.lanes.label[label]
	if lane < 0 {
		return 0
	}
	tokens := r.doc.Tokens
	clause := tokens[m.First].Clause
	first, last := m.First, m.Last
	for first > 0 && tokens[first-1].Clause == clause {
		first--
	}
	for last+1 < len(tokens) && tokens[last+1].Clause == clause {
		last++
	}
	start, end := r.doc.Span(first, last)
	masked := linear.Span{Start: int(tokens[m.First].Start) - start, End: int(tokens[m.Last].End) - start}
	s.book.Read(r.doc.Text[start:end], &s.clause)
	return j.models.ScoreReading(&s.clause, []linear.Span{masked}, &s.linear)[lane]
}

// modelWords is how many words of a model are shown.
const modelWords = 3

// addModel adds to the group the words that carried a model's score, which
// share the label's score, about the contestant of the other evidence or the
// one that is mentioned.
func (s *scratch) addModel(j *Judge, label int, score float64) {
	r := s.reading
	contestant := ""
	if len(s.group) > 0 {
		contestant = s.group[0].contestant
	} else {
		contestant = j.likelyContestant(label, r, s)
	}
	words := j.models.Explain(r.doc.Text, s.spans, string(post.Labels[label]))
	slices.SortFunc(words, func(a, b linear.Contribution) int { return cmp.Compare(b.Weight, a.Weight) })
	words = words[:min(len(words), modelWords)]
	total := 0.0
	for i, word := range words {
		if word.Weight <= 0 {
			words = words[:i]
			break
		}
		total += word.Weight
	}
	for _, word := range words {
		s.group = append(s.group, evidence{label: label, contestant: contestant, reason: post.Reason{
			Kind: post.ReasonModel, Source: string(post.Labels[label]), Start: word.Start, End: word.End,
			Text: r.doc.Text[word.Start:word.End], Quoted: s.shared, Weight: round(score * word.Weight / total),
		}})
	}
}

// addClaims adds the known falsehoods that the text repeats, unless it exposes
// them.
func (j *Judge) addClaims(r *reading, s *scratch) {
	body := r.doc.Text
	for _, match := range j.claims.MatchReading(&r.words, &s.claims) {
		if match.Score < claims.Likely {
			continue
		}
		first, last := r.tokensOf(match.Start, match.End)
		context := r.act.Context(first, last, first, last)
		force, applied := act.Force(post.Hoax, context)
		s.effects[labelIndex(post.Hoax)].add(applied, match.Score)
		weight := match.Score * force
		s.claim, s.claimRaw = max(s.claim, weight), max(s.claimRaw, match.Score)
		if weight < leastWeight {
			continue
		}
		s.evidence = append(s.evidence, evidence{label: labelIndex(post.Hoax), reason: post.Reason{
			Kind: post.ReasonClaim, Source: match.Claim.ID, Start: match.Start, End: match.End,
			Text: body[match.Start:match.End], Quoted: s.shared, Weight: round(weight),
		}})
	}
}

// tokensOf returns the tokens that cover the bytes from start to end.
func (r *reading) tokensOf(start, end int) (first, last int) {
	for i := range r.doc.Tokens {
		token := &r.doc.Tokens[i]
		if int(token.End) <= start {
			first = min(i+1, len(r.doc.Tokens)-1)
		}
		if int(token.Start) < end {
			last = i
		}
	}
	return first, max(first, last)
}
