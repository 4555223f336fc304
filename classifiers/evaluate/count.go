package evaluate

import (
	"slices"

	"github.com/netra-id/netra/pipeline/post"
)

// counter adds up what a classifier said of labelled posts.
type counter struct {
	only     []post.Label
	labels   map[post.Label]*Count
	labelled int
	benign   Benign
	flagged  int
	posts    int
	language map[string]map[string]int // expected, then given
	errors   []Error
}

func newCounter(options Options) *counter {
	c := &counter{only: options.Only, labels: map[post.Label]*Count{}, language: map[string]map[string]int{}}
	if len(c.only) == 0 {
		c.only = post.Labels
	}
	for _, label := range c.only {
		c.labels[label] = &Count{}
	}
	return c
}

func (c *counter) add(e Example, v post.Verdict) {
	c.posts++
	got := c.given(v)
	if len(got) > 0 {
		c.flagged++
	}
	problem := Error{ID: e.ID, Line: e.Line, Text: e.Text, Got: got}
	if !e.Unlabelled {
		c.addLabels(e, got, &problem)
	}
	if e.Language != "" {
		c.addLanguage(e.Language, canonicalLanguage(v.Language.Code), &problem)
	}
	if problem.isError() {
		problem.Reasons = reasonsOf(v, problem.Extra)
		c.errors = append(c.errors, problem)
	}
}

// given lists the measured labels of a verdict, each once, in the labels' order.
func (c *counter) given(v post.Verdict) []post.Label {
	labels := []post.Label{}
	for _, label := range c.only {
		if slices.ContainsFunc(v.Labels, func(s post.LabelScore) bool { return s.Label == label }) {
			labels = append(labels, label)
		}
	}
	return labels
}

func (c *counter) addLabels(e Example, got []post.Label, problem *Error) {
	c.labelled++
	problem.Expected = []post.Label{}
	for _, label := range c.only {
		expected, given := slices.Contains(e.Labels, label), slices.Contains(got, label)
		count := c.labels[label]
		switch {
		case expected && given:
			count.TruePositives++
		case expected:
			count.FalseNegatives++
			problem.Missing = append(problem.Missing, label)
		case given:
			count.FalsePositives++
			problem.Extra = append(problem.Extra, label)
		}
		if expected {
			problem.Expected = append(problem.Expected, label)
		}
	}
	if len(e.Labels) > 0 {
		return
	}
	c.benign.Posts++
	if len(got) > 0 {
		c.benign.Flagged++
	}
}

func (c *counter) addLanguage(expected, got string, problem *Error) {
	if c.language[expected] == nil {
		c.language[expected] = map[string]int{}
	}
	c.language[expected][got]++
	if expected != got {
		problem.Language = &LanguageError{Expected: expected, Got: got}
	}
}

func reasonsOf(v post.Verdict, labels []post.Label) []LabelReasons {
	var reasons []LabelReasons
	for _, score := range v.Labels {
		if slices.Contains(labels, score.Label) {
			reasons = append(reasons, LabelReasons(score))
		}
	}
	return reasons
}
