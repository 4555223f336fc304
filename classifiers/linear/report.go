package linear

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Report says how well each model did on texts that were held out of training.
type Report struct {
	Corpora []CorpusReport `json:"corpora"`
	Models  []ModelReport  `json:"models"`

	starts  []int       // the first row of each corpus
	heldOut [][]float32 // by row: log-odds of each model
}

// CorpusReport is the size of one corpus.
type CorpusReport struct {
	Name     string   `json:"name"`
	Examples int      `json:"examples"`
	Benign   int      `json:"benign"`
	Labels   []string `json:"labels"`
}

// ModelReport is one model's figures over all held-out parts.
type ModelReport struct {
	Name     string      `json:"name"`
	Examples int         `json:"examples"`
	Support  int         `json:"support"`
	Balanced PointReport `json:"balanced"`
	Precise  PointReport `json:"precise"`
}

// PointReport is one operating point.
type PointReport struct {
	Threshold float32 `json:"threshold"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	MacroF1   float64 `json:"macro_f1"`
	// FalseFlags is the share of benign texts above the threshold.
	FalseFlags float64 `json:"false_flags"`
}

func (t *trainer) report(models []fitted) Report {
	var r Report
	for _, corpus := range t.corpora {
		c := CorpusReport{Name: corpus.Name, Examples: len(corpus.Examples), Labels: corpus.Labels}
		for _, example := range corpus.Examples {
			if len(example.Labels) == 0 {
				c.Benign++
			}
		}
		r.Corpora = append(r.Corpora, c)
	}
	for i := range models {
		f := &models[i]
		thresholds := t.thresholds(f)
		r.Models = append(r.Models, ModelReport{
			Name: t.models[i], Examples: len(f.rows), Support: countTrue(f.labels),
			Balanced: t.point(f, thresholds.Balanced), Precise: t.point(f, thresholds.Precise),
		})
	}
	return r
}

func (t *trainer) point(f *fitted, threshold float32) PointReport {
	var c confusion
	benign, flagged := 0, 0
	for k, row := range f.rows {
		p := float32(f.probability(row))
		c.count(p >= threshold, f.labels[k])
		if len(t.examples[row].Labels) == 0 {
			benign++
			if p >= threshold {
				flagged++
			}
		}
	}
	return PointReport{
		Threshold: threshold, Precision: c.precision(), Recall: c.recall(), F1: c.f1(), MacroF1: c.macroF1(),
		FalseFlags: ratio(flagged, benign),
	}
}

// String is the report as a table for people.
func (r Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "corpus\ttexts\tbenign\tlabels")
	for _, c := range r.Corpora {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", c.Name, c.Examples, c.Benign, strings.Join(c.Labels, ", "))
	}
	_, _ = fmt.Fprintln(w, "\nmodel\tsupport\tpoint\tthreshold\tprecision\trecall\tF1\tmacro F1\tfalse flags")
	for _, m := range r.Models {
		for _, point := range []struct {
			name string
			PointReport
		}{{"balanced", m.Balanced}, {"precise", m.Precise}} {
			_, _ = fmt.Fprintf(w, "%s\t%d\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.4f\n", m.Name, m.Support, point.name,
				point.Threshold, point.Precision, point.Recall, point.F1, point.MacroF1, point.FalseFlags)
		}
	}
	_ = w.Flush()
	return b.String()
}

// confusion counts the four outcomes of a yes-or-no decision.
type confusion struct {
	truePositives, falsePositives, falseNegatives, trueNegatives int
}

func (c *confusion) count(said, is bool) {
	switch {
	case said && is:
		c.truePositives++
	case said:
		c.falsePositives++
	case is:
		c.falseNegatives++
	default:
		c.trueNegatives++
	}
}

// raise turns one text that was below the threshold into one above it.
func (c *confusion) raise(is bool) {
	if is {
		c.truePositives++
		c.falseNegatives--
	} else {
		c.falsePositives++
		c.trueNegatives--
	}
}

func (c *confusion) precision() float64 {
	return ratio(c.truePositives, c.truePositives+c.falsePositives)
}
func (c *confusion) recall() float64 { return ratio(c.truePositives, c.truePositives+c.falseNegatives) }
func (c *confusion) f1() float64 {
	return ratio(2*c.truePositives, 2*c.truePositives+c.falsePositives+c.falseNegatives)
}

// macroF1 is the mean of the F1 of having the label and of not having it.
func (c *confusion) macroF1() float64 {
	return (c.f1() + ratio(2*c.trueNegatives, 2*c.trueNegatives+c.falsePositives+c.falseNegatives)) / 2
}

// ratio is a/b, 0 where b is 0.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
