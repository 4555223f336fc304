package roster

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/strict"
)

// Elections are the elections whose contestants a post can support or attack.
type Elections struct {
	Elections []Election `yaml:"elections"`
}

// Election is one election with its contestants, in one region.
type Election struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
	// Region is the code of the region that votes; empty for the whole country.
	Region      string       `yaml:"region"`
	Stages      []Stage      `yaml:"stages"`
	Contestants []Contestant `yaml:"contestants"`
}

// Stage is a stage of an election, in force from its date to the next one's.
// The stage named StageFinished ends the election.
type Stage struct {
	Name string      `yaml:"name"`
	From strict.Date `yaml:"from"`
}

// StageFinished is the stage from which an election has no contestants to
// support any more.
const StageFinished = "selesai"

// StageSilent is the stage before the vote in which nobody may campaign.
const StageSilent = "masa_tenang"

// Contestant is a pair, candidate or party list that can be voted for.
type Contestant struct {
	ID     string `yaml:"id"`
	Number int    `yaml:"number"`
	// Names are the full names, of a pair one each.
	Names    []string `yaml:"names"`
	Aliases  []string `yaml:"aliases"`
	Parties  []string `yaml:"parties"`
	Hashtags []string `yaml:"hashtags"`
	// Incumbent says that the contestant holds the office: who says "petahana"
	// means this one.
	Incumbent bool `yaml:"incumbent" json:",omitzero"`
}

var (
	regionPattern = regexp.MustCompile(`^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$`)
	idPattern     = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)
)

// ReadElections reads a contestants file. Its error joins all that is wrong.
func ReadElections(path string) (*Elections, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read contestants: %w", err)
	}
	return ParseElections(path, data)
}

// ParseElections reads contestants from data; file is its name in errors.
func ParseElections(file string, data []byte) (*Elections, error) {
	var elections Elections
	document, err := strict.Decode(file, data, &elections)
	if err != nil {
		return nil, err
	}
	c := electionCheck{document: document, ids: map[string]string{}}
	c.elections(elections.Elections)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	return &elections, nil
}

// Contestant returns the contestant with the given id, nil where there is none.
func (e *Elections) Contestant(id string) *Contestant {
	for i := range e.Elections {
		for j := range e.Elections[i].Contestants {
			if c := &e.Elections[i].Contestants[j]; c.ID == id {
				return c
			}
		}
	}
	return nil
}

// Covers says whether a post by a person of the given region, made at the given
// time, can be about this election. An unknown region or time (empty, zero)
// does not rule an election out.
func (e *Election) Covers(region string, at time.Time) bool {
	if region != "" && e.Region != "" && !Contains(e.Region, region) && !Contains(region, e.Region) {
		return false
	}
	return at.IsZero() || e.Open(at)
}

// Open says whether the election has contestants at the given time: from its
// first stage until StageFinished. Without stages it is always open.
func (e *Election) Open(at time.Time) bool {
	if len(e.Stages) == 0 {
		return true
	}
	stage := e.StageAt(at)
	return stage != "" && stage != StageFinished
}

// StageAt returns the name of the stage in force at the given time, empty
// before the first.
func (e *Election) StageAt(at time.Time) string {
	name := ""
	for i := range e.Stages {
		if !at.Before(e.Stages[i].From.Time) {
			name = e.Stages[i].Name
		}
	}
	return name
}

// Silent says whether an election that people of the region can vote in is in
// its silent period at the given time; an empty region is any.
func (e *Elections) Silent(region string, at time.Time) bool {
	for i := range e.Elections {
		if election := &e.Elections[i]; election.StageAt(at) == StageSilent && election.Covers(region, at) {
			return true
		}
	}
	return false
}

type electionCheck struct {
	document *strict.Document
	ids      map[string]string // id -> path of its first use
	errs     []error
}

func (c *electionCheck) fail(path, value, allowed string, args ...any) {
	c.errs = append(c.errs, c.document.Errorf(path, value, allowed, args...))
}

func (c *electionCheck) elections(elections []Election) {
	if len(elections) == 0 {
		c.fail("elections", "empty", "at least one election")
	}
	for i := range elections {
		c.election(fmt.Sprintf("elections[%d]", i), &elections[i])
	}
}

func (c *electionCheck) election(path string, e *Election) {
	c.id(path+".id", "election "+e.ID, e.ID)
	if e.Region != "" && !regionPattern.MatchString(e.Region) {
		c.fail(path+".region", quoted(e.Region), "a region code such as \"61\" or \"61.08\", or empty for the whole country")
	}
	for i, stage := range e.Stages {
		at := fmt.Sprintf("%s.stages[%d]", path, i)
		if !idPattern.MatchString(stage.Name) {
			c.fail(at+".name", quoted(stage.Name), "a word such as bakal_calon, calon, masa_tenang or %s", StageFinished)
		}
		if stage.From.IsZero() {
			c.fail(at+".from", "missing", "a date such as 2024-08-27")
		} else if i > 0 && !stage.From.After(e.Stages[i-1].From.Time) {
			c.fail(at+".from", stage.From.Format(time.DateOnly), "a date after the stage before (%s)", e.Stages[i-1].From.Format(time.DateOnly))
		}
	}
	if len(e.Contestants) == 0 {
		c.fail(path+".contestants", "empty", "at least one contestant")
	}
	numbers := map[int]int{}
	incumbent := -1
	for i := range e.Contestants {
		at := fmt.Sprintf("%s.contestants[%d]", path, i)
		contestant := &e.Contestants[i]
		c.contestant(at, contestant)
		if contestant.Incumbent && incumbent >= 0 {
			c.fail(at+".incumbent", "true", "one incumbent an election (contestants[%d] is it)", incumbent)
		} else if contestant.Incumbent {
			incumbent = i
		}
		if first, taken := numbers[contestant.Number]; taken && contestant.Number != 0 {
			c.fail(at+".number", fmt.Sprint(contestant.Number), "a number that no other contestant has (contestants[%d] has it)", first)
		} else {
			numbers[contestant.Number] = i
		}
	}
}

func (c *electionCheck) contestant(path string, contestant *Contestant) {
	c.id(path+".id", "contestant "+contestant.ID, contestant.ID)
	if contestant.Number < 0 || contestant.Number > 99 {
		c.fail(path+".number", fmt.Sprint(contestant.Number), "a whole number from 1 to 99, or no key where numbers are not drawn yet")
	}
	if len(contestant.Names) == 0 {
		c.fail(path+".names", "empty", "at least one name")
	}
	for key, values := range map[string][]string{
		"names": contestant.Names, "aliases": contestant.Aliases, "parties": contestant.Parties, "hashtags": contestant.Hashtags,
	} {
		for i, value := range values {
			at := fmt.Sprintf("%s.%s[%d]", path, key, i)
			if strings.TrimSpace(value) == "" {
				c.fail(at, quoted(value), "a text with letters")
			}
			if key == "hashtags" && !strings.HasPrefix(value, "#") {
				c.fail(at, quoted(value), "a hashtag that begins with #")
			}
		}
	}
}

func (c *electionCheck) id(path, kind, id string) {
	if !idPattern.MatchString(id) {
		c.fail(path, quoted(id), "an id of letters, digits, dots, dashes and underscores")
		return
	}
	if first, taken := c.ids[kind]; taken {
		c.fail(path, quoted(id), "an id that is used once (line %d has it)", c.document.Line(first))
		return
	}
	c.ids[kind] = path
}

func quoted(s string) string {
	if s == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", s)
}

// Numbers returns the numbers of all contestants of the election, ascending.
func (e *Election) Numbers() []int {
	numbers := make([]int, 0, len(e.Contestants))
	for i := range e.Contestants {
		if n := e.Contestants[i].Number; n != 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}
