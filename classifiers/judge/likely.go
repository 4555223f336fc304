package judge

import (
	"math"
	"math/bits"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/linear"
)

// Most posts have no label, and most of these are far from any. Before the exact
// scores are worked out, likely bounds them from above by sums without a
// logarithm or an exponent: a label that it leaves out cannot reach its threshold.

// logitError is the most by which a model's log-odds that the fusion reads, after
// the way over a probability of 32 bits, differ from the model's own (clipped).
const logitError = 0.02

// bound is what likely needs, by label.
type bound [labels]labelBound

// labelBound are the weights of the features of one label that have a value where
// no rule and no claim matches.
type labelBound struct {
	bias, model, formal, ownVoice, target, plain float64
	cues                                         [act.Classes]float64
	// weights are those of all features, models those of the models among them.
	weights *vector
	models  []float64
	// limit is the sum from which the score may reach the threshold, or trees are
	// asked.
	limit float64
	// least is the sum, trees and all, below which the score is below the threshold.
	least float64
}

func newBound(f *fusion, thresholds *[labels]float64, lanes *lanes) *bound {
	b := new(bound)
	for label := range labels {
		w := &f.weights[label]
		o := &b[label]
		o.weights = w
		o.bias, o.model, o.formal, o.ownVoice = w[fBias], w[fModel], w[fModelFormal], w[fModelOwn]
		o.target, o.plain = w[fModelTarget], w[fModelPlain]
		for i, class := range modelCues {
			o.cues[class] = w[fModelCues+i]
		}
		size := math.Abs(o.model) + math.Abs(o.formal) + math.Abs(o.ownVoice) + math.Abs(o.target) + math.Abs(o.plain)
		for _, weight := range o.cues {
			size += math.Abs(weight)
		}
		o.models = w[fModels:][:lanes.count]
		for _, weight := range o.models {
			size += math.Abs(weight)
		}
		limit := limitOf(thresholds[label])
		if len(f.forests[label].trees) > 0 {
			limit = min(limit, treesFrom)
		}
		o.least = limitOf(min(thresholds[label], 1-1e-6)) - sumError
		o.limit = limit - size*logitError/modelScale - sumError
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
	var models [linear.MaxModels]float64
	for lane, raw := range s.raw[:j.lanes.count] {
		models[lane] = modelFeature(raw)
	}
	for label := range j.bound {
		b := &j.bound[label]
		switch {
		case math.IsInf(b.limit, -1), s.claimRaw != 0, s.rulesRaw[label] != 0:
			set |= 1 << label
		case s.excluded(label):
		case b.shared(s, &models)+b.own(s, j.lanes.label[label]) >= b.limit:
			set |= 1 << label
		}
	}
	return set
}

// shared is the sum of the features that labels share.
func (b *labelBound) shared(s *scratch, models *[linear.MaxModels]float64) float64 {
	sum := 0.0
	for _, place := range s.present {
		sum += b.weights[place] * s.vector[place]
	}
	for i, weight := range b.models[:min(len(b.models), len(models))] {
		sum += weight * models[i]
	}
	return sum
}

// own is the sum of the label's own features.
func (b *labelBound) own(s *scratch, lane int) float64 {
	v, model := &s.vector, noModel
	if lane >= 0 {
		model = modelFeature(s.raw[lane])
	}
	weight := b.model + b.formal*v[fFormal] + b.ownVoice*v[fOwn] + b.target*v[fTarget] + b.plain*v[fNumberPlain]
	for rest := s.document; rest != 0; rest &= rest - 1 {
		weight += b.cues[bits.TrailingZeros32(uint32(rest))]
	}
	return b.bias + model*weight
}
