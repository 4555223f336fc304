package judge

import (
	"cmp"
	"slices"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
)

// DefaultThresholds are the scores from which a label flags.
var DefaultThresholds = map[post.Label]float64{
	post.Support: 0.5, post.Attack: 0.5, post.Hoax: 0.5, post.HateSpeech: 0.5,
	post.MoneyPolitics: 0.5, post.Intimidation: 0.5, post.OfficePromise: 0.5,
}

func thresholds(configured map[post.Label]float64) (limits [labels]float64) {
	for i, label := range post.Labels {
		limits[i] = DefaultThresholds[label]
		if limit, ok := configured[label]; ok {
			limits[i] = limit
		}
	}
	return limits
}

// mostReasons bounds the reasons of one label.
const mostReasons = 8

// fuse joins the evidence for each label and contestant into one score and
// appends those that reach their threshold.
func (j *Judge) fuse(s *scratch, into []post.LabelScore) []post.LabelScore {
	slices.SortStableFunc(s.evidence, func(a, b evidence) int {
		return cmp.Or(cmp.Compare(a.label, b.label), cmp.Compare(a.contestant, b.contestant),
			cmp.Compare(b.reason.Weight, a.reason.Weight))
	})
	for from := 0; from < len(s.evidence); {
		to := from + 1
		for to < len(s.evidence) && s.evidence[to].label == s.evidence[from].label && s.evidence[to].contestant == s.evidence[from].contestant {
			to++
		}
		if score := fusedScore(s.evidence[from:to]); score >= j.thresholds[s.evidence[from].label] {
			into = append(into, labelScore(s.evidence[from:to], score))
		}
		from = to
	}
	return into
}

// fusedScore joins weights as independent chances: 1 - Π(1 - weight). A rule
// counts once however often it holds, and the words of one model share its
// weight.
func fusedScore(group []evidence) float64 {
	against := 1.0
	model := 0.0
	for i := range group {
		switch {
		case group[i].reason.Kind == post.ReasonModel:
			model += group[i].reason.Weight
		case group[i].rule != nil && counted(group[:i], group[i].rule):
		default:
			against *= 1 - group[i].reason.Weight
		}
	}
	return 1 - against*(1-min(model, 1))
}

func counted(before []evidence, rule *keyword.Rule) bool {
	for i := range before {
		if before[i].rule == rule {
			return true
		}
	}
	return false
}

func labelScore(group []evidence, score float64) post.LabelScore {
	l := post.LabelScore{
		Label: post.Labels[group[0].label], Score: round(score), Contestant: group[0].contestant,
		Reasons: make([]post.Reason, 0, min(len(group), mostReasons)),
	}
	for i := range group[:min(len(group), mostReasons)] {
		l.Reasons = append(l.Reasons, group[i].reason)
	}
	return l
}
