package linear

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"sync"
)

// Example is one labelled text.
type Example struct {
	ID, Text string
	// Labels that the text has; none for a benign text.
	Labels []string
	// Language is the text's language code, empty where it is not known.
	Language string
	// Targets are the places where a contestant is named; nil leaves them to
	// Configuration.Mask.
	Targets []Span
}

// Corpus is a number of examples labelled by one policy.
type Corpus struct {
	Name string
	// Labels are the labels that were looked for: a text without one of them does
	// not have it.
	Labels   []string
	Examples []Example
	// Weight is how much an example counts; 0 means 1.
	Weight float64
}

// Train fits one model a label on the corpora that know the label. The same
// configuration and corpora give the same set, whatever the order of the
// examples' corpora or the number of processors.
func Train(cfg Configuration, corpora ...Corpus) (*Set, Report, error) {
	t, err := newTrainer(cfg, corpora)
	if err != nil {
		return nil, Report{}, err
	}
	fitted := t.fitAll()
	heads := t.fitHeads(fitted)
	for i := range fitted {
		f := &fitted[i]
		f.calibrate()
	}
	set := t.assemble(fitted, heads)
	report := t.report(fitted)
	t.keepHeldOut(&report, fitted)
	return set, report, nil
}

// trainer holds the texts of all corpora as rows.
type trainer struct {
	cfg      Configuration
	hasher   hasher
	models   []string
	examples []Example
	corpus   []int // of a row
	corpora  []Corpus
	folds    []int // of a row
	lengths  []int // word features of a row
	counts   *counts
}

func newTrainer(cfg Configuration, corpora []Corpus) (*trainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	t := &trainer{cfg: cfg, corpora: corpora, hasher: newHasher(cfg.WordBits, cfg.CharBits), models: cfg.Models}
	if len(t.models) == 0 {
		t.models = knownLabels(corpora, cfg.Heads)
	}
	if len(t.models) > MaxModels {
		return nil, fmt.Errorf("%d models: allowed: at most %d", len(t.models), MaxModels)
	}
	var texts []string
	var targets [][]Span
	mask := cfg.Mask
	if mask == nil {
		mask = MaskPolitics
	}
	for i, corpus := range corpora {
		for _, example := range corpus.Examples {
			if example.Targets == nil {
				example.Targets = mask(example.Text)
			}
			t.examples, t.corpus = append(t.examples, example), append(t.corpus, i)
			t.folds = append(t.folds, foldOf(example.Text, cfg))
			texts, targets = append(texts, example.Text), append(targets, example.Targets)
		}
	}
	for _, name := range t.models {
		rows, labels := t.rowsOf(name)
		if positives := countTrue(labels); positives < cfg.Folds || len(rows)-positives < cfg.Folds {
			return nil, fmt.Errorf("label %q: %d texts with it and %d without: at least %d of each are needed",
				name, positives, len(rows)-positives, cfg.Folds)
		}
	}
	t.counts, t.lengths = t.hasher.count(texts, targets)
	return t, nil
}

func (c *Configuration) check() error {
	switch {
	case c.WordBits < minBlockBits || c.WordBits > maxBlockBits:
		return fmt.Errorf("word_bits: %d: allowed: %d to %d", c.WordBits, minBlockBits, maxBlockBits)
	case c.CharBits < minBlockBits || c.CharBits > maxBlockBits:
		return fmt.Errorf("char_bits: %d: allowed: %d to %d", c.CharBits, minBlockBits, maxBlockBits)
	case c.Folds < 2:
		return fmt.Errorf("folds: %d: allowed: 2 or more", c.Folds)
	case !(c.Cost > 0):
		return fmt.Errorf("cost: %v: allowed: above 0", c.Cost)
	case !(c.PositiveWeight > 0):
		return fmt.Errorf("positive_weight: %v: allowed: above 0", c.PositiveWeight)
	case !(c.FalseFlagRate > 0 && c.FalseFlagRate < 1):
		return errors.New("false_flag_rate: allowed: between 0 and 1")
	}
	return nil
}

// knownLabels lists the labels of all corpora in the order of their mention,
// without the kinds of hate that no head reads: they are no product by
// themselves.
func knownLabels(corpora []Corpus, heads map[string][]string) []string {
	var read []string
	for _, inputs := range heads {
		read = append(read, inputs...)
	}
	var names []string
	for _, corpus := range corpora {
		for _, label := range corpus.Labels {
			kind := strings.HasPrefix(label, "hs_")
			if !slices.Contains(names, label) && (!kind || slices.Contains(read, label)) {
				names = append(names, label)
			}
		}
	}
	return names
}

// foldOf depends on the text alone, so that two copies of a text never stand on
// both sides of a split.
func foldOf(text string, cfg Configuration) int {
	digest := fnv.New64a()
	_, _ = fmt.Fprintf(digest, "%d %s", cfg.Seed, text)
	return int(digest.Sum64() >> 20 % uint64(cfg.Folds))
}

// rowsOf gives the rows that tell something of a label, and whether they have it.
func (t *trainer) rowsOf(name string) (rows []int, labels []bool) {
	for i, example := range t.examples {
		if slices.Contains(t.corpora[t.corpus[i]].Labels, name) {
			rows = append(rows, i)
			labels = append(labels, slices.Contains(example.Labels, name))
		}
	}
	return rows, labels
}

func countTrue(values []bool) (n int) {
	for _, v := range values {
		if v {
			n++
		}
	}
	return n
}

// fitted is one trained model and its scores for the texts that were held out.
type fitted struct {
	rows    []int
	labels  []bool
	weights []float64 // a bucket each, the bias last
	heldOut []float64 // a text each, also of texts that tell nothing of the label
	slope   float64
	shift   float64
}

// fitAll trains every model on all rows and on all rows but each fold.
func (t *trainer) fitAll() []fitted {
	result := make([]fitted, len(t.models))
	for i, name := range t.models {
		result[i].rows, result[i].labels = t.rowsOf(name)
		result[i].heldOut = make([]float64, len(t.examples))
	}
	for fold := range t.cfg.Folds {
		features := t.features(fold)
		t.eachModel(func(i int) {
			f := &result[i]
			weights := t.fit(features, f, fold)
			for row, of := range t.folds {
				if of == fold {
					f.heldOut[row] = features.score(weights, row)
				}
			}
		})
	}
	features := t.features(-1)
	t.eachModel(func(i int) {
		f := &result[i]
		f.weights = t.fit(features, f, -1)
	})
	return result
}

// calibrate fits slope and shift to the held-out scores of the rows.
func (f *fitted) calibrate() {
	scores := make([]float64, len(f.rows))
	for k, row := range f.rows {
		scores[k] = f.heldOut[row]
	}
	f.slope, f.shift = calibrate(scores, f.labels)
}

// probability is the calibrated held-out score of a row.
func (f *fitted) probability(row int) float64 {
	return 1 / (1 + math.Exp(-float64(f.slope*f.heldOut[row])-f.shift))
}

// fitHeads trains the heads on the held-out scores of their inputs, which are
// what the models say of texts that they have not learned. For the report each
// fold's head learns from the other folds; the heads' held-out scores take the
// place of their targets'.
func (t *trainer) fitHeads(models []fitted) []*head {
	var heads []*head
	held := make([][]float64, len(models))
	for target, name := range t.models {
		names, ok := t.cfg.Heads[name]
		inputs := t.indexes(names)
		if !ok || len(inputs) == 0 {
			continue
		}
		f := &models[target]
		all := t.headData(models, target, inputs, -1)
		heads = append(heads, fitHead(all, target, inputs, t.cfg.Seed))
		held[target] = make([]float64, len(t.examples))
		for fold := range t.cfg.Folds {
			h := fitHead(t.headData(models, target, inputs, fold), target, inputs, t.cfg.Seed)
			for _, row := range f.rows {
				if t.folds[row] == fold {
					var scores Scores
					for _, input := range inputs {
						scores[input] = float32(models[input].heldOut[row])
					}
					held[target][row] = float64(h.raw(&scores, lengthInput(t.lengths[row])))
				}
			}
		}
	}
	for target, scores := range held {
		if scores != nil {
			models[target].heldOut = scores
		}
	}
	return heads
}

// indexes gives the places of the named models that are trained.
func (t *trainer) indexes(names []string) []int {
	var indexes []int
	for _, name := range names {
		if i := slices.Index(t.models, name); i >= 0 {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// headData gathers the rows of a head's target outside a fold.
func (t *trainer) headData(models []fitted, target int, inputs []int, heldOut int) headData {
	var data headData
	f := &models[target]
	for k, row := range f.rows {
		if t.folds[row] == heldOut {
			continue
		}
		values := make([]float64, 0, len(inputs)+1)
		for _, input := range inputs {
			values = append(values, models[input].heldOut[row])
		}
		data.inputs = append(data.inputs, append(values, float64(lengthInput(t.lengths[row]))))
		sign, cost := -1.0, 1.0
		if f.labels[k] {
			sign = 1
		}
		if w := t.corpora[t.corpus[row]].Weight; w > 0 {
			cost = w
		}
		data.signs, data.costs = append(data.signs, sign), append(data.costs, cost)
	}
	return data
}

// features weighs the rows by the frequencies outside the held-out fold.
func (t *trainer) features(heldOut int) *matrix {
	var rows []int
	for i, fold := range t.folds {
		if fold != heldOut {
			rows = append(rows, i)
		}
	}
	return t.counts.weigh(t.counts.inverseFrequencies(rows), 1)
}

// eachModel runs work for every model, two at a time. The models do not depend
// on each other, so the result does not depend on the order.
func (t *trainer) eachModel(work func(i int)) {
	var wait sync.WaitGroup
	for part := range 2 {
		wait.Go(func() {
			for i := part; i < len(t.models); i += 2 {
				work(i)
			}
		})
	}
	wait.Wait()
}

// fit trains a logistic model on the rows outside a fold.
func (t *trainer) fit(features *matrix, f *fitted, heldOut int) []float64 {
	var rows []int
	var signs, costs []float64
	for k, row := range f.rows {
		if t.folds[row] == heldOut {
			continue
		}
		sign, cost := -1.0, t.cfg.Cost
		if f.labels[k] {
			sign, cost = 1, cost*t.cfg.PositiveWeight
		}
		if w := t.corpora[t.corpus[row]].Weight; w > 0 {
			cost *= w
		}
		rows, signs, costs = append(rows, row), append(signs, sign), append(costs, cost)
	}
	x := make([]float64, features.width+1)
	minimise(x, 80, func(x, gradient []float64) float64 {
		return features.loss(x, gradient, rows, signs, costs)
	})
	return x
}

// loss is the logistic loss with weight decay; the bias, x's last, hardly decays.
func (m *matrix) loss(x, gradient []float64, rows []int, signs, costs []float64) float64 {
	const biasDecay = 0.01
	bias := x[m.width]
	value := 0.5 * (dot(x, x) - float64((1-biasDecay)*bias*bias))
	copy(gradient, x)
	gradient[m.width] = biasDecay * bias
	for k, row := range rows {
		margin := signs[k] * m.score(x, row)
		value += float64(costs[k] * softplus(-margin))
		slope := -costs[k] * signs[k] / (1 + math.Exp(margin))
		buckets, values := m.row(row)
		for j, b := range buckets {
			gradient[b] += float64(slope * float64(values[j]))
		}
		gradient[m.width] += slope
	}
	return value
}

func (m *matrix) score(x []float64, row int) float64 {
	buckets, values := m.row(row)
	sum := x[m.width]
	for j, b := range buckets {
		sum += float64(x[b] * float64(values[j]))
	}
	return sum
}

func softplus(x float64) float64 {
	if x > 30 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// calibrate fits probability = sigmoid(slope*score + shift) to held-out scores
// by Newton's method (Platt 1999), with a slight pull towards slope 1.
func calibrate(scores []float64, labels []bool) (slope, shift float64) {
	slope = 1
	for range 50 {
		var g0, g1, h00, h01, h11 float64
		g0, h00 = slope-1, 1
		h11 = 1e-6
		for i, s := range scores {
			p := 1 / (1 + math.Exp(-float64(slope*s)-shift))
			y := 0.0
			if labels[i] {
				y = 1
			}
			v := p * (1 - p)
			g0 += float64((p - y) * s)
			g1 += p - y
			h00 += float64(v * float64(s*s))
			h01 += float64(v * s)
			h11 += v
		}
		determinant := float64(h00*h11) - float64(h01*h01)
		if determinant < 1e-12 {
			break
		}
		d0 := (float64(h11*g0) - float64(h01*g1)) / determinant
		d1 := (float64(h00*g1) - float64(h01*g0)) / determinant
		slope, shift = slope-d0, shift-d1
		if math.Abs(d0)+math.Abs(d1) < 1e-9 {
			break
		}
	}
	return slope, shift
}

// assemble quantises the weights into a set's tables.
func (t *trainer) assemble(models []fitted, heads []*head) *Set {
	var rows []int
	for i := range t.examples {
		rows = append(rows, i)
	}
	squares := t.counts.inverseFrequencies(rows)
	split := t.counts.wordBucket
	s := &Set{
		hasher: t.hasher, heads: heads,
		words: newTable(squares[:split], len(models)), chars: newTable(squares[split:], len(models)),
	}
	for i, f := range models {
		m := model{
			info: Info{Name: t.models[i], Thresholds: t.thresholds(&models[i])},
			bias: float32(f.weights[t.counts.width]), slope: float32(f.slope), shift: float32(f.shift),
		}
		var bytes []uint8
		bytes, m.wordScale = quantise(f.weights[:split], squares[:split])
		s.words.put(i, bytes)
		bytes, m.charScale = quantise(f.weights[split:t.counts.width], squares[split:])
		s.chars.put(i, bytes)
		s.models = append(s.models, m)
	}
	return s
}

// quantise multiplies weights by their inverse frequency and rounds them to a
// byte around 128; times scale they are the weights again.
func quantise(weights []float64, squares []uint8) (bytes []uint8, scale float32) {
	products := make([]float64, len(weights))
	largest := 1e-9
	for b, w := range weights {
		products[b] = w * math.Sqrt(float64(squares[b])/idfScale)
		largest = max(largest, math.Abs(products[b]))
	}
	bytes = make([]uint8, len(weights))
	step := largest / 127
	for b, v := range products {
		bytes[b] = uint8(128 + math.Round(v/step))
	}
	return bytes, float32(step)
}

// thresholds finds the operating points on the held-out scores.
func (t *trainer) thresholds(f *fitted) Thresholds {
	type scored struct {
		p      float64
		label  bool
		benign bool
	}
	var all []scored
	benign := 0
	for k, row := range f.rows {
		s := scored{f.probability(row), f.labels[k], len(t.examples[row].Labels) == 0}
		if s.benign {
			benign++
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.p, a.p) })
	allowed := int(t.cfg.FalseFlagRate * float64(benign))
	var c confusion
	c.falseNegatives = countTrue(f.labels)
	c.trueNegatives = len(all) - c.falseNegatives
	result := Thresholds{Balanced: 0.5, Precise: 1}
	best, flagged := 0.0, 0
	for i, s := range all {
		c.raise(s.label)
		if s.benign {
			flagged++
		}
		next := 0.0
		if i+1 < len(all) {
			next = all[i+1].p
		}
		if next == s.p {
			continue
		}
		between := float32((s.p + next) / 2)
		if f1 := c.macroF1(); f1 > best {
			best, result.Balanced = f1, between
		}
		if flagged <= allowed {
			result.Precise = between
		}
	}
	return result
}
