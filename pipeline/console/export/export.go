// Package export writes tables for spreadsheets: CSV as RFC 4180 has it, and
// XLSX. Rows are written as they come, so that a table of any length takes little
// memory. Texts come from posts, and are made harmless: none is a formula to the
// program that opens the file. It chooses no rows and knows no rights. It is
// called by the console's exports.
package export

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Format is how a table is written.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Formats lists the formats.
var Formats = []Format{CSV, XLSX}

// ContentType is the format's type for HTTP.
func (f Format) ContentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8; header=present"
}

// Options are how a table is written.
type Options struct {
	Format Format
	// BOM begins a CSV with the mark by which spreadsheet programs know UTF-8.
	BOM bool
	// Sheet is the name of an XLSX's sheet.
	Sheet string
	// Zone is the zone in which times are written; nil is UTC. CSV has them with
	// their offset (RFC 3339); XLSX as dates of a spreadsheet, which have none.
	Zone *time.Location
}

// Writer writes one table. Nothing is whole before Close.
type Writer interface {
	// Row writes a row. Cells are strings, whole numbers, float64, bool or
	// time.Time; nil and the zero time are empty cells.
	Row(cells ...any) error
	// Close ends the table. It does not close what it writes to.
	Close() error
}

// New returns a writer of a table.
func New(w io.Writer, o Options) (Writer, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	switch o.Format {
	case CSV:
		return newCSV(w, o)
	case XLSX:
		return newXLSX(w, o)
	}
	return nil, fmt.Errorf("export format %q; allowed: %q", o.Format, Formats)
}

// Guard makes a text one that no spreadsheet program takes for a formula: an
// apostrophe goes before a text that begins, behind spaces, with = + - @, their
// wide forms, a tab or a new line.
func Guard(text string) string {
	bare := strings.TrimLeftFunc(text, func(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\ufeff' || unicode.Is(unicode.Cf, r) })
	if first, _ := utf8.DecodeRuneInString(bare); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) && bare != "" {
		return "'" + text
	}
	return text
}

// clean leaves what a file can hold: valid UTF-8 without control characters, but
// with new lines and tabs.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text)
}
