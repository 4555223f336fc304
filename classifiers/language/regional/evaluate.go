package regional

import (
	"maps"
	"slices"
)

// Evaluation counts, by true language, what was answered.
type Evaluation struct {
	// Confusion[true][answered] is a number of texts.
	Confusion map[string]map[string]int
}

// Evaluate asks identify for the language of every sample.
func Evaluate(samples []Sample, identify func(text string) string) Evaluation {
	e := Evaluation{Confusion: map[string]map[string]int{}}
	for _, sample := range samples {
		row := e.Confusion[sample.Language]
		if row == nil {
			row = map[string]int{}
			e.Confusion[sample.Language] = row
		}
		row[identify(sample.Text)]++
	}
	return e
}

// Languages are the true languages, sorted.
func (e Evaluation) Languages() []string {
	return slices.Sorted(maps.Keys(e.Confusion))
}

// Measure is the precision, recall and F1 of one language.
type Measure struct {
	Precision, Recall, F1 float64
	Support               int
}

// Of measures one language.
func (e Evaluation) Of(code string) Measure {
	right := e.Confusion[code][code]
	m := Measure{}
	answered := 0
	for _, row := range e.Confusion {
		answered += row[code]
	}
	for _, count := range e.Confusion[code] {
		m.Support += count
	}
	if answered > 0 {
		m.Precision = float64(right) / float64(answered)
	}
	if m.Support > 0 {
		m.Recall = float64(right) / float64(m.Support)
	}
	if right > 0 {
		m.F1 = 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
	}
	return m
}

// MacroF1 is the mean F1 of the true languages.
func (e Evaluation) MacroF1() float64 {
	sum := 0.0
	for code := range e.Confusion {
		sum += e.Of(code).F1
	}
	return sum / float64(max(len(e.Confusion), 1))
}
