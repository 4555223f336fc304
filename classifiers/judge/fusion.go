package judge

import (
	_ "embed"
	"fmt"
	"math"

	"github.com/go-json-experiment/json"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// fusion holds one logistic regression a label over the features of a post: how
// rules, models, claims and the speech act count together, and trees that correct
// it where one of them counts otherwise beside another. The scores are
// calibrated: of posts with a score of 0.8, about eight in ten have the label.
type fusion struct {
	weights    [labels]vector
	forests    [labels]forest
	thresholds [labels]float64
	rules      map[string]bool // by source
	// known are the rules of the lists in use that it was fitted with.
	known map[*keyword.Rule]bool
}

// FusionFile is the fusion as it is kept: weights by label and by the name of
// the feature, so that they can be read and compared.
type FusionFile struct {
	// Models is the version of the linear models that it was fitted with.
	Models  string                            `json:"models"`
	Weights map[post.Label]map[string]float64 `json:"weights"`
	// Trees correct the sums of the weights, as tree says.
	Trees map[post.Label][]string `json:"trees,omitempty"`
	// Thresholds are the scores from which a label flags.
	Thresholds map[post.Label]float64 `json:"thresholds"`
	// Rules are the rules with which it was fitted. What another rule is worth
	// it cannot know, so that one counts for what its author says.
	Rules []string `json:"rules"`
}

//go:embed fusion.json
var fusionJSON []byte

// DefaultFusion is the fusion that is shipped with the models.
func DefaultFusion() (FusionFile, error) {
	var file FusionFile
	if err := json.Unmarshal(fusionJSON, &file, json.RejectUnknownMembers(true)); err != nil {
		return file, fmt.Errorf("shipped fusion: %w", err)
	}
	return file, nil
}

// newFusion reads a file for a set of models.
func newFusion(file FusionFile, models *linear.Set) (*fusion, error) {
	index := map[string]int{}
	for i, name := range featureNames(models.Models()) {
		index[name] = i
	}
	f := &fusion{rules: map[string]bool{}}
	for _, source := range file.Rules {
		f.rules[source] = true
	}
	for i, label := range post.Labels {
		weights, ok := file.Weights[label]
		if !ok {
			return nil, fmt.Errorf("fusion: no weights for the label %s", label)
		}
		for name, value := range weights {
			at, ok := index[name]
			if !ok {
				return nil, fmt.Errorf("fusion: label %s: feature %q is not known", label, name)
			}
			f.weights[i][at] = value
		}
		var trees []tree
		for _, source := range file.Trees[label] {
			t, err := parseTree(source, index)
			if err != nil {
				return nil, fmt.Errorf("fusion: label %s: %w", label, err)
			}
			trees = append(trees, t)
		}
		f.forests[i] = newForest(trees)
		f.thresholds[i] = file.Thresholds[label]
		if f.thresholds[i] <= 0 || f.thresholds[i] >= 1 {
			return nil, fmt.Errorf("fusion: label %s: threshold %v; allowed: between 0 and 1", label, f.thresholds[i])
		}
	}
	return f, nil
}

// recognise finds the rules of the lists in use that the fusion knows.
func (f *fusion) recognise(lists *keyword.Set) {
	f.known = map[*keyword.Rule]bool{}
	for _, rule := range lists.Rules() {
		f.known[rule] = f.rules[rule.Source()]
	}
}

// score is the score of a label for its features; shared are the places of those
// that all labels share and that are not zero. A score whose log-odds are surely
// below least is 0.
func (f *fusion) score(label int, v *vector, shared []int, least float64) float64 {
	weights, sum := &f.weights[label], 0.0
	for place, value := range v[:ownFeatures] {
		if value != 0 { // most are: a post has few cues
			sum += weights[place] * value
		}
	}
	for _, place := range shared {
		sum += weights[place] * v[place]
	}
	correction, ok := f.forests[label].correction(least, sum, v)
	if !ok {
		return 0
	}
	return bounded(sigmoid(sum+correction), v)
}

// ownWeight is the least weight of an operator's own rule that flags by itself.
const ownWeight = 0.5

// foreign is the score of rules that the fusion does not know, for their weight:
// ownWeight reaches the threshold, and what weighs more is as much surer.
func (f *fusion) foreign(label int, weight float64) float64 {
	threshold := f.thresholds[label]
	if weight < ownWeight {
		return weight * threshold / ownWeight
	}
	return threshold + (weight-ownWeight)*(1-threshold)/(1-ownWeight)
}

// sumError is more than two ways of adding up the same numbers can differ by.
const sumError = 1e-6

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// bounded weakens a score where all that rules found is denied, forbidden or
// recited ("ASN dilarang mengajak coblos nomor 2"): the models alone do not flag
// what the author denies.
func bounded(score float64, v *vector) float64 {
	if v[fDenied] == 1 {
		return score * deniedFactor
	}
	return score
}

const deniedFactor = 0.4

// Untrained is a fusion that flags nothing: what a judge has that only reads
// posts for the fit.
func Untrained() FusionFile {
	file := FusionFile{Weights: map[post.Label]map[string]float64{}, Thresholds: map[post.Label]float64{}}
	for _, label := range post.Labels {
		file.Weights[label] = map[string]float64{ownNames[fBias]: -20}
		file.Thresholds[label] = 0.5
	}
	return file
}
