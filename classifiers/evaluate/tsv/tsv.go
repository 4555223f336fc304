// Package tsv reads tables of tab-separated values with a header line, for the
// evaluation and the trainer. Values may be quoted as in CSV; a file whose quotes
// make no sense as CSV, because nobody quoted anything, is read as it stands.
package tsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is a table in memory.
type Table struct {
	// Name is the file's name, for messages.
	Name    string
	Columns []string
	Rows    []Row
}

// Row is one line of a table, with as many values as there are columns.
type Row struct {
	Line   int
	Values []string
}

// Read reads a whole table. Errors name the file and the line.
func Read(name string, r io.Reader) (Table, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return Table{}, fmt.Errorf("read %s: %w", name, err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if i := firstInvalid(data); i >= 0 {
		return Table{}, fmt.Errorf("%s:%d: bytes that are not UTF-8: allowed: UTF-8", name, 1+bytes.Count(data[:i], []byte("\n")))
	}
	table, err := readQuoted(name, data)
	if err != nil {
		if plain, plainErr := readPlain(name, data); plainErr == nil {
			return plain, nil
		}
		return Table{}, err
	}
	return table, nil
}

func firstInvalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// Column is the place of a column, -1 where there is none.
func (t Table) Column(name string) int {
	for i, column := range t.Columns {
		if column == name {
			return i
		}
	}
	return -1
}

func readQuoted(name string, data []byte) (Table, error) {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = '\t'
	table := Table{Name: name}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, explain(name, record, len(table.Columns), err)
		}
		line, _ := reader.FieldPos(0)
		if err := table.add(line, record); err != nil {
			return Table{}, err
		}
	}
	return table, table.check()
}

// explain says what is wrong with a line in the words of this program.
func explain(name string, record []string, columns int, err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return countError(name, parse.StartLine, len(record), columns)
	}
	return fmt.Errorf("%s:%d: %w: allowed: no quotes in a value, or the value in quotes with its quotes doubled",
		name, parse.Line, parse.Err)
}

func countError(name string, line, got, want int) error {
	return fmt.Errorf("%s:%d: %d values: allowed: %d, as many as the header has columns", name, line, got, want)
}

func readPlain(name string, data []byte) (Table, error) {
	table := Table{Name: name}
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text = strings.TrimRight(text, "\r\n")
		if text == "" {
			continue
		}
		if err := table.add(line, strings.Split(text, "\t")); err != nil {
			return Table{}, err
		}
	}
	return table, table.check()
}

func (t *Table) add(line int, values []string) error {
	if t.Columns != nil {
		if len(values) != len(t.Columns) {
			return countError(t.Name, line, len(values), len(t.Columns))
		}
		t.Rows = append(t.Rows, Row{Line: line, Values: values})
		return nil
	}
	for i, column := range values {
		values[i] = strings.TrimSpace(column)
		if t.Column(values[i]) >= 0 {
			return fmt.Errorf("%s:%d: column %q occurs twice", t.Name, line, values[i])
		}
		t.Columns = values[:i+1]
	}
	return nil
}

func (t *Table) check() error {
	if t.Columns == nil {
		return fmt.Errorf("%s:1: the file is empty: allowed: a header line and rows", t.Name)
	}
	return nil
}
