package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// reader reads the records of a file one after another, whatever its format.
type reader interface {
	// next returns the next record, also one that is malformed, or io.EOF. An
	// *collect.Error of KindMalformed says that the file as a whole cannot be
	// read.
	next() (collect.Item, error)
	// position returns the offset and number of the line from which reading can
	// go on later. It does not go beyond a last line that has no end, or a last
	// record whose quotes are not closed, since more may be appended to them.
	position() (offset int64, line int)
	// linesRead is the number of the line that was read last.
	linesRead() int
}

// options are what the formats need to know.
type options struct {
	// name stands for the file in positions.
	name     string
	limit    int // bytes of a record
	location *time.Location
	// mapping says how records of another tool become posts; nil for records
	// that are posts.
	mapping *Mapping
}

func (o *options) place(number int) string { return fmt.Sprintf("%s:%d", o.name, number) }

const utf8BOM = "\ufeff"

// checkEncoding refuses what is UTF-16 by its byte order mark.
func checkEncoding(name string, firstLine []byte) error {
	if bytes.HasPrefix(firstLine, []byte{0xff, 0xfe}) || bytes.HasPrefix(firstLine, []byte{0xfe, 0xff}) {
		return collect.Errorf(collect.KindMalformed, "%s:1: encoding: value UTF-16: allowed: UTF-8", name)
	}
	return nil
}

// jsonlReader reads a post as JSON from each line.
type jsonlReader struct {
	options
	lines *lineReader
	held  *line
}

func (r *jsonlReader) next() (collect.Item, error) {
	for {
		l, err := r.lines.next()
		if err != nil {
			return collect.Item{}, err
		}
		if l.start == 0 {
			if err := checkEncoding(r.name, l.data); err != nil {
				return collect.Item{}, err
			}
			l.data = bytes.TrimPrefix(l.data, []byte(utf8BOM))
		}
		if len(bytes.TrimSpace(l.data)) == 0 {
			continue
		}
		if l.end == "" {
			r.held = &l
		}
		return r.item(&l), nil
	}
}

func (r *jsonlReader) item(l *line) collect.Item {
	item := collect.Item{Position: r.place(l.number), Raw: l.data}
	if l.long {
		item.Err = tooLong(l.size(), r.limit)
		return item
	}
	item.Post, item.Err = r.decode(l.data)
	return item
}

func (r *jsonlReader) position() (int64, int) {
	if r.held != nil {
		return r.held.start, r.held.number - 1
	}
	return r.lines.offset, r.lines.number
}

func (r *jsonlReader) linesRead() int { return r.lines.number }

// withRawHash ties the post to the record from which it was read.
func withRawHash(p post.Post, raw []byte) post.Post {
	if p.RawSHA256 == "" {
		sum := sha256.Sum256(raw)
		p.RawSHA256 = hex.EncodeToString(sum[:])
	}
	return p
}

func tooLong(size int64, limit int) *collect.ItemError {
	return &collect.ItemError{
		Cause: collect.CauseTooLong,
		Err:   fmt.Errorf("record of %d bytes: allowed: at most %d bytes", size, limit),
	}
}

func malformed(key, value, allowed string) *collect.ItemError {
	return &collect.ItemError{
		Cause: collect.CauseMalformed,
		Err:   &post.FieldError{Key: key, Value: value, Allowed: allowed},
	}
}

// shorten keeps messages readable, and valid UTF-8.
func shorten(s string) string {
	const most = 80
	if !utf8.ValidString(s) {
		s = string(bytes.ToValidUTF8([]byte(s), []byte("\ufffd")))
	}
	if len(s) > most {
		s = string(bytes.ToValidUTF8([]byte(s[:most]), nil)) + "…"
	}
	return fmt.Sprintf("%q", s)
}

var _ reader = (*jsonlReader)(nil)
var _ reader = (*csvReader)(nil)

// isEnd says whether err is the plain end of a file.
func isEnd(err error) bool { return errors.Is(err, io.EOF) }
