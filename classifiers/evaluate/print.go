package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/netra-id/netra/pipeline/post"
)

// WriteJSON writes the report as indented JSON.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// WriteText writes the report for people: aligned tables, then every error with
// its reasons.
func (r Report) WriteText(w io.Writer) error {
	p := &printer{to: w}
	p.line("%s: %d posts, %d labelled, %d flagged", r.File, r.Posts, r.Labelled, r.Flagged)
	p.line("models %s, lists %s, netra %s\n", r.Versions.Models, r.Versions.Lists, r.Versions.Netra)
	if r.Labelled > 0 {
		p.labels(r)
	}
	if r.Languages != nil {
		p.languages(r.Languages)
	}
	p.errors(r.Errors)
	if p.err != nil {
		return fmt.Errorf("write report: %w", p.err)
	}
	return nil
}

// printer keeps the first error of many writes.
type printer struct {
	to  io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}

// table writes rows of tab-separated cells as aligned columns, numbers to the
// right.
func (p *printer) table(rows []string) {
	t := tabwriter.NewWriter(p.to, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		if p.err == nil {
			_, p.err = fmt.Fprintln(t, row+"\t")
		}
	}
	if err := t.Flush(); p.err == nil {
		p.err = err
	}
	p.line("")
}

func (p *printer) labels(r Report) {
	rows := []string{"label\tprecision\trecall\tF1\tsupport\tmissed\textra"}
	for _, l := range r.Labels {
		rows = append(rows, figureRow(string(l.Label), l.Figures))
	}
	rows = append(rows, figureRow("micro", r.Micro), fmt.Sprintf("macro\t\t\t%.3f\t\t\t", r.MacroF1))
	p.table(rows)
	p.line("false flags on none: %d of %d (%.2f%%)\n", r.Benign.Flagged, r.Benign.Posts, 100*r.Benign.FalseFlagRate)
}

// figureRow leaves out what is a share of nothing.
func figureRow(name string, f Figures) string {
	share := func(v float64, of int) string {
		if of == 0 {
			return "-"
		}
		return fmt.Sprintf("%.3f", v)
	}
	given := f.TruePositives + f.FalsePositives
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%d\t%d", name, share(f.Precision, given), share(f.Recall, f.Support),
		share(f.F1, given+f.Support), f.Support, f.FalseNegatives, f.FalsePositives)
}

func (p *printer) languages(l *Languages) {
	p.line("language: %d of %d right (%.1f%%), macro F1 %.3f", l.Correct, l.Posts, 100*l.Accuracy, l.MacroF1)
	rows := []string{"lang\tprecision\trecall\tF1\tsupport\tmissed\textra\ttaken for"}
	for _, each := range l.Each {
		rows = append(rows, figureRow(each.Language, each.Figures)+"\t"+takenFor(l.Confusion[each.Language], each.Language))
	}
	p.table(rows)
}

// takenFor lists the wrong languages that were given, the most frequent first.
func takenFor(row map[string]int, expected string) string {
	var codes []string
	for _, code := range slices.Sorted(maps.Keys(row)) {
		if code != expected {
			codes = append(codes, code)
		}
	}
	slices.SortStableFunc(codes, func(a, b string) int { return row[b] - row[a] })
	for i, code := range codes {
		codes[i] = fmt.Sprintf("%s %d", code, row[code])
	}
	return strings.Join(codes, ", ")
}

func (p *printer) errors(errors []Error) {
	p.line("errors: %d", len(errors))
	for _, e := range errors {
		p.line("\n%s (line %d): %s", e.ID, e.Line, oneLine(e.Text))
		if len(e.Missing)+len(e.Extra) > 0 {
			p.line("  expected %s, got %s%s%s", joinOrNone(e.Expected), joinOrNone(e.Got),
				prefixed("; missing ", e.Missing), prefixed("; extra ", e.Extra))
		}
		if e.Language != nil {
			p.line("  language: expected %s, got %s", e.Language.Expected, e.Language.Got)
		}
		for _, label := range e.Reasons {
			p.reasons(label)
		}
	}
}

func (p *printer) reasons(label LabelReasons) {
	contestant := ""
	if label.Contestant != "" {
		contestant = " of " + label.Contestant
	}
	p.line("  %s%s %.2f because", label.Label, contestant, label.Score)
	for _, reason := range label.Reasons {
		p.line("    %s %s: %q (%+.2f)", reason.Kind, reason.Source, reason.Text, reason.Weight)
	}
}

func prefixed(prefix string, labels []post.Label) string {
	if len(labels) == 0 {
		return ""
	}
	return prefix + joinOrNone(labels)
}

func joinOrNone(labels []post.Label) string {
	if len(labels) == 0 {
		return "none"
	}
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = string(label)
	}
	return strings.Join(names, ", ")
}

// oneLine shows a text on one line: line breaks become spaces.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
