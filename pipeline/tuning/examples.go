package tuning

import (
	"context"
	"errors"
	"fmt"

	"github.com/netra-id/netra/classifiers/keyword"
)

// ExampleOutcome is one example of a rule, with how it turns out.
type ExampleOutcome struct {
	Text string
	// Flags is true for an example that must flag; OK says whether it does as it
	// must, and Why what it rests on.
	Flags, OK bool
	Why       string
}

// Examples runs the examples of one rule, as Check does.
func (c *Compiler) Examples(compiled *Compiled, rule *keyword.Rule) ([]ExampleOutcome, error) {
	by, err := c.exampleJudge(compiled)
	if err != nil {
		return nil, err
	}
	outcomes := make([]ExampleOutcome, 0, len(rule.Flags)+len(rule.Passes))
	for _, example := range rule.Flags {
		holds, why := by.Holds(rule, example.Text)
		outcomes = append(outcomes, ExampleOutcome{example.Text, true, holds, why})
	}
	for _, example := range rule.Passes {
		holds, why := by.Holds(rule, example.Text)
		outcomes = append(outcomes, ExampleOutcome{example.Text, false, !holds, why})
	}
	return outcomes, nil
}

// LatestBacktests lists the newest back-tests of all versions, the newest first,
// without their reports.
func (b *Book) LatestBacktests(ctx context.Context, limit int) (list []Backtest, err error) {
	rows, err := b.db.Query(ctx, `SELECT number, version, published, plan, status, done, total, rate, began, changed, made_by, failure, ''
		FROM tuning_backtests ORDER BY number DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list the back-tests: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		t, err := scanBacktest(rows)
		if err != nil {
			return nil, fmt.Errorf("list the back-tests: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// Configuration is what publishing asks for.
func (b *Book) Configuration() Configuration { return b.cfg }
