package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// jsonReader reads the records of a JSON file that is a list, has a list under
// a path, or has one record behind the other over several lines.
type jsonReader struct {
	options
	source  *lineCounter
	decoder *jsontext.Decoder
	// inList says that the records are elements of a list.
	inList bool
	begun  bool
	ended  bool
	// read counts the records, also those that are malformed.
	read int
	line int
}

// lineCounter counts the lines of what is read through it.
type lineCounter struct {
	reader io.Reader
	// ends are the offsets behind line ends that have been read but not passed.
	ends   []int64
	offset int64
	passed int
	// taken is the offset up to which records have been taken.
	taken int64
}

// mostBuffered bounds what is held of a record before its length is known.
const mostBuffered = 64 << 20

func (c *lineCounter) Read(p []byte) (int, error) {
	if c.offset-c.taken > mostBuffered {
		return 0, fmt.Errorf("records: one of more than %d bytes: allowed: smaller ones, or the path of the list in the mapping's key records", mostBuffered)
	}
	n, err := c.reader.Read(p)
	for at, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.offset+int64(at)+1)
		}
	}
	c.offset += int64(n)
	return n, err
}

// lineAt returns the number of the line of an offset; offsets only grow.
func (c *lineCounter) lineAt(offset int64) int {
	n := 0
	for n < len(c.ends) && c.ends[n] <= offset {
		n++
	}
	c.ends = c.ends[n:]
	c.passed += n
	return c.passed + 1
}

func newJSONReader(stream io.Reader, opts options) (*jsonReader, error) {
	buffered := bufio.NewReader(stream)
	start, err := buffered.Peek(3)
	if err != nil && !isEnd(err) {
		return nil, err
	}
	if err := checkEncoding(opts.name, start); err != nil {
		return nil, err
	}
	if bytes.Equal(start, []byte(utf8BOM)) {
		_, _ = buffered.Discard(len(utf8BOM)) // it was peeked at
	}
	r := &jsonReader{options: opts, source: &lineCounter{reader: buffered}}
	r.decoder = jsontext.NewDecoder(r.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(false))
	return r, nil
}

// skip passes over records that were read before.
func (r *jsonReader) skip(records int) error {
	for r.read < records {
		if _, err := r.next(); err != nil {
			if isEnd(err) {
				return nil
			}
			return err
		}
	}
	return nil
}

func (r *jsonReader) next() (collect.Item, error) {
	if !r.begun {
		if err := r.begin(); err != nil {
			return collect.Item{}, r.failed(err)
		}
	}
	if r.ended || r.inList && r.decoder.PeekKind() == ']' {
		r.ended = true
		return collect.Item{}, io.EOF
	}
	if kind := r.decoder.PeekKind(); kind != 0 {
		r.line = r.source.lineAt(r.decoder.InputOffset() + int64(r.gap()))
	}
	value, err := r.decoder.ReadValue()
	if errors.Is(err, io.EOF) && !r.inList {
		r.ended = true
		return collect.Item{}, io.EOF
	}
	if err != nil {
		return collect.Item{}, r.failed(err)
	}
	r.read++
	r.source.taken = r.decoder.InputOffset()
	item := collect.Item{Position: r.place(r.line), Raw: bytes.Clone(value)}
	if len(value) > r.limit {
		item.Raw, item.Err = item.Raw[:r.limit], tooLong(int64(len(value)), r.limit)
		return item, nil
	}
	item.Post, item.Err = r.decode(item.Raw)
	return item, nil
}

// gap is how many bytes stand before the next value.
func (r *jsonReader) gap() int {
	rest := r.decoder.UnreadBuffer()
	return len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,"))
}

// begin goes to the first record.
func (r *jsonReader) begin() error {
	r.begun = true
	if r.mapping != nil && r.mapping.Records != "" {
		for name := range strings.SplitSeq(r.mapping.Records, ".") {
			if err := r.enter(name); err != nil {
				return err
			}
		}
		if r.decoder.PeekKind() != '[' {
			return fmt.Errorf("records: value %q: allowed: the path of a list", r.mapping.Records)
		}
	}
	if r.decoder.PeekKind() != '[' {
		return nil
	}
	r.inList = true
	_, err := r.decoder.ReadToken()
	return err
}

// enter goes into the member of an object.
func (r *jsonReader) enter(name string) error {
	if r.decoder.PeekKind() != '{' {
		return fmt.Errorf("records: no object with the member %q", name)
	}
	if _, err := r.decoder.ReadToken(); err != nil {
		return err
	}
	for r.decoder.PeekKind() == '"' {
		member, err := r.decoder.ReadToken()
		if err != nil {
			return err
		}
		if member.String() == name {
			return nil
		}
		if err := r.decoder.SkipValue(); err != nil {
			return err
		}
		r.source.taken = r.decoder.InputOffset()
	}
	return fmt.Errorf("records: the file has no member %q", name)
}

// failed types an error of the syntax, which the file does not recover from.
func (r *jsonReader) failed(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "records: ") {
		line := r.source.lineAt(r.decoder.InputOffset())
		if syntax != nil {
			line, err = r.source.lineAt(syntax.ByteOffset), fmt.Errorf("not valid JSON: %w", syntax.Err)
		}
		return collect.Errorf(collect.KindMalformed, "%s: %w", r.place(line), err)
	}
	return err
}

// position counts records instead of bytes: such a file is not appended to.
func (r *jsonReader) position() (int64, int) { return int64(r.read), r.line }

func (r *jsonReader) linesRead() int { return r.line }

// decode makes a post of a record of JSON.
func (o *options) decode(raw []byte) (post.Post, *collect.ItemError) {
	if o.mapping == nil {
		p, err := post.Decode(raw)
		if err != nil {
			return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		}
		return withRawHash(p, raw), nil
	}
	from, err := parseObject(raw)
	if err != nil {
		return post.Post{}, &collect.ItemError{Cause: collect.CauseMalformed, Err: fmt.Errorf("not a record: %w", err)}
	}
	p, problem := o.mapping.post(from, o.location)
	if problem != nil {
		return p, problem
	}
	return withRawHash(p, raw), nil
}

var _ reader = (*jsonReader)(nil)
