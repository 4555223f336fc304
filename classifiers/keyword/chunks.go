package keyword

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/netra-id/netra/pipeline/strict"
)

// A YAML reader takes hundreds of bytes of memory for every byte of a file. So
// the rules of a large file are read some at a time: where the file is written as
// usual, a rule begins with a dash in the same column as all others, and what
// stands between two of them is YAML by itself.
const (
	// largeFile is from how many bytes on a file is read in parts.
	largeFile = 256 << 10
	// rulesOfChunk is how many rules are read at once.
	rulesOfChunk = 500
)

// chunk is a part of a file: some rules, as a list of rules by itself.
type chunk struct {
	// data begins with the line "rules:" in place of the line before the first rule.
	data []byte
	// before is how many lines the file has before data, and firstRule the number
	// of the first rule.
	before, firstRule int
}

// splitRules takes the rules out of a file. In head empty lines stand in their
// place, so that what follows keeps its lines. ok is false where the file must be
// read whole.
func splitRules(data []byte, rulesOfChunk int) (head []byte, chunks []chunk, ok bool) {
	s := ruleSplitter{size: rulesOfChunk, dash: -1}
	for number, line := 0, 0; len(data) > 0; number++ {
		if line = bytes.IndexByte(data, '\n') + 1; line == 0 {
			line = len(data)
		}
		if !s.take(data[:line], number) {
			return nil, nil, false
		}
		data = data[line:]
	}
	s.end()
	return s.head, s.chunks, len(s.chunks) > 0
}

// ruleSplitter takes a file line by line.
type ruleSplitter struct {
	size   int
	head   []byte
	chunks []chunk
	inside bool // within the rules
	dash   int  // the column of the rules' dashes, -1 while it is not known
	data   []byte
	before int // lines before data
	rules  int // rules so far
	cut    int // rules before data
}

var rulesKey = []byte("rules:")

// take takes one line, and says whether the file can be split so far.
func (s *ruleSplitter) take(line []byte, number int) bool {
	content := bytes.TrimLeft(line, " ")
	column := len(line) - len(content)
	content = bytes.TrimRight(content, "\r\n ")
	if !s.inside {
		s.head = append(s.head, line...)
		if column == 0 && isRulesKey(content) {
			s.inside, s.before, s.dash = true, number, -1
			s.data = append(s.data[:0:0], "rules:\n"...)
		}
		return true
	}
	empty := len(content) == 0 || content[0] == '#'
	isDash := len(content) > 0 && content[0] == '-' && (len(content) == 1 || content[1] == ' ')
	switch {
	case empty:
	case isDash && s.dash < 0:
		s.dash = column
		s.rule(number)
	case isDash && column == s.dash:
		s.rule(number)
	case column > s.dash && s.dash >= 0:
	case column == 0:
		s.end()
		return s.take(line, number)
	default:
		return false
	}
	s.data = append(s.data, line...)
	s.head = append(s.head, '\n')
	return true
}

// isRulesKey says whether a line is the key of rules that follow on lines of their
// own.
func isRulesKey(line []byte) bool {
	rest, found := bytes.CutPrefix(line, rulesKey)
	rest = bytes.TrimLeft(rest, " ")
	return found && (len(rest) == 0 || rest[0] == '#')
}

// rule begins a rule, and with it a chunk where the last has enough.
func (s *ruleSplitter) rule(number int) {
	if s.rules-s.cut == s.size {
		s.chunks = append(s.chunks, chunk{s.data, s.before, s.cut})
		s.data = append([]byte(nil), "rules:\n"...)
		s.before, s.cut = number-1, s.rules
	}
	s.rules++
}

// end ends the rules.
func (s *ruleSplitter) end() {
	if s.rules > s.cut {
		s.chunks = append(s.chunks, chunk{s.data, s.before, s.cut})
		s.cut = s.rules
	}
	s.inside = false
}

// place says in a file what is known of a part of it.
func (c *chunk) place(err error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var errs []error
		for _, each := range joined.Unwrap() {
			errs = append(errs, c.place(each))
		}
		return errors.Join(errs...)
	}
	var at *strict.Error
	if !errors.As(err, &at) {
		return err
	}
	placed := *at
	if placed.Line > 0 {
		placed.Line += c.before
	}
	if number, rest, ok := strings.Cut(strings.TrimPrefix(placed.Key, "rules["), "]"); ok && strings.HasPrefix(placed.Key, "rules[") {
		var n int
		if _, err := fmt.Sscan(number, &n); err == nil {
			placed.Key = fmt.Sprintf("rules[%d]%s", n+c.firstRule, rest)
		}
	}
	return &placed
}
