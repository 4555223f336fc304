// Package table prints what the benchmarks measured: a line a figure, with the
// aim beside it and whether it is held.
package table

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Row is one figure. A row without an aim is there for comparison.
type Row struct {
	What, Figure, Aim string
	Held              bool
}

// Rows are the rows of one table; one with only What is a note or a heading.
type Rows struct{ rows []Row }

// Add appends a row.
func (r *Rows) Add(row Row) { r.rows = append(r.rows, row) }

// Note appends a line of text.
func (r *Rows) Note(format string, args ...any) { r.Add(Row{What: fmt.Sprintf(format, args...)}) }

// Write prints the rows as a table, or, raw, as Read takes them.
func (r *Rows) Write(w io.Writer, raw bool) error {
	what, figure := 0, 0
	for _, row := range r.rows {
		if row.Figure != "" {
			what, figure = max(what, utf8.RuneCountInString(row.What)), max(figure, utf8.RuneCountInString(row.Figure))
		}
	}
	for _, row := range r.rows {
		line := row.What
		switch {
		case raw:
			line = fmt.Sprintf("%s\t%s\t%s\t%t", row.What, row.Figure, row.Aim, row.Held)
		case row.Aim != "":
			line = fmt.Sprintf("  %s  %s  %s %s", pad(row.What, what), pad(row.Figure, figure), verdict(row.Held), row.Aim)
		case row.Figure != "":
			line = fmt.Sprintf("  %s  %s", pad(row.What, what), row.Figure)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func verdict(held bool) string {
	if held {
		return "held:  "
	}
	return "MISSED:"
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// Read appends the rows that another program wrote raw.
func (r *Rows) Read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != 4 {
			return fmt.Errorf("not a row: %q", lines.Text())
		}
		r.Add(Row{What: cells[0], Figure: cells[1], Aim: cells[2], Held: cells[3] == "true"})
	}
	return lines.Err()
}
