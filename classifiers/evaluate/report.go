package evaluate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/netra-id/netra/pipeline/post"
)

// Report is what an evaluation found.
type Report struct {
	File string `json:"file"`
	// Posts is the number of posts, Labelled how many of them had labels, Flagged
	// how many the classifier flagged.
	Posts    int `json:"posts"`
	Labelled int `json:"labelled"`
	Flagged  int `json:"flagged"`
	// Labels holds the figures of each measured label.
	Labels []LabelFigures `json:"labels"`
	// MacroF1 is the mean F1 of the labels that some post has.
	MacroF1 float64 `json:"macro_f1"`
	// Micro is over all decisions of all labels.
	Micro Figures `json:"micro"`
	// Benign is over the posts labelled none.
	Benign    Benign        `json:"none"`
	Languages *Languages    `json:"languages,omitempty"`
	Errors    []Error       `json:"errors"`
	Versions  post.Versions `json:"versions"`
}

// Count holds the outcomes of a decision but the true negatives.
type Count struct {
	TruePositives  int `json:"true_positives"`
	FalsePositives int `json:"false_positives"`
	FalseNegatives int `json:"false_negatives"`
}

// Figures are the shares that follow from a Count. A share of nothing is 0.
type Figures struct {
	Count
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	// Support is how many have it.
	Support int `json:"support"`
}

// Figures gives precision, recall and F1.
func (c Count) Figures() Figures {
	return Figures{
		Count:     c,
		Precision: ratio(c.TruePositives, c.TruePositives+c.FalsePositives),
		Recall:    ratio(c.TruePositives, c.TruePositives+c.FalseNegatives),
		F1:        ratio(2*c.TruePositives, 2*c.TruePositives+c.FalsePositives+c.FalseNegatives),
		Support:   c.TruePositives + c.FalseNegatives,
	}
}

// LabelFigures are the figures of one label.
type LabelFigures struct {
	Label post.Label `json:"label"`
	Figures
}

// Benign says how many of the posts labelled none were flagged.
type Benign struct {
	Posts         int     `json:"posts"`
	Flagged       int     `json:"flagged"`
	FalseFlagRate float64 `json:"false_flag_rate"`
}

// Languages says how well the languages were told apart.
type Languages struct {
	Posts    int     `json:"posts"`
	Correct  int     `json:"correct"`
	Accuracy float64 `json:"accuracy"`
	// MacroF1 is the mean F1 of the languages that some post has.
	MacroF1 float64           `json:"macro_f1"`
	Each    []LanguageFigures `json:"each"`
	// Confusion counts posts by expected and then by given language.
	Confusion map[string]map[string]int `json:"confusion"`
}

// LanguageFigures are the figures of one language.
type LanguageFigures struct {
	Language string `json:"lang"`
	Figures
}

// Error is one post that the classifier got wrong.
type Error struct {
	ID   string `json:"id"`
	Line int    `json:"line"`
	Text string `json:"text"`
	// Expected and Got are the measured labels; Expected is null where the post is
	// not labelled.
	Expected []post.Label `json:"expected"`
	Got      []post.Label `json:"got"`
	// Missing and Extra are where they differ.
	Missing []post.Label `json:"missing,omitempty"`
	Extra   []post.Label `json:"extra,omitempty"`
	// Reasons are the classifier's, for the labels in Extra.
	Reasons  []LabelReasons `json:"reasons,omitempty"`
	Language *LanguageError `json:"language,omitempty"`
}

// LabelReasons is one label of a verdict with its reasons.
type LabelReasons post.LabelScore

// LanguageError is a language that was taken for another.
type LanguageError struct {
	Expected string `json:"expected"`
	Got      string `json:"got"`
}

func (e *Error) isError() bool { return len(e.Missing)+len(e.Extra) > 0 || e.Language != nil }

func (c *counter) report() Report {
	r := Report{
		Posts: c.posts, Labelled: c.labelled, Flagged: c.flagged,
		Labels: []LabelFigures{}, Benign: c.benign, Errors: c.errors,
	}
	if r.Errors == nil {
		r.Errors = []Error{}
	}
	r.Benign.FalseFlagRate = ratio(r.Benign.Flagged, r.Benign.Posts)
	var total Count
	var f1s []float64
	for _, label := range c.only {
		count := *c.labels[label]
		figures := count.Figures()
		r.Labels = append(r.Labels, LabelFigures{Label: label, Figures: figures})
		total.TruePositives += count.TruePositives
		total.FalsePositives += count.FalsePositives
		total.FalseNegatives += count.FalseNegatives
		if figures.Support > 0 {
			f1s = append(f1s, figures.F1)
		}
	}
	r.MacroF1, r.Micro = mean(f1s), total.Figures()
	r.Languages = c.languages()
	return r
}

func (c *counter) languages() *Languages {
	if len(c.language) == 0 {
		return nil
	}
	counts := map[string]*Count{}
	of := func(code string) *Count {
		if counts[code] == nil {
			counts[code] = &Count{}
		}
		return counts[code]
	}
	l := &Languages{Confusion: c.language}
	for expected, row := range c.language {
		for got, n := range row {
			l.Posts += n
			if expected == got {
				l.Correct += n
				of(expected).TruePositives += n
			} else {
				of(expected).FalseNegatives += n
				of(got).FalsePositives += n
			}
		}
	}
	var f1s []float64
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		figures := counts[code].Figures()
		l.Each = append(l.Each, LanguageFigures{Language: code, Figures: figures})
		if figures.Support > 0 {
			f1s = append(f1s, figures.F1)
		}
	}
	slices.SortStableFunc(l.Each, func(a, b LanguageFigures) int { return cmp.Compare(b.Support, a.Support) })
	l.Accuracy, l.MacroF1 = ratio(l.Correct, l.Posts), mean(f1s)
	return l
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if len(values) == 0 {
		return 0
	}
	return sum / float64(len(values))
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
