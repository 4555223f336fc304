package language

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"github.com/netra-id/netra/classifiers/language/regional"
)

// Train fits the regional model to the training data in the folder
// (`../shared/data`), and writes its weights to w. The same data give the same
// bytes. The shipped weights are those of
// classifiers/language/regional/model.bin.gz.
func Train(folder string, w io.Writer) error {
	samples, err := regional.ReadSamples(folder)
	if err != nil {
		return err
	}
	model, err := regional.Train(samples, regional.DefaultTrainingOptions())
	if err != nil {
		return err
	}
	return model.Write(w)
}

// HeldOutResult is how texts of one source, which the model has not seen, were
// identified.
type HeldOutResult struct {
	Source string
	// FirstWords is how many words of each text were given, 0 all. Texts that are
	// not longer are left out.
	FirstWords int
	regional.Evaluation
}

// heldOutParts is one over the share of the samples that is held out.
const heldOutParts = 5

// HeldOut fits a model to four fifths of the training data and evaluates the
// whole identification, lingua and all, on the last fifth: on whole texts and on
// the first words of them, source by source.
func HeldOut(folder string, options regional.TrainingOptions, firstWords ...int) ([]HeldOutResult, error) {
	samples, err := regional.ReadSamples(folder)
	if err != nil {
		return nil, err
	}
	training, held, sources := split(samples, options.Seed)
	model, err := regional.Train(training, options)
	if err != nil {
		return nil, err
	}
	plain, err := New(Configuration{Languages: DefaultConfiguration().Languages})
	if err != nil {
		return nil, err
	}
	identifier := plain.withModel(model)
	identify := func(text string) string { return identifier.Identify(text).Code }
	var results []HeldOutResult
	for _, source := range sources {
		for _, count := range append([]int{0}, firstWords...) {
			evaluation := regional.Evaluate(shorten(held[source], count), identify)
			results = append(results, HeldOutResult{Source: source, FirstWords: count, Evaluation: evaluation})
		}
	}
	return results, nil
}

// split holds a fifth out, by source; what was written for this project is for
// training only.
func split(samples []regional.Sample, seed uint64) (training []regional.Sample, held map[string][]regional.Sample, sources []string) {
	held = map[string][]regional.Sample{}
	for _, sample := range samples {
		if sample.Written || !isHeldOut(sample.Text, seed) {
			training = append(training, sample)
			continue
		}
		if len(held[sample.Source]) == 0 {
			sources = append(sources, sample.Source)
		}
		held[sample.Source] = append(held[sample.Source], sample)
	}
	return training, held, sources
}

// isHeldOut depends on the text alone, so that other samples do not move it.
func isHeldOut(text string, seed uint64) bool {
	hash := fnv.New64a()
	_, _ = hash.Write(binary.LittleEndian.AppendUint64([]byte(text), seed))
	return hash.Sum64()>>32%heldOutParts == 0
}

// shorten cuts samples to their first words, without what stands for user names
// and addresses, and leaves out those that are not longer.
func shorten(samples []regional.Sample, count int) []regional.Sample {
	if count == 0 {
		return samples
	}
	var short []regional.Sample
	for _, sample := range samples {
		var words []string
		for _, word := range strings.Fields(sample.Text) {
			switch strings.TrimSuffix(word, ":") {
			case "USER", "URL", "RT", "username":
			default:
				words = append(words, word)
			}
		}
		if len(words) > count {
			sample.Text = strings.Join(words[:count], " ")
			short = append(short, sample)
		}
	}
	return short
}

// String is one line: the source, the macro F1, and the recall of each language.
func (r HeldOutResult) String() string {
	var line strings.Builder
	words := "whole"
	if r.FirstWords > 0 {
		words = fmt.Sprintf("%d words", r.FirstWords)
	}
	fmt.Fprintf(&line, "%-12s %-8s macro F1 %.4f  recall", r.Source, words, r.MacroF1())
	for _, code := range r.Languages() {
		fmt.Fprintf(&line, " %s %.3f", code, r.Of(code).Recall)
	}
	return line.String()
}
