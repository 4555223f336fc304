// Package law suggests which neutrality rule a flagged post may break, and on
// which articles of law that rests, as of the post's date and the stage of the
// election then. What it knows is dated data in law.yaml; it decides nothing,
// and everything that it says is an allegation. It is called by the review,
// which checks the rule of a decision, and by the console's pages.
package law

import (
	_ "embed" // the data
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

//go:embed law.yaml
var data []byte

// Text is a sentence in the languages of the console.
type Text struct {
	ID string `yaml:"id"`
	EN string `yaml:"en"`
}

// Rule is a rule of the joint decree: KE-… towards a would-be candidate, DS-…
// towards a candidate.
type Rule struct {
	Code      string       `yaml:"code"`
	From      strict.Date  `yaml:"from"`
	Until     strict.Date  `yaml:"until"`
	Labels    []post.Label `yaml:"labels"`
	Text      Text         `yaml:"text"`
	Uncertain bool         `yaml:"uncertain"`
}

// Basis is an article of law. Regime is asn, pemilu, pilkada or umum.
type Basis struct {
	Code      string       `yaml:"code"`
	Regime    string       `yaml:"regime"`
	Article   string       `yaml:"article"`
	From      strict.Date  `yaml:"from"`
	Until     strict.Date  `yaml:"until"`
	Labels    []post.Label `yaml:"labels"`
	Note      Text         `yaml:"note"`
	Uncertain bool         `yaml:"uncertain"`
}

// Agency is one that receives neutrality cases.
type Agency struct {
	Name      string      `yaml:"name"`
	From      strict.Date `yaml:"from"`
	Until     strict.Date `yaml:"until"`
	Uncertain bool        `yaml:"uncertain"`
}

// Stage says which part of the joint decree a stage of an election brings.
type Stage struct {
	Stage string `yaml:"stage"`
	Part  string `yaml:"part"`
}

// Law is what the data file holds.
type Law struct {
	Stages   []Stage  `yaml:"stages"`
	Rules    []Rule   `yaml:"rules"`
	Basis    []Basis  `yaml:"basis"`
	Agencies []Agency `yaml:"agencies"`
}

// Suggestion is what a post may break. The first rule of a label is the
// likeliest one.
type Suggestion struct {
	Rules []Rule
	Basis []Basis
	// Agency receives such cases; empty where none is known for the date.
	Agency string
	// StageKnown is false where the stage of the election does not tell which part
	// of the decree holds; Rules are of both then.
	StageKnown bool
}

var shipped = sync.OnceValues(func() (*Law, error) { return Parse("law.yaml", data) })

// Shipped is the law that comes with the program.
func Shipped() *Law {
	law, err := shipped()
	if err != nil {
		panic(err) // a test reads it
	}
	return law
}

// Suggest is Suggest of the law that comes with the program.
func Suggest(labels []post.Label, stage string, date time.Time) Suggestion {
	return Shipped().Suggest(labels, stage, date)
}

// Known says whether a decision may name this code.
func Known(code string) bool { return slices.Contains(Codes(), code) }

// Codes lists the codes that a decision may name, whatever their dates: those of
// the decree, then those of the laws.
func Codes() []string {
	law := Shipped()
	codes := make([]string, 0, len(law.Rules)+len(law.Basis))
	for _, r := range law.Rules {
		codes = append(codes, r.Code)
	}
	for _, b := range law.Basis {
		codes = append(codes, b.Code)
	}
	return codes
}

// Suggest says what a post with these labels may break that was made at a date,
// in a stage of its election (empty where that is not known).
func (l *Law) Suggest(labels []post.Label, stage string, date time.Time) Suggestion {
	var s Suggestion
	part := ""
	for _, known := range l.Stages {
		if known.Stage == stage {
			part, s.StageKnown = known.Part, true
		}
	}
	for _, r := range l.Rules {
		if inForce(r.From, r.Until, date) && common(r.Labels, labels) && (part == "" || r.Code[:2] == part) {
			s.Rules = append(s.Rules, r)
		}
	}
	for _, b := range l.Basis {
		if inForce(b.From, b.Until, date) && common(b.Labels, labels) {
			s.Basis = append(s.Basis, b)
		}
	}
	for _, a := range l.Agencies {
		if inForce(a.From, a.Until, date) {
			s.Agency = a.Name
		}
	}
	return s
}

func inForce(from, until strict.Date, at time.Time) bool {
	return !at.Before(from.Time) && (until.IsZero() || at.Before(until.Time))
}

func common(a, b []post.Label) bool {
	return slices.ContainsFunc(a, func(label post.Label) bool { return slices.Contains(b, label) })
}

// Parse reads and checks a law.
func Parse(file string, data []byte) (*Law, error) {
	var l Law
	document, err := strict.Decode(file, data, &l)
	if err != nil {
		return nil, err
	}
	return &l, l.check(document)
}

func (l *Law) check(document *strict.Document) error {
	var errs []error
	fail := func(path, value, allowed string, args ...any) {
		errs = append(errs, document.Errorf(path, fmt.Sprintf("%q", value), allowed, args...))
	}
	parts := []string{"KE", "DS"}
	for i, s := range l.Stages {
		if !slices.Contains(parts, s.Part) {
			fail(fmt.Sprintf("stages[%d].part", i), s.Part, "%v", parts)
		}
	}
	seen := map[string]bool{}
	check := func(path, code string, labels []post.Label, from, until strict.Date) {
		if seen[code] || code == "" {
			fail(path+".code", code, "a code that is there once")
		}
		seen[code] = true
		for j, label := range labels {
			if !slices.Contains(post.Labels, label) {
				fail(fmt.Sprintf("%s.labels[%d]", path, j), string(label), "%v", post.LabelNames())
			}
		}
		if from.IsZero() {
			fail(path+".from", "", "a date such as 2022-09-22")
		}
		if !until.IsZero() && !until.After(from.Time) {
			fail(path+".until", until.Format(time.DateOnly), "a date after from")
		}
	}
	for i, r := range l.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		check(path, r.Code, r.Labels, r.From, r.Until)
		if len(r.Code) < 4 || !slices.Contains(parts, r.Code[:2]) {
			fail(path+".code", r.Code, "a code such as KE-4 or DS-6")
		}
	}
	regimes := []string{"asn", "pemilu", "pilkada", "umum"}
	for i, b := range l.Basis {
		path := fmt.Sprintf("basis[%d]", i)
		check(path, b.Code, b.Labels, b.From, b.Until)
		if !slices.Contains(regimes, b.Regime) {
			fail(path+".regime", b.Regime, "%v", regimes)
		}
	}
	return errors.Join(errs...)
}
