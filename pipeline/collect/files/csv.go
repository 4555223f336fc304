package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
)

// csvReader reads a post from each row of a CSV file, after RFC 4180 with two
// differences from encoding/csv: what is in quotes is kept byte by byte, since
// it is evidence, and a quote that is never closed costs the row in which it
// stands, not the rest of the file.
type csvReader struct {
	options
	lines     *lineReader
	columns   []column
	names     []string // of the header, where there is a mapping
	separator byte
	// pending are lines that were read as part of a broken row.
	pending []line
	held    *line
	last    line // of the row that was read last
}

// readHeader reads the first row, from the start of the file.
func (r *csvReader) readHeader() error {
	l, err := r.lines.next()
	for err == nil && len(bytes.TrimSpace(bytes.TrimPrefix(l.data, []byte(utf8BOM)))) == 0 {
		l, err = r.lines.next()
	}
	if err != nil {
		return err
	}
	if err := checkEncoding(r.name, l.data); err != nil {
		return err
	}
	if l.long {
		return collect.Errorf(collect.KindMalformed, "%s: header of %d bytes: allowed: at most %d bytes", r.place(l.number), l.size(), r.limit)
	}
	header := bytes.TrimPrefix(l.data, []byte(utf8BOM))
	r.separator = separatorOf(header)
	names, err := splitRow(header, r.separator)
	if err == nil {
		err = r.takeHeader(names)
	}
	if err != nil {
		return collect.Errorf(collect.KindMalformed, "%s: %w", r.place(l.number), err)
	}
	r.last = l
	return nil
}

// takeHeader matches the header with a post's columns, or with the mapping's.
func (r *csvReader) takeHeader(names []string) (err error) {
	if r.mapping == nil {
		r.columns, err = columnsOf(names)
		return err
	}
	for _, name := range names {
		r.names = append(r.names, strings.TrimSpace(name))
	}
	return r.mapping.checkHeader(r.names)
}

// next returns the next row.
func (r *csvReader) next() (collect.Item, error) {
	first, err := r.line()
	for err == nil && len(bytes.TrimSpace(first.data)) == 0 && !first.long {
		r.last = first
		first, err = r.line()
	}
	if err != nil {
		return collect.Item{}, err
	}
	item := collect.Item{Position: r.place(first.number), Raw: first.data}
	if first.long {
		r.consumed(&first)
		item.Err = tooLong(first.size(), r.limit)
		return item, nil
	}
	row, lines, err := r.row(first)
	if err != nil {
		return collect.Item{}, err
	}
	if row == nil { // its quotes are not closed
		r.pushBack(lines[1:])
		r.consumed(&first)
		item.Err = malformed("row", shorten(string(first.data)), "quotes that are closed within the limit of a record")
		return item, nil
	}
	p, problem := r.post(row)
	if problem != nil {
		// Where a stray quote has joined two rows, the second may be sound.
		var shape *shapeError
		if errors.As(problem, &shape) && len(lines) > 1 {
			r.pushBack(lines[1:])
			lines = lines[:1]
		} else {
			item.Raw = row
		}
		r.consumed(&lines[len(lines)-1])
		item.Err = problem
		return item, nil
	}
	r.consumed(&lines[len(lines)-1])
	item.Raw, item.Post = row, withRawHash(p, row)
	return item, nil
}

// row joins lines until the quotes are closed. It returns no row where the file
// or the limit ends before that.
func (r *csvReader) row(first line) ([]byte, []line, error) {
	lines := []line{first}
	if bytes.Count(first.data, []byte{'"'})%2 == 0 {
		return first.data, lines, nil
	}
	row := bytes.Clone(first.data)
	for open := true; open; {
		l, err := r.line()
		if errors.Is(err, io.EOF) {
			r.hold(&first)
			return nil, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		row = append(append(row, lines[len(lines)-1].end...), l.data...)
		lines = append(lines, l)
		if l.long || len(row) > r.limit {
			return nil, lines, nil
		}
		open = bytes.Count(l.data, []byte{'"'})%2 == 0
	}
	return row, lines, nil
}

func (r *csvReader) line() (line, error) {
	if len(r.pending) > 0 {
		l := r.pending[0]
		r.pending = r.pending[1:]
		return l, nil
	}
	return r.lines.next()
}

func (r *csvReader) pushBack(lines []line) {
	r.pending = append(lines[:len(lines):len(lines)], r.pending...)
}

func (r *csvReader) consumed(l *line) {
	r.last = *l
	if l.end == "" {
		r.hold(l)
	}
}

// hold keeps the position before a line to which more may be appended.
func (r *csvReader) hold(l *line) {
	if r.held == nil {
		held := *l
		r.held = &held
	}
}

func (r *csvReader) position() (int64, int) {
	if r.held != nil {
		return r.held.start, r.held.number - 1
	}
	return r.last.next, r.last.number
}

func (r *csvReader) linesRead() int { return r.lines.number }

// shapeError is a row that is not well-formed CSV, or of the wrong width.
type shapeError struct{ reason string }

func (e *shapeError) Error() string { return e.reason }

// splitRow divides one row into its fields.
func splitRow(row []byte, separator byte) ([]string, error) {
	var fields []string
	for {
		field, rest, more, err := splitField(row, separator)
		if err != nil {
			return nil, &shapeError{fmt.Sprintf("column %d: %v", len(fields)+1, err)}
		}
		fields = append(fields, field)
		if !more {
			return fields, nil
		}
		row = rest
	}
}

// splitField takes the first field off a row; more says that another follows.
func splitField(row []byte, separator byte) (field string, rest []byte, more bool, err error) {
	if len(row) == 0 || row[0] != '"' {
		plain, rest, more := bytes.Cut(row, []byte{separator})
		if bytes.IndexByte(plain, '"') >= 0 {
			return "", nil, false, fmt.Errorf("value %s: allowed: quotes around the whole field, and doubled inside it", shorten(string(plain)))
		}
		return string(plain), rest, more, nil
	}
	var quoted []byte
	for row = row[1:]; ; {
		end := bytes.IndexByte(row, '"')
		if end < 0 {
			return "", nil, false, errors.New("quotes are not closed")
		}
		quoted = append(quoted, row[:end]...)
		row = row[end+1:]
		switch {
		case len(row) == 0:
			return string(quoted), nil, false, nil
		case row[0] == '"':
			quoted = append(quoted, '"')
			row = row[1:]
		case row[0] == separator:
			return string(quoted), row[1:], true, nil
		default:
			return "", nil, false, fmt.Errorf("value %s: allowed: a separator after the closing quote", shorten(string(row)))
		}
	}
}

// separatorOf returns which of comma, semicolon and tab the header uses most.
func separatorOf(header []byte) byte {
	best := byte(',')
	for _, candidate := range []byte{';', '\t'} {
		if bytes.Count(header, []byte{candidate}) > bytes.Count(header, []byte{best}) {
			best = candidate
		}
	}
	return best
}
