package judge

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// mostReasons bounds the reasons of one label.
const mostReasons = 8

// fuse gives every label its score, and appends those that reach their
// threshold: one entry for each contestant that the evidence is about.
func (j *Judge) fuse(s *scratch, into []post.LabelScore) []post.LabelScore {
	likely := j.likely(s)
	if likely == 0 {
		return into
	}
	j.weigh(s)
	for label := range post.Labels {
		if likely&(1<<label) == 0 {
			continue
		}
		if score := j.labelScore(label, s, j.bound[label].least); score >= j.thresholds[label] {
			into = j.explain(label, score, s, into)
		}
	}
	return into
}

// weigh works out what the fusion reads of a post.
func (j *Judge) weigh(s *scratch) {
	if s.weighed {
		return
	}
	s.weighed = true
	logits := s.logits[:j.lanes.count]
	for i := range logits {
		logits[i] = logit(linear.Probability(s.raw[i]))
	}
	s.sharedFeatures(logits)
}

// excluded says whether a label cannot be: where no contestant is mentioned
// nobody is supported or attacked, unless a rule says so that needs none, and no
// model decides a hoax: without a rule or a claim there is none.
func (s *scratch) excluded(label int) bool {
	switch post.Labels[label] {
	case post.Support, post.Attack:
		return len(s.reading.mentions) == 0 && s.rules[label] == 0
	case post.Hoax:
		return s.rulesRaw[label] == 0 && s.claimRaw == 0
	}
	return false
}

// labelScore is the fused score of one label. Where its log-odds are surely below
// least, it may be any score below.
func (j *Judge) labelScore(label int, s *scratch, least float64) float64 {
	if s.excluded(label) {
		return 0
	}
	s.ownFeatures(label, j.lanes.label[label], s.logits[:])
	score := j.fusion.score(label, &s.vector, s.present, least)
	if s.vector[fFormal] == 0 {
		score = max(score, j.fusion.foreign(label, s.foreign[label]))
	}
	if post.Labels[label] == post.Hoax { // a known falsehood is one, whatever the models make of its words
		score = max(score, s.claim)
	}
	if s.shared {
		score *= shareFactor
	}
	return score
}

// explain appends the label with its reasons, once for each contestant.
func (j *Judge) explain(label int, score float64, s *scratch, into []post.LabelScore) []post.LabelScore {
	s.group = s.group[:0]
	for i := range s.evidence {
		if s.evidence[i].label == label {
			s.group = append(s.group, s.evidence[i])
		}
	}
	if len(s.group) == 0 || s.rules[label] < modelBelow {
		s.addModel(j, label, score)
	}
	slices.SortStableFunc(s.group, func(a, b evidence) int {
		return cmp.Or(cmp.Compare(a.contestant, b.contestant), cmp.Compare(b.reason.Weight, a.reason.Weight))
	})
	for from := 0; from < len(s.group); {
		to := from + 1
		for to < len(s.group) && s.group[to].contestant == s.group[from].contestant {
			to++
		}
		into = append(into, entry(s.group[from:to], score))
		from = to
	}
	return into
}

// modelBelow is the strength of rules below which the words that moved the
// models are shown too.
const modelBelow = 0.5

// entry is one label of the verdict, for one contestant.
func entry(group []evidence, score float64) post.LabelScore {
	l := post.LabelScore{
		Label: post.Labels[group[0].label], Score: round(score), Contestant: group[0].contestant,
		Reasons: make([]post.Reason, 0, min(len(group), mostReasons)),
	}
	for i := range group[:min(len(group), mostReasons)] {
		l.Reasons = append(l.Reasons, group[i].reason)
	}
	return l
}
