package claims

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Columns are the columns of a library. Of these id and text are needed.
var Columns = []string{"id", "text", "date", "source", "url", "verdict", "language"}

// Verdicts are the verdicts of a source, and how else they may be written.
// Claims that were found true are read and never matched.
var Verdicts = []string{"false", "misleading", "manipulated", "satire", "unproven", "true"}

var verdictNames = map[string]string{
	"":      "false",
	"false": "false", "salah": "false", "hoax": "false", "hoaks": "false", "hoaxs": "false",
	"palsu": "false", "fabricated": "false", "disinformasi": "false", "fitnah": "false",
	"misleading": "misleading", "menyesatkan": "misleading", "misinformasi": "misleading", "missing context": "misleading",
	"manipulated": "manipulated", "altered": "manipulated", "manipulasi": "manipulated", "suntingan": "manipulated",
	"satire": "satire", "satir": "satire", "parodi": "satire", "parody": "satire",
	"unproven": "unproven", "belum terbukti": "unproven", "tidak terbukti": "unproven",
	"true": "true", "benar": "true", "fakta": "true",
}

// MaxClaimBytes bounds one claim's text: a claim is a few sentences.
const MaxClaimBytes = 4096

// Parse reads a library from CSV with a header. Errors name the file, the line,
// the column, the value and what is allowed.
func Parse(name string, r io.Reader) ([]Claim, error) {
	p := parser{name: name, reader: csv.NewReader(r)}
	if err := p.header(); err != nil {
		return nil, err
	}
	var claims []Claim
	for {
		record, err := p.reader.Read()
		if errors.Is(err, io.EOF) {
			return claims, nil
		}
		if err != nil {
			return nil, p.explain(err)
		}
		claim, err := p.claim(record)
		if err != nil {
			return nil, err
		}
		claims = append(claims, claim)
	}
}

type parser struct {
	name    string
	reader  *csv.Reader
	columns []string
}

func (p *parser) header() error {
	record, err := p.reader.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s:1: the file is empty: allowed: a header with %s", p.name, strings.Join(Columns, ", "))
	}
	if err != nil {
		return p.explain(err)
	}
	p.columns = slices.Clone(record)
	for i, column := range p.columns {
		column = strings.TrimSpace(strings.TrimPrefix(column, "\ufeff"))
		if slices.Contains(p.columns[:i], column) {
			return fmt.Errorf("%s:1: column %q occurs twice", p.name, column)
		}
		if !slices.Contains(Columns, column) {
			return fmt.Errorf("%s:1: column %q: allowed: %s", p.name, column, strings.Join(Columns, ", "))
		}
		p.columns[i] = column
	}
	for _, needed := range []string{"id", "text"} {
		if !slices.Contains(p.columns, needed) {
			return fmt.Errorf("%s:1: the column %s is missing: allowed: %s", p.name, needed, strings.Join(Columns, ", "))
		}
	}
	return nil
}

func (p *parser) explain(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return fmt.Errorf("%s:%d: wrong number of values: allowed: %d, as many as the header has columns",
			p.name, parse.StartLine, len(p.columns))
	}
	return fmt.Errorf("%s:%d: %w: allowed: CSV with values in double quotes where they hold commas or quotes",
		p.name, parse.Line, parse.Err)
}

var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

func (p *parser) claim(record []string) (Claim, error) {
	var c Claim
	c.Verdict = "false"
	for i, value := range record {
		value = strings.TrimSpace(value)
		allowed := ""
		switch p.columns[i] {
		case "id":
			c.ID, allowed = value, checkID(value)
		case "text":
			c.Text, allowed = value, checkText(value)
		case "date":
			c.Date, allowed = value, checkDate(value)
		case "source":
			c.Source, allowed = value, checkUTF8(value)
		case "url":
			c.URL, allowed = value, checkURL(value)
		case "verdict":
			verdict, known := verdictNames[strings.ToLower(value)]
			if c.Verdict = verdict; !known {
				allowed = strings.Join(Verdicts, ", ") + ", or salah, hoaks, menyesatkan, manipulasi, satir, belum terbukti, benar"
			}
		case "language":
			if c.Language = value; value != "" && !languageCode.MatchString(value) {
				allowed = "a code of ISO 639-1 or 639-3 such as id, jv, bjn"
			}
		}
		if allowed != "" {
			line, column := p.reader.FieldPos(i)
			return Claim{}, fmt.Errorf("%s:%d:%d: column %q: value %q: allowed: %s",
				p.name, line, column, p.columns[i], shorten(value), allowed)
		}
	}
	return c, nil
}

// The checks return what is allowed, or nothing where the value is good.

func checkID(value string) string {
	if value == "" || len(value) > 200 || strings.ContainsFunc(value, isControl) || !utf8.ValidString(value) {
		return "a text of 1 to 200 bytes that is unique in the library"
	}
	return ""
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func checkText(value string) string {
	if value == "" || len(value) > MaxClaimBytes {
		return fmt.Sprintf("the claim in 1 to %d bytes", MaxClaimBytes)
	}
	return checkUTF8(value)
}

func checkUTF8(value string) string {
	if !utf8.ValidString(value) {
		return "valid UTF-8"
	}
	return ""
}

func checkDate(value string) string {
	if value == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "a date such as 2024-02-14, or nothing"
	}
	return ""
}

func checkURL(value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "an address that begins with https:// or http://, or nothing"
	}
	return ""
}

// shorten keeps messages readable.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
