package console

import (
	"strconv"

	"github.com/netra-id/netra/pipeline/review"
)

// agreementView is how far two analysts agree.
type agreementView struct {
	Any                                 bool
	Items, Agreed, Conflicts, Settled   string
	Observed, Low, High, Kappa, Meaning string
	Verdicts                            []string
	Matrix                              []matrixRow
}

type matrixRow struct {
	Verdict string
	Cells   []matrixCell
}

type matrixCell struct {
	Count, Column string
	Same          bool
}

// compared are the verdicts that first and second decisions can have.
var compared = []review.Verdict{review.Violation, review.NoViolation, review.SameAs, review.Unsure}

func (v reader) agreement(a *review.Agreement) agreementView {
	view := agreementView{
		Any: a.Items > 0, Items: v.number(a.Items), Agreed: v.number(a.Agreed), Conflicts: v.number(a.Conflicts), Settled: v.number(a.Settled),
	}
	if a.Items == 0 {
		return view
	}
	low, high := review.Wilson(a.Agreed, a.Items)
	view.Observed, view.Low, view.High = v.percent(float64(a.Agreed)/float64(a.Items)), v.percent(low), v.percent(high)
	view.Meaning = v.words.T("agreement.kappa.unknown")
	if a.KappaKnown {
		view.Kappa, view.Meaning = v.words.Decimal(a.Kappa), v.words.T("agreement.kappa."+kappaMeaning(a.Kappa))
	}
	for _, verdict := range compared {
		view.Verdicts = append(view.Verdicts, v.words.T("verdict."+string(verdict)))
	}
	for _, first := range compared {
		row := matrixRow{Verdict: v.words.T("verdict." + string(first))}
		for i, second := range compared {
			row.Cells = append(row.Cells, matrixCell{Count: v.number(a.Verdicts[[2]review.Verdict{first, second}]), Column: view.Verdicts[i], Same: first == second})
		}
		if first != review.Unsure { // a first one that asks is no opinion
			view.Matrix = append(view.Matrix, row)
		}
	}
	return view
}

// kappaMeaning says kappa in a word (J. R. Landis and G. G. Koch, The measurement
// of observer agreement for categorical data, 1977).
func kappaMeaning(kappa float64) string {
	switch {
	case kappa < 0:
		return "poor"
	case kappa <= 0.2:
		return "slight"
	case kappa <= 0.4:
		return "fair"
	case kappa <= 0.6:
		return "moderate"
	case kappa <= 0.8:
		return "substantial"
	}
	return "almost_perfect"
}

// fewJudged is below how many decisions a precision says little.
const fewJudged = 30

// precisionTable is the precision by label or by rule.
type precisionTable struct {
	ID, Title, Column string
	Rows              []precisionView
	More              int
}

// precisionView is how often a label's or rule's flags were right.
type precisionView struct {
	Name, Code, URL    string
	Judged, Violations string
	Share, Low, High   string
	From, Width, At    string // of the interval's bar, of 100
	Few                bool
}

func (v reader) precisions(f *superviseFilter, name string, found []review.Precision) precisionTable {
	table := precisionTable{ID: "precision-" + name, Title: v.words.T("precision.by." + name), Column: v.words.T("posts." + name), More: max(0, len(found)-mostRules)}
	for _, p := range found[:min(len(found), mostRules)] {
		view := precisionView{
			Name: v.label(p.Value), Judged: v.number(p.Judged), Violations: v.number(p.Violations), Few: p.Judged < fewJudged,
			Share: v.percent(p.Share), Low: v.percent(p.Low), High: v.percent(p.High),
			From: hundredths(p.Low), Width: hundredths(p.High - p.Low), At: hundredths(p.Share),
			URL: v.queueURL(f, name, p.Value, byStatus, statusDone),
		}
		if name == byRule {
			view.Name, view.Code = v.dictionary(v.words.Language, p.Value), short(p.Value, mostWordBytes)
			if view.Name == "" {
				view.Name, view.Code = view.Code, ""
			}
		}
		table.Rows = append(table.Rows, view)
	}
	return table
}

func hundredths(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) }

// percent says a share as 93,4%.
func (v viewer) percent(share float64) string {
	text := strconv.FormatFloat(100*share, 'f', 1, 64)
	whole, tenth := text[:len(text)-2], text[len(text)-1:]
	if tenth == "0" {
		return whole + "%"
	}
	return whole + v.words.T("number.decimal") + tenth + "%"
}
