package roster

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/strict"
)

// Columns are the columns of a roster file, all of them required, in any order.
var Columns = []string{
	"nip", "name", "agency", "unit", "position", "region", "status",
	"valid_from", "valid_until", "platform", "account_id", "handle", "basis",
}

// mostProblems is how many problems of one file are told: who gets more has one
// mistake in every line.
const mostProblems = 50

// ParseCSV reads a roster file; name is what messages call it. NIP and NIK are
// replaced by their hash under key, which must have MinKeyBytes or more. The
// error joins what is wrong in all lines, and shows no NIP or NIK.
func ParseCSV(name string, r io.Reader, key []byte) ([]Entry, error) {
	if len(key) < MinKeyBytes {
		return nil, fmt.Errorf("the key that hashes NIP and NIK has %d bytes; allowed: %d or more", len(key), MinKeyBytes)
	}
	p := &parser{
		file: name, hash: hmac.New(sha256.New, key),
		periods: make(map[string][]lined), values: make(map[string]string), texts: make(map[string]string),
	}
	p.parse(r)
	if err := p.err(); err != nil {
		return nil, err
	}
	return p.entries, nil
}

type parser struct {
	file     string
	hash     hash.Hash // keyed, for NIP and NIK
	header   []string
	values   map[string]string // of the row being read, by column
	texts    map[string]string // texts that rows share, once
	entries  []Entry
	periods  map[string][]lined
	problems []error
	more     int
}

// lined is a period of an account with the line that it stands in.
type lined struct {
	line  int
	entry int
}

func (p *parser) parse(r io.Reader) {
	buffered := bufio.NewReader(r)
	if err := skipMark(buffered); err != nil {
		p.problem(1, "%v", err)
		return
	}
	reader := csv.NewReader(buffered)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if !p.malformed(err) {
				return
			}
			continue
		}
		line, _ := reader.FieldPos(0)
		if p.header == nil {
			if !p.readHeader(line, record) {
				return
			}
			continue
		}
		p.readRow(line, record)
	}
	if p.header == nil {
		p.problem(1, "the file is empty; allowed: a header line with the columns %s", strings.Join(Columns, ","))
	}
}

// skipMark skips the byte order mark of UTF-8 and refuses those of UTF-16.
func skipMark(r *bufio.Reader) error {
	start, _ := r.Peek(3)
	switch {
	case strings.HasPrefix(string(start), "\ufeff"):
		_, err := r.Discard(len("\ufeff"))
		return err
	case strings.HasPrefix(string(start), "\xff\xfe"), strings.HasPrefix(string(start), "\xfe\xff"):
		return errors.New("the file is UTF-16; allowed: UTF-8 (save it as CSV UTF-8)")
	}
	return nil
}

// malformed notes an error of the CSV reader and says whether to read on.
func (p *parser) malformed(err error) bool {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		p.problems = append(p.problems, fmt.Errorf("%s: read: %w", p.file, err))
		return false
	}
	p.problem(parse.Line, "not valid CSV: %v", parse.Err)
	return true
}

func (p *parser) readHeader(line int, record []string) bool {
	before := len(p.problems)
	seen := make(map[string]bool)
	if len(record) == 1 && strings.Count(record[0], ";") > 1 {
		p.problem(line, "the columns are separated by semicolons; allowed: commas")
		return false
	}
	for _, column := range record {
		column = strings.TrimSpace(column)
		switch {
		case !slices.Contains(Columns, column):
			near := strict.Nearest(column, Columns)
			hint := ""
			if near != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", near)
			}
			p.problem(line, "unknown column %s%s; allowed: %s", shown(column), hint, strings.Join(Columns, ", "))
		case seen[column]:
			p.problem(line, "column %q stands there twice; allowed: each column once", column)
		}
		seen[column] = true
		p.header = append(p.header, column)
	}
	for _, column := range Columns {
		if !seen[column] {
			p.problem(line, "column %q is missing; allowed: all of %s", column, strings.Join(Columns, ", "))
		}
	}
	return len(p.problems) == before
}

func (p *parser) readRow(line int, record []string) {
	if len(record) != len(p.header) {
		p.problem(line, "%d columns; allowed: %d, as in the header", len(record), len(p.header))
		return
	}
	before := len(p.problems) + p.more
	for i, value := range record {
		column := p.header[i]
		if !utf8.ValidString(value) {
			p.bad(line, column, value, "valid UTF-8")
			continue
		}
		value = strings.TrimSpace(value)
		if strings.ContainsFunc(value, unicode.IsControl) {
			p.bad(line, column, value, "no control characters")
		}
		p.values[column] = p.intern(value)
	}
	if len(p.problems)+p.more > before {
		return
	}
	entry := p.readEntry(line, p.values)
	if len(p.problems)+p.more == before {
		p.add(line, entry)
	}
}

// intern copies a value out of the reader's buffer, once where rows share it.
// What is in one row only costs its place here as long as the file is read.
func (p *parser) intern(value string) string {
	if known, ok := p.texts[value]; ok {
		return known
	}
	value = strings.Clone(value)
	p.texts[value] = value
	return value
}

// add keeps an entry unless it overlaps an earlier one of the account.
func (p *parser) add(line int, entry Entry) {
	key := entry.Key()
	for _, other := range p.periods[key] {
		o := &p.entries[other.entry]
		if o.ValidFrom.Unix() < entry.end() && entry.ValidFrom.Unix() < o.end() {
			p.problem(line, "account_id %s on %s has a period that overlaps the one in line %d; allowed: one period at a time for an account",
				shown(entry.AccountID), entry.Platform, other.line)
			return
		}
	}
	p.periods[key] = append(p.periods[key], lined{line: line, entry: len(p.entries)})
	p.entries = append(p.entries, entry)
}

func (p *parser) bad(line int, column, value, allowed string) {
	what := "value " + shown(value)
	if value == "" {
		what = "value missing"
	}
	p.problem(line, "column %q: %s; allowed: %s", column, what, allowed)
}

func (p *parser) problem(line int, format string, args ...any) {
	if len(p.problems) >= mostProblems {
		p.more++
		return
	}
	p.problems = append(p.problems, fmt.Errorf("%s:%d: %s", p.file, line, fmt.Sprintf(format, args...)))
}

func (p *parser) err() error {
	if p.more > 0 {
		return errors.Join(append(p.problems, fmt.Errorf("%s: and %d more", p.file, p.more))...)
	}
	return errors.Join(p.problems...)
}
