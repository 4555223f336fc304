package judge

import (
	"math"
	"testing"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// LeftOut returns how many labels likely leaves out for a text, and which of them
// reach their threshold all the same.
func (j *Judge) LeftOut(text, region string) (count int, wrongly []post.Label) {
	s := new(scratch)
	j.gather(&post.Post{ID: "x:1", Kind: post.KindPost, Text: text}, region, s)
	likely := j.likely(s)
	j.weigh(s)
	for label, name := range post.Labels {
		if likely&(1<<label) != 0 {
			continue
		}
		if count++; j.labelScore(label, s, math.Inf(-1)) >= j.thresholds[label] {
			wrongly = append(wrongly, name)
		}
	}
	return count, wrongly
}

func TestTheWayOverAProbabilityKeepsLogOddsWithinTheBound(t *testing.T) {
	for raw := float32(-20); raw < 20; raw += 1. / 1024 {
		exact := clip(float64(logit(linear.Probability(raw))))
		if off := math.Abs(exact - clip(float64(raw))); off > logitError/2 {
			t.Fatalf("log-odds %v: off by %v, more than half of %v", raw, off, logitError)
		}
	}
}
