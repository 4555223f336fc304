package judge

import (
	"math"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// Most posts have no label, and most of these are far from any. Before the exact
// scores are worked out, likely bounds them from above by sums without a
// logarithm or an exponent: a label that it leaves out cannot reach its threshold.

// logitError is the most by which a model's log-odds that the fusion reads, after
// the way over a probability of 32 bits, differ from the model's own (clipped).
const logitError = 0.02

// bound is what likely needs: the weights of a fusion turned over, so that those of
// all labels for one feature stand side by side.
type bound struct {
	shared [featureCount - ownFeatures][labels]float64
	own    [labels]ownBound
}

// ownBound are the weights of the features of one label that have a value where
// no rule and no claim matches.
type ownBound struct {
	bias, model, formal, own, target, plain float64
	cues                                    [modelCueCount]float64
	// limit is the sum from which the score may reach the threshold, or trees are
	// asked.
	limit float64
}

func newBound(f *fusion, thresholds *[labels]float64, lanes *lanes) *bound {
	b := &bound{}
	for label := range labels {
		w := &f.weights[label]
		o := &b.own[label]
		o.bias, o.model, o.formal, o.own = w[fBias], w[fModel], w[fModelFormal], w[fModelOwn]
		o.target, o.plain = w[fModelTarget], w[fModelPlain]
		copy(o.cues[:], w[fModelCues:])
		for place := ownFeatures; place < featureCount; place++ {
			b.shared[place-ownFeatures][label] = w[place]
		}
		size := math.Abs(o.model) + math.Abs(o.formal) + math.Abs(o.own) + math.Abs(o.target) + math.Abs(o.plain)
		for _, weight := range o.cues {
			size += math.Abs(weight)
		}
		for _, lane := range lanes.shared {
			size += math.Abs(w[fModels+lane])
		}
		limit := limitOf(thresholds[label])
		if len(f.trees[label]) > 0 {
			limit = min(limit, treesFrom)
		}
		o.limit = limit - size*logitError/modelScale - 1e-6
	}
	return b
}

// limitOf is the sum whose score is the threshold.
func limitOf(threshold float64) float64 {
	if threshold <= 0 {
		return math.Inf(-1)
	}
	threshold = min(threshold, 1-1e-12)
	return math.Log(threshold / (1 - threshold))
}

// likely returns the labels that may reach their thresholds, a bit each.
func (j *Judge) likely(s *scratch) (set uint8) {
	s.contextFeatures()
	var sums [labels]float64
	for _, place := range s.present {
		j.bound.add(&sums, place, s.vector[place])
	}
	for _, lane := range j.lanes.shared {
		j.bound.add(&sums, fModels+lane, modelFeature(s.raw[lane]))
	}
	for label := range post.Labels {
		o := &j.bound.own[label]
		switch {
		case math.IsInf(o.limit, -1), s.claimRaw != 0, s.rulesRaw[label] != 0:
			set |= 1 << label
		case s.excluded(label):
		case sums[label]+o.sum(&s.vector, j.lanes.label[label], &s.raw) >= o.limit:
			set |= 1 << label
		}
	}
	return set
}

func (b *bound) add(sums *[labels]float64, place int, value float64) {
	for label, weight := range &b.shared[place-ownFeatures] {
		sums[label] += weight * value
	}
}

// sum is the part of the label's own features.
func (o *ownBound) sum(v *vector, lane int, raw *linear.Logits) float64 {
	model := noModel
	if lane >= 0 {
		model = modelFeature(raw[lane])
	}
	weight := o.model + o.formal*v[fFormal] + o.own*v[fOwn] + o.target*v[fTarget] + o.plain*v[fNumberPlain]
	for i, class := range modelCues {
		weight += o.cues[i] * v[fCues+int(class)]
	}
	return o.bias + model*weight
}
