package stream

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/netra-id/netra/pipeline/post"
)

func (j *Job) classify(c *chunk) {
	for i, line := range c.lines {
		number := c.first + i
		if line == nil {
			continue // already reported as repeated
		}
		if c.long[i] {
			c.fail(number, fmt.Errorf("a line of more than %d bytes; allowed: at most that", MaxLineBytes))
			continue
		}
		p, skip, err := j.decode(number, line)
		if err != nil {
			c.fail(number, err)
			continue
		}
		if skip {
			continue
		}
		c.append(j, &p, number)
	}
	slices.SortStableFunc(c.errs, func(a, b error) int { return cmp.Compare(lineOf(a), lineOf(b)) })
	for i, err := range c.errs {
		c.errs[i] = fmt.Errorf("%s:%d: %w", j.Name, lineOf(err), err)
	}
}

func lineOf(err error) int {
	var located *lineError
	if errors.As(err, &located) {
		return located.line
	}
	return 0
}

func (c *chunk) fail(line int, err error) { c.errs = append(c.errs, &lineError{line: line, err: err}) }

func (c *chunk) append(j *Job, p *post.Post, number int) {
	verdict := j.Classifier.Classify(p, j.Region)
	data, err := json.Marshal(&verdict, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		c.fail(number, fmt.Errorf("write the verdict: %w", err))
		return
	}
	c.out = append(append(c.out, data...), '\n')
	c.counts.Posts++
	if verdict.Flagged {
		c.counts.Flagged++
	}
}

// byteOrderMark is what some editors write before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decode reads one line; skip is true for a blank line of JSONL.
func (j *Job) decode(number int, line []byte) (p post.Post, skip bool, err error) {
	line = bytes.TrimRight(line, "\r\n")
	if number == 1 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if j.Format == Text {
		p = post.Post{ID: strconv.Itoa(number), Kind: post.KindPost, Text: string(line)}
		return p, false, j.validate(&p)
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return post.Post{}, true, nil
	}
	p, err = post.Decode(line)
	if err != nil {
		return post.Post{}, false, err
	}
	return p, false, j.validate(&p)
}

// validate asks for an id only: without a server there is no roster, so the
// account may be missing. What is there must be right.
func (j *Job) validate(p *post.Post) error {
	whole := *p
	if whole.Platform == "" {
		whole.Platform = post.Platforms[0]
	}
	if whole.Account.ID == "" {
		whole.Account.ID = "-"
	}
	now := j.Now()
	if whole.CreatedAt.IsZero() {
		whole.CreatedAt = now
	}
	return whole.Validate(now)
}
