package backtest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Report is what a back-test found. It depends on nothing but the state and the
// rulings.
type Report struct {
	Plan Plan `json:"plan"`
	// Records were read, of which Unreadable were dead letters; Missed had been
	// removed by retention before they were read. Posts are counted as the
	// workers count them.
	Records    int64 `json:"records"`
	Unreadable int64 `json:"unreadable"`
	Missed     int64 `json:"missed"`
	Posts      int64 `json:"posts"`
	// Published and Draft are what each version flags.
	Published Side `json:"published"`
	Draft     Side `json:"draft"`
	// Added and Dropped count the posts that only the draft flags, and only the
	// version in force.
	Added   int `json:"added"`
	Dropped int `json:"dropped"`
	// LostConfirmed are posts that analysts confirmed and the draft does not
	// flag, BroughtBack posts that they dismissed and only the draft flags.
	LostConfirmed []Finding `json:"lost_confirmed"`
	BroughtBack   []Finding `json:"brought_back"`
	// SavedDismissed counts the posts that they dismissed and the draft no longer
	// flags.
	SavedDismissed int `json:"saved_dismissed"`
	// Days is the time from the first record to the last, and ExtraADay how many
	// more posts a day would wait for review; less than a day counts as one.
	Days      float64    `json:"days"`
	ExtraADay float64    `json:"extra_a_day"`
	Labels    []LabelRow `json:"labels"`
	Rules     []RuleRow  `json:"rules"`
	// AddedSamples and DroppedSamples are up to Samples posts to read, chosen by
	// the digest of their ids: the same every time, and of every kind.
	AddedSamples   []Finding `json:"added_samples"`
	DroppedSamples []Finding `json:"dropped_samples"`
}

// Samples bounds the samples of each kind, and MostNamed the posts of each list
// in the report that is not samples; the counts are exact.
const (
	Samples   = 50
	MostNamed = 1000
)

// Side is one of the two versions.
type Side struct {
	Flagged   int       `json:"flagged"`
	Precision Precision `json:"precision"`
}

// LabelRow is one label under both versions.
type LabelRow struct {
	Label     post.Label `json:"label"`
	Published int        `json:"published"`
	Draft     int        `json:"draft"`
	Added     int        `json:"added"`
	Dropped   int        `json:"dropped"`
	Precision Precision  `json:"precision"`
}

// RuleRow is one rule under both versions; Precision is that of the posts where
// the draft's rule is among the reasons.
type RuleRow struct {
	Rule      string    `json:"rule"`
	Published int       `json:"published"`
	Draft     int       `json:"draft"`
	Precision Precision `json:"precision"`
}

// ReportOf makes the report of a state that is done. Rulings are the analysts'
// decisions by post.
func ReportOf(state State, rulings map[string]review.Verdict) Report {
	r := Report{Plan: state.Plan, Days: state.days()}
	findings := map[string]*Finding{}
	for _, p := range state.Partitions {
		r.Records += p.Records
		r.Unreadable += p.Unreadable
		r.Posts += p.Posts
		r.Missed += p.Next - p.Range.First - p.Records
		maps.Copy(findings, p.Found)
	}
	c := counter{report: &r, labels: map[post.Label]*LabelRow{}, rules: map[string]*RuleRow{}}
	for _, id := range slices.Sorted(maps.Keys(findings)) {
		c.count(findings[id], rulings[id])
	}
	c.finish()
	return r
}

// days is the time from the oldest record to the newest.
func (s State) days() float64 {
	var oldest, newest time.Time
	for _, p := range s.Partitions {
		if p.Records == 0 {
			continue
		}
		if oldest.IsZero() || p.Oldest.Before(oldest) {
			oldest = p.Oldest
		}
		if p.Newest.After(newest) {
			newest = p.Newest
		}
	}
	return newest.Sub(oldest).Hours() / 24
}

// IDs lists the posts that one of the versions flags.
func (s State) IDs() []string {
	var ids []string
	for _, p := range s.Partitions {
		ids = slices.AppendSeq(ids, maps.Keys(p.Found))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

type counter struct {
	report         *Report
	labels         map[post.Label]*LabelRow
	rules          map[string]*RuleRow
	added, dropped []*Finding
}

func (c *counter) count(f *Finding, ruling review.Verdict) {
	r := c.report
	if f.Published != nil {
		r.Published.Flagged++
		r.Published.Precision.add(ruling)
	}
	if f.Draft != nil {
		r.Draft.Flagged++
		r.Draft.Precision.add(ruling)
	}
	switch {
	case f.Published == nil:
		r.Added++
		c.added = append(c.added, f)
		if ruling == review.NoViolation {
			r.BroughtBack = append(r.BroughtBack, *f)
		}
	case f.Draft == nil:
		r.Dropped++
		c.dropped = append(c.dropped, f)
		switch ruling {
		case review.Violation:
			r.LostConfirmed = append(r.LostConfirmed, *f)
		case review.NoViolation:
			r.SavedDismissed++
		}
	}
	c.countLabels(f, ruling)
	c.countRules(f, ruling)
}

func (c *counter) countLabels(f *Finding, ruling review.Verdict) {
	for _, label := range post.Labels {
		was, is := f.Published.has(label), f.Draft.has(label)
		if !was && !is {
			continue
		}
		row := c.labels[label]
		if row == nil {
			row = &LabelRow{Label: label}
			c.labels[label] = row
		}
		row.Published += one(was)
		row.Draft += one(is)
		row.Added += one(is && !was)
		row.Dropped += one(was && !is)
		if is {
			row.Precision.add(ruling)
		}
	}
}

func (c *counter) countRules(f *Finding, ruling review.Verdict) {
	row := func(rule string) *RuleRow {
		if c.rules[rule] == nil {
			c.rules[rule] = &RuleRow{Rule: rule}
		}
		return c.rules[rule]
	}
	if f.Published != nil {
		for _, rule := range f.Published.Rules {
			row(rule).Published++
		}
	}
	if f.Draft != nil {
		for _, rule := range f.Draft.Rules {
			row(rule).Draft++
			row(rule).Precision.add(ruling)
		}
	}
}

func (c *counter) finish() {
	r := c.report
	r.ExtraADay = float64(r.Draft.Flagged-r.Published.Flagged) / max(r.Days, 1)
	for _, label := range post.Labels {
		if row := c.labels[label]; row != nil {
			row.Precision.finish()
			r.Labels = append(r.Labels, *row)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(c.rules)) {
		row := c.rules[rule]
		row.Precision.finish()
		r.Rules = append(r.Rules, *row)
	}
	r.Published.Precision.finish()
	r.Draft.Precision.finish()
	r.AddedSamples, r.DroppedSamples = samples(c.added), samples(c.dropped)
	r.LostConfirmed = r.LostConfirmed[:min(len(r.LostConfirmed), MostNamed)]
	r.BroughtBack = r.BroughtBack[:min(len(r.BroughtBack), MostNamed)]
}

func samples(findings []*Finding) []Finding {
	type ranked struct {
		rank    string
		finding *Finding
	}
	all := make([]ranked, len(findings))
	for i, f := range findings {
		sum := sha256.Sum256([]byte(f.ID))
		all[i] = ranked{hex.EncodeToString(sum[:8]), f}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.finding.ID, b.finding.ID))
	})
	chosen := make([]Finding, 0, min(len(all), Samples))
	for _, s := range all[:min(len(all), Samples)] {
		chosen = append(chosen, *s.finding)
	}
	return chosen
}

func (o *Outcome) has(label post.Label) bool { return o != nil && slices.Contains(o.Labels, label) }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
