// Package corpus makes the posts that the benchmarks classify, and the
// classifier that they classify with: the whole of it, as `netra work` has it,
// with the contestants of the sample election.
package corpus

import (
	"fmt"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/roster"
)

// Region is where the sample election is held.
const Region = "97"

// NewJudge builds the classifier with all that is shipped. A nil known stands
// for the shipped claims.
func NewJudge(known *claims.Index) (*judge.Judge, error) {
	file, err := sample.Files.ReadFile("contestants.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the sample contestants: %w", err)
	}
	elections, err := roster.ParseElections("contestants.yaml", file)
	if err != nil {
		return nil, err
	}
	lists, err := keyword.Default()
	if err != nil {
		return nil, err
	}
	identifier, err := language.New(language.DefaultConfiguration())
	if err != nil {
		return nil, err
	}
	models, err := linear.Default()
	if err != nil {
		return nil, err
	}
	fusion, err := judge.DefaultFusion()
	if err != nil {
		return nil, err
	}
	if known == nil {
		if known, err = claims.Default(); err != nil {
			return nil, err
		}
	}
	return judge.New(judge.Configuration{
		Elections: elections, Lists: lists, Language: identifier, Models: models, Claims: known, Fusion: fusion,
	})
}
