// Package stream classifies posts that come line by line and writes a verdict a
// line, in input order, on all cores. It is what `netra classify` runs; it needs
// no server. A line that cannot be read is reported and counted, and the lines
// behind it are classified all the same.
package stream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
)

// Format is how posts are written on the input.
type Format string

// The formats of the input.
const (
	// JSONL is one post a line, as JSON; only its id must be there.
	JSONL Format = "jsonl"
	// Text is one post a line, as plain text; the line's number is its id.
	Text Format = "text"
)

// Formats lists every format.
var Formats = []Format{JSONL, Text}

// MaxLineBytes bounds one line of input; a longer one is reported.
const MaxLineBytes = 4 << 20

const chunkLines = 256

// Job says what to classify, and how.
type Job struct {
	Classifier classifiers.Classifier
	Format     Format
	// Region is the region of the posts' authors, empty where unknown.
	Region string
	// Name is the input's name in error messages.
	Name string
	In   io.Reader
	Out  io.Writer
	// Report is told of every line that cannot be classified.
	Report func(error)
	Now    func() time.Time
}

// Summary counts what a job did.
type Summary struct{ Posts, Flagged, Bad int }

// chunk is a run of lines that is classified as one piece of work.
type chunk struct {
	first  int // number of the first line, from 1
	lines  [][]byte
	long   map[int]bool // index -> longer than MaxLineBytes
	out    []byte
	errs   []error
	counts Summary
	ready  chan struct{}
}

// Run classifies until the input ends. Its error is one of reading, writing or
// ctx; lines that cannot be classified are only reported and counted.
func (j *Job) Run(ctx context.Context) (Summary, error) {
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan *chunk)
	ordered := make(chan *chunk, 2*runtime.GOMAXPROCS(0))
	group.Go(func() error {
		defer close(work)
		defer close(ordered)
		return j.read(ctx, work, ordered)
	})
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for c := range work {
				j.classify(c)
				close(c.ready)
			}
			return nil
		})
	}
	var total Summary
	group.Go(func() error { return j.write(ctx, ordered, &total) })
	err := group.Wait()
	return total, err
}

func (j *Job) read(ctx context.Context, work, ordered chan<- *chunk) error {
	reader := bufio.NewReaderSize(j.In, 256<<10)
	ids := map[uint64]int{}
	seed := maphash.MakeSeed()
	for first := 1; ; {
		c, err := readChunk(reader, first)
		if c.lines != nil {
			if j.Format == JSONL {
				c.findRepeated(ids, seed)
			}
			for _, to := range []chan<- *chunk{ordered, work} {
				select {
				case to <- c:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			first += len(c.lines)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", j.Name, err)
		}
	}
}

// readChunk reads lines until the chunk is full, the input ends or pauses.
func readChunk(reader *bufio.Reader, first int) (*chunk, error) {
	c := &chunk{first: first, long: map[int]bool{}, ready: make(chan struct{})}
	for len(c.lines) < chunkLines {
		line, long, err := readLine(reader)
		if err != nil && len(line) == 0 {
			return c, err
		}
		if long {
			c.long[len(c.lines)] = true
		}
		c.lines = append(c.lines, line)
		if err != nil {
			return c, err
		}
		if reader.Buffered() == 0 {
			break // somebody types: do not let them wait for a full chunk
		}
	}
	return c, nil
}

func readLine(reader *bufio.Reader) (line []byte, long bool, err error) {
	line = []byte{}
	for {
		part, err := reader.ReadSlice('\n')
		if len(line)+len(part) > MaxLineBytes {
			long = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return line, long, err
	}
}

// findRepeated is called for one chunk after another, since it compares with
// all lines before. A repeated id is marked by an error at its line.
func (c *chunk) findRepeated(ids map[uint64]int, seed maphash.Seed) {
	for i, line := range c.lines {
		if c.first+i == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		id := idOf(line)
		if id == "" {
			continue
		}
		sum := maphash.String(seed, id)
		if before, repeated := ids[sum]; repeated {
			c.errs = append(c.errs, &lineError{
				line: c.first + i,
				err:  &post.FieldError{Key: "id", Value: fmt.Sprintf("%q", id), Allowed: fmt.Sprintf("each id once (line %d has it)", before)},
			})
			c.lines[i] = nil
			continue
		}
		ids[sum] = c.first + i
	}
}

// idOf finds the value of the key "id" without reading the whole post.
func idOf(line []byte) string {
	var head struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(line, &head, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return head.ID
}

type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }

func (e *lineError) Unwrap() error { return e.err }

func (j *Job) write(ctx context.Context, ordered <-chan *chunk, total *Summary) error {
	for c := range ordered {
		select {
		case <-c.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := j.Out.Write(c.out); err != nil {
			return fmt.Errorf("write verdicts: %w", err)
		}
		for _, err := range c.errs {
			j.Report(err)
		}
		total.Posts += c.counts.Posts
		total.Flagged += c.counts.Flagged
		total.Bad += len(c.errs)
	}
	return nil
}
