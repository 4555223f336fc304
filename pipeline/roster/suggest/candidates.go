package suggest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/post"
)

// Candidate is an account of a platform that may be somebody's of the roster.
type Candidate struct {
	Platform, AccountID, Handle, Name, Bio, URL string
}

// Key is the account's key, "platform:account id".
func (c *Candidate) Key() string { return post.AccountKey(c.Platform, c.AccountID) }

// CandidateColumns are the columns of a file of candidates that are read. The
// first three are required, and of name and bio one; others are passed over.
var CandidateColumns = []string{"platform", "account_id", "handle", "name", "bio", "url"}

// PersonColumns are the columns of a file of persons that are read; name is
// required, others than these are passed over.
var PersonColumns = []string{"name", "agency", "unit", "position", "region"}

// ParseCandidates reads a CSV file of candidates; file is its name in errors.
func ParseCandidates(file string, r io.Reader) ([]Candidate, error) {
	var candidates []Candidate
	err := eachRow(file, r, []string{"platform", "account_id", "handle"}, func(line int, value func(string) string) error {
		c := Candidate{
			Platform: strings.ToLower(value("platform")), AccountID: value("account_id"), Handle: value("handle"),
			Name: value("name"), Bio: value("bio"), URL: value("url"),
		}
		if !slices.Contains(post.Platforms, c.Platform) {
			return fmt.Errorf("%s:%d: column \"platform\": value %q; allowed: %s", file, line, c.Platform, strings.Join(post.Platforms, ", "))
		}
		if c.AccountID == "" {
			return fmt.Errorf("%s:%d: column \"account_id\": value missing; allowed: a text", file, line)
		}
		candidates = append(candidates, c)
		return nil
	})
	return candidates, err
}

// ParsePersons reads a CSV file of persons who may have no account in the roster
// yet. A column nip, where there is one, is not read.
func ParsePersons(file string, r io.Reader) ([]post.Person, error) {
	var persons []post.Person
	err := eachRow(file, r, []string{"name"}, func(line int, value func(string) string) error {
		p := post.Person{Name: value("name"), Agency: value("agency"), Unit: value("unit"), Position: value("position"), Region: value("region")}
		if p.Name == "" {
			return fmt.Errorf("%s:%d: column \"name\": value missing; allowed: a text", file, line)
		}
		persons = append(persons, p)
		return nil
	})
	return persons, err
}

const mostProblems = 50

// eachRow reads a CSV file with a header and gives every row to read.
func eachRow(file string, r io.Reader, required []string, read func(line int, value func(string) string) error) error {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		return fmt.Errorf("%s:1: not a CSV file with a header: %w", file, err)
	}
	columns := map[string]int{}
	for n, name := range header {
		columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = n
	}
	for _, name := range required {
		if _, ok := columns[name]; !ok {
			return fmt.Errorf("%s:1: column %q is missing; allowed: %s", file, name, strings.Join(required, ", ")+" and others")
		}
	}
	var problems []error
	for len(problems) < mostProblems {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", file, err))
			continue
		}
		line, _ := reader.FieldPos(0)
		if err := read(line, valueOf(record, columns)); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func valueOf(record []string, columns map[string]int) func(string) string {
	return func(name string) string {
		n, ok := columns[name]
		if !ok || n >= len(record) || !utf8.ValidString(record[n]) {
			return ""
		}
		return strings.TrimSpace(record[n])
	}
}
