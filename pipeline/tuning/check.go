package tuning

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
)

// Report is what the checks of a bundle found. A bundle with Problems or
// Failures cannot be published; Notes say what would make it better.
type Report struct {
	Version string `json:"version"`
	// Problems are what keeps the bundle from compiling, or rules that can never
	// do what they say, each with file, line and what is allowed.
	Problems []string `json:"problems,omitempty"`
	// Failures are the examples that do not turn out as their rules say.
	Failures []string `json:"failures,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	Rules    int      `json:"rules"`
	Examples int      `json:"examples"`
}

// Passed says whether the bundle may be published.
func (r Report) Passed() bool { return len(r.Problems) == 0 && len(r.Failures) == 0 }

// Err is what keeps the bundle from being published, or nil.
func (r Report) Err() error {
	if r.Passed() {
		return nil
	}
	return fmt.Errorf("%w: its checks fail:\n%s", ErrNotChecked, strings.Join(append(r.Problems, r.Failures...), "\n"))
}

// Check compiles a bundle, looks through its lists and claims, and runs every
// example of every rule, with the contestants of the bundle and of an
// example election.
func (c *Compiler) Check(b Bundle) (Report, *Compiled) {
	report := Report{Version: b.ID()}
	compiled, err := c.Compile(b)
	if err != nil {
		report.Problems = strings.Split(err.Error(), "\n")
		return report, nil
	}
	report.Rules = len(compiled.Lists.Rules())
	for _, finding := range keyword.Check(compiled.Lists) {
		if finding.Severity == keyword.Note {
			report.Notes = append(report.Notes, finding.String())
			continue
		}
		report.Problems = append(report.Problems, finding.String())
	}
	for _, finding := range claims.Check(compiled.Claims) {
		report.Notes = append(report.Notes, finding.String())
	}
	examples, err := c.exampleJudge(compiled)
	if err != nil {
		report.Problems = append(report.Problems, err.Error())
		return report, nil
	}
	var failures []keyword.Failure
	report.Examples, failures = keyword.Test(compiled.Lists, examples.Holds)
	for _, failure := range failures {
		report.Failures = append(report.Failures, failure.String())
	}
	return report, compiled
}

// exampleJudge is the classifier that the examples of rules are run through.
// They speak of numbers 1 to 5, which no single election may have, or of the
// bundle's own contestants.
func (c *Compiler) exampleJudge(compiled *Compiled) (*judge.Judge, error) {
	elections := judge.ExampleElections()
	elections.Elections = append(elections.Elections, compiled.Elections.Elections...)
	return c.judge(compiled, elections)
}

// Default is the bundle of what is built into Netra, with contestants and
// thresholds that may be nil.
func Default(contestants, thresholds []byte) (Bundle, error) {
	lists, err := keyword.DefaultFiles()
	if err != nil {
		return Bundle{}, err
	}
	return bundleOf(lists, contestants, thresholds, claims.DefaultFile())
}

func bundleOf(lists []keyword.File, contestants, thresholds, library []byte) (Bundle, error) {
	files := map[string][]byte{}
	for _, list := range lists {
		files[KeywordsFolder+"/"+baseOf(list.Name)] = list.Data
	}
	for name, data := range map[string][]byte{ContestantsFile: contestants, ThresholdsFile: thresholds, ClaimsFile: library} {
		if len(bytes.TrimSpace(data)) > 0 {
			files[name] = data
		}
	}
	return NewBundle(files)
}

func baseOf(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }
