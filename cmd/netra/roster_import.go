package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/roster"
)

// rosterImportOptions are the flags of roster import.
type rosterImportOptions struct {
	dryRun, strict bool
	show           int
}

func (a *app) importRoster(ctx context.Context, files []string, o *rosterImportOptions) error {
	entries, err := a.readRosters(files)
	if err != nil {
		return err
	}
	s, err := a.newStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	stored, _, err := s.LoadRoster(ctx)
	if err != nil {
		return refusal(err)
	}
	if err := roster.CheckPeriods(entries); err != nil {
		_, _ = fmt.Fprintln(a.errOut, err)
		return fails()
	}
	report := roster.Compare(stored, entries)
	a.showRosterReport(&report, o.show)
	if len(report.Conflicts) > 0 && o.strict {
		_, _ = fmt.Fprintf(a.out, "nothing was imported: %d conflicts (--strict)\n", len(report.Conflicts))
		return fails()
	}
	if o.dryRun {
		_, err := fmt.Fprintf(a.out, "%s; dry run, nothing was imported\n", describeChanges(report.Changes))
		return err
	}
	changes, err := s.SaveRoster(ctx, entries)
	if err != nil {
		return refusal(err)
	}
	_, err = fmt.Fprintln(a.out, describeChanges(changes))
	return err
}

// readRosters reads all files, or says what is wrong in any.
func (a *app) readRosters(files []string) ([]roster.Entry, error) {
	if err := readable(files); err != nil {
		return nil, err
	}
	key, err := a.rosterKey()
	if err != nil {
		return nil, err
	}
	var entries []roster.Entry
	var wrong []error
	for _, file := range files {
		part, err := parseRoster(file, key)
		entries = append(entries, part...)
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		_, _ = fmt.Fprintln(a.errOut, err)
		return nil, fails()
	}
	return entries, nil
}

// showRosterReport shows the entries that an import brings, changes and ends, so
// many of each kind, and the conflicts.
func (a *app) showRosterReport(report *roster.Report, show int) {
	shown := map[string]int{}
	line := func(kind, text string) {
		shown[kind]++
		if show == 0 || shown[kind] <= show {
			_, _ = fmt.Fprintf(a.out, "%-8s  %s\n", kind, plain(text, ""))
		}
	}
	for i := range report.News {
		line(string(report.News[i].Kind), describeChange(&report.News[i]))
	}
	for i := range report.Conflicts {
		line("conflict", report.Conflicts[i].String())
	}
	for _, kind := range []string{"new", "changed", "ended", "conflict"} {
		if more := shown[kind] - show; show > 0 && more > 0 {
			_, _ = fmt.Fprintf(a.out, "%-8s  and %d more (--show 0 shows all)\n", kind, more)
		}
	}
	if n := len(report.Conflicts); n > 0 {
		_, _ = fmt.Fprintf(a.out, "conflicts: %d to look at\n", n)
	}
}

func describeChange(c *roster.Change) string {
	e := &c.After
	name := e.Key()
	if e.Handle != "" && e.Handle != e.AccountID {
		name += " (" + e.Handle + ")"
	}
	text := fmt.Sprintf("%s: %s, %s, from %s", name, e.Person.Name, e.Person.Agency, e.ValidFrom.Format(time.DateOnly))
	if !e.Open() {
		text += " until " + e.ValidUntil.Format(time.DateOnly)
	}
	if fields := c.Fields(); c.Kind == roster.ChangeChanged {
		text += "; other: " + strings.Join(fields, ", ")
	}
	return text
}

func describeChanges(c roster.Changes) string {
	return fmt.Sprintf("roster: %d new, %d changed, %d ended, %d unchanged, %d not mentioned", c.New, c.Changed, c.Ended, c.Unchanged, c.Absent)
}
