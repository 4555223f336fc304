// Package learn fits the linear models, and how they count together with the
// rules, on what analysts decided: confirmed and dismissed flags, together with
// the labelled posts that Netra comes with, so that labels on which nobody has
// decided stay what they are. The last decisions are held out, and what the
// models say of them is measured before and after.
//
// The train command calls it. It stores nothing: the files that it makes go into
// a draft of the lists, which is checked, back-tested and published like any
// other.
package learn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

// Decision is an analyst's last word on a post.
type Decision struct {
	Post   post.Post
	Region string
	// Labels are those that the post was flagged for, Label the one that the
	// decision is about; empty for all of them.
	Labels    []post.Label
	Label     post.Label
	Confirmed bool
	At        time.Time
}

// Configuration says what is asked of the decisions.
type Configuration struct {
	// Least is how many confirmed and how many dismissed flags a label must have to
	// be learned from decisions.
	Least int
	// HeldOut is the share of the decisions, the last ones, that is measured on.
	HeldOut float64
	// MostElections bounds for how many different sets of elections a classifier
	// is compiled; the posts of others are read with all elections.
	MostElections int
}

// DefaultConfiguration holds out the last fifth.
func DefaultConfiguration() Configuration {
	return Configuration{Least: 20, HeldOut: 0.2, MostElections: 32}
}

// ErrTooFew says that no label has enough decisions.
var ErrTooFew = errors.New("too few decisions to learn from")

// Outcome is what was learned.
type Outcome struct {
	// Weights and Fusion are the contents of tuning.WeightsFile and FusionFile.
	Weights, Fusion []byte
	// Bundle is the bundle that was begun with, with these files.
	Bundle tuning.Bundle
	Report Report
}

// Report says what the models were learned from, and how they do.
type Report struct {
	// Decisions counts those that could be learned from, of which Learned were, and
	// HeldOut were measured on, those from HeldOutFrom on. Repeats would have been
	// measured on, but their texts are among those learned from.
	Decisions   int       `json:"decisions"`
	Learned     int       `json:"learned"`
	HeldOut     int       `json:"held_out"`
	Repeats     int       `json:"repeats"`
	HeldOutFrom time.Time `json:"held_out_from"`
	Posts       int       `json:"posts"` // labelled posts beside the decisions
	// Taught are the models of which no labelled post tells: they learned from what
	// the models before say of all texts, and agree with those by this F1.
	Taught []Taught `json:"taught,omitempty"`
	// Labels are the labels with decisions: on the decisions that were held out.
	Labels []LabelReport `json:"labels"`
	// Shipped are all labels, on labelled posts that nothing is ever fitted on.
	Shipped []LabelReport `json:"shipped"`
}

// Taught is a model that learned from its predecessor.
type Taught struct {
	Model string  `json:"model"`
	F1    float64 `json:"f1"`
}

// LabelReport is one label before and after.
type LabelReport struct {
	Label post.Label `json:"label"`
	// Confirmed and Dismissed are over all decisions; Learned is false where they
	// are too few, and the label was left as the labelled posts have it.
	Confirmed int  `json:"confirmed,omitempty"`
	Dismissed int  `json:"dismissed,omitempty"`
	Learned   bool `json:"learned,omitempty"`
	// Support is how many of the posts measured on have the label, of Measured of
	// which it is known.
	Support  int     `json:"support"`
	Measured int     `json:"measured"`
	Before   Figures `json:"before"`
	After    Figures `json:"after"`
}

// Figures are how a classifier does on one label, with 95% intervals.
type Figures struct {
	Hits      int                `json:"hits"`
	False     int                `json:"false"`
	Missed    int                `json:"missed"`
	Precision backtest.Precision `json:"precision"`
	Recall    backtest.Precision `json:"recall"`
	F1        float64            `json:"f1"`
}

func (f *Figures) finish() {
	f.Precision = backtest.PrecisionOf(f.Hits, f.False)
	f.Recall = backtest.PrecisionOf(f.Hits, f.Missed)
	f.F1 = float64(2*f.Hits) / max(float64(2*f.Hits+f.False+f.Missed), 1)
}

// Text is what of a post is learned: what its author wrote, or what is shared
// without a word.
func Text(p *post.Post) string {
	if hasLetter(p.Text) {
		return p.Text
	}
	return p.Quoted
}

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

// sorted is the decisions in the order of their time.
func sorted(decisions []Decision) []Decision {
	all := slices.Clone(decisions)
	slices.SortFunc(all, func(a, b Decision) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Post.ID, b.Post.ID)) })
	return all
}

// knows says whether the decision tells of a label, and has whether the post has
// it. A post that is no violation has none of the labels; of one that is, only
// those are known that it was flagged for.
func (d *Decision) knows(label post.Label) bool {
	if d.Label != "" {
		return d.Label == label
	}
	return !d.Confirmed || slices.Contains(d.Labels, label)
}

func (d *Decision) has(label post.Label) bool { return d.Confirmed && d.knows(label) }

// about says whether the decision is on a flag of this label.
func (d *Decision) about(label post.Label) bool {
	return slices.Contains(d.Labels, label) && d.knows(label)
}

// tallied counts the flags that were decided on, and chooses the labels to learn.
func tallied(decisions []Decision, least int) (reports []LabelReport, learned []post.Label) {
	for _, label := range post.Labels {
		r := LabelReport{Label: label}
		for i := range decisions {
			switch d := &decisions[i]; {
			case !d.about(label):
			case d.Confirmed:
				r.Confirmed++
			default:
				r.Dismissed++
			}
		}
		if r.Learned = r.Confirmed >= least && r.Dismissed >= least; r.Learned {
			learned = append(learned, label)
		}
		if r.Confirmed+r.Dismissed > 0 {
			reports = append(reports, r)
		}
	}
	return reports, learned
}

// tooFew says what is missing.
func tooFew(reports []LabelReport, least int) error {
	lines := make([]string, 0, len(reports))
	for _, r := range reports {
		lines = append(lines, fmt.Sprintf("%s: %d confirmed, %d dismissed", r.Label, r.Confirmed, r.Dismissed))
	}
	if len(lines) == 0 {
		lines = append(lines, "there are none")
	}
	return fmt.Errorf("%w: at least %d confirmed and %d dismissed flags of one label are needed; %s", ErrTooFew, least, least, strings.Join(lines, "; "))
}
