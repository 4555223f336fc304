package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/tuning"
)

// progressLine shows how far something is: on a terminal in one line that
// changes, else a line now and then.
type progressLine struct {
	to       io.Writer
	terminal bool
	last     time.Time
}

func newProgressLine(to io.Writer) *progressLine {
	p := &progressLine{to: to}
	if file, ok := to.(*os.File); ok {
		if info, err := file.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

func (l *progressLine) show(p backtest.Progress) {
	if !l.terminal && time.Since(l.last) < 10*time.Second && p.Done < p.Total {
		return
	}
	l.last = time.Now()
	begin, end := "", "\n"
	if l.terminal {
		begin, end = "\r\x1b[K", ""
	}
	_, _ = fmt.Fprintf(l.to, "%s%d of %d records, %.0f a second, about %s left%s", begin, p.Done, p.Total, p.Rate, p.Left().Round(time.Second), end)
}

func (l *progressLine) end() {
	if l.terminal {
		_, _ = fmt.Fprintln(l.to)
	}
}

// printBacktest writes a report for people.
func printBacktest(to io.Writer, number int64, r *backtest.Report) error {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	line("back-test %d: draft %s against %s", number, tuning.Short(r.Plan.Draft), tuning.Short(r.Plan.Published))
	line("%d posts in %.1f days (%d records, %d unreadable, %d removed by retention meanwhile)\n", r.Posts, r.Days, r.Records, r.Unreadable, r.Missed)
	line("\tin force\tdraft\tadded\tdropped\tdraft's precision (95%%)")
	line("posts\t%d\t%d\t%d\t%d\t%s", r.Published.Flagged, r.Draft.Flagged, r.Added, r.Dropped, precision(r.Draft.Precision))
	for _, row := range r.Labels {
		line("%s\t%d\t%d\t%d\t%d\t%s", row.Label, row.Published, row.Draft, row.Added, row.Dropped, precision(row.Precision))
	}
	line("\nrule\tin force\tdraft\t\t\tprecision (95%%)")
	for _, row := range r.Rules {
		if row.Published != row.Draft {
			line("%s\t%d\t%d\t\t\t%s", row.Rule, row.Published, row.Draft, precision(row.Precision))
		}
	}
	line("\n%+.1f reviews a day", r.ExtraADay)
	if err := out.Flush(); err != nil {
		return err
	}
	for _, list := range []struct {
		title    string
		findings []backtest.Finding
	}{
		{"confirmed by analysts, and lost by the draft", r.LostConfirmed},
		{"dismissed by analysts, and brought back by the draft", r.BroughtBack},
		{"added (samples)", r.AddedSamples},
		{"dropped (samples)", r.DroppedSamples},
	} {
		if err := printFindings(to, list.title, list.findings); err != nil {
			return err
		}
	}
	return nil
}

// shownFindings bounds each list on the terminal; --json has more.
const shownFindings = 15

func printFindings(to io.Writer, title string, findings []backtest.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(to, "\n%s: %d\n", title, len(findings))
	for _, f := range findings[:min(len(findings), shownFindings)] {
		outcome := f.Draft
		if outcome == nil {
			outcome = f.Published
		}
		_, err = fmt.Fprintf(to, "  %s  %v %v  %q\n", f.ID, outcome.Labels, outcome.Rules, f.Excerpt)
	}
	return err
}

func precision(p backtest.Precision) string {
	if p.Confirmed+p.Dismissed == 0 {
		return "no decisions"
	}
	return fmt.Sprintf("%.0f%% (%.0f–%.0f%%) of %d", 100*p.Value, 100*p.Low, 100*p.High, p.Confirmed+p.Dismissed)
}
