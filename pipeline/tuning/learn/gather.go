package learn

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// Data is where decisions come from; the store implements it.
type Data interface {
	// LastWords are the last words on posts, violation or no_violation.
	LastWords(ctx context.Context) ([]store.DecisionRow, error)
	// FlagsByID returns posts as they are now, also where the flag was withdrawn.
	FlagsByID(ctx context.Context, ids []string) ([]post.Flag, error)
}

// PassedOver counts the decisions that nothing can be learned from.
type PassedOver struct {
	// Gone are decisions on posts that are not stored any more; Edited on posts
	// that were collected again since, so that the text may be another; Person are
	// dismissals that say nothing of the text (not_the_person); Wordless are on
	// posts without words.
	Gone, Edited, Person, Wordless int
}

// gatheredAtOnce bounds the posts in one query.
const gatheredAtOnce = 1000

// Gather reads the decisions with the texts that they are about.
func Gather(ctx context.Context, data Data) ([]Decision, PassedOver, error) {
	words, err := data.LastWords(ctx)
	if err != nil {
		return nil, PassedOver{}, fmt.Errorf("read the decisions: %w", err)
	}
	var decisions []Decision
	var passed PassedOver
	for len(words) > 0 {
		n := min(len(words), gatheredAtOnce)
		ids := make([]string, n)
		for i := range ids {
			ids[i] = words[i].Item
		}
		flags, err := data.FlagsByID(ctx, ids)
		if err != nil {
			return nil, passed, fmt.Errorf("read the posts that were decided on: %w", err)
		}
		byID := make(map[string]*post.Flag, len(flags))
		for i := range flags {
			byID[flags[i].Post.ID] = &flags[i]
		}
		for i := range words[:n] {
			if d, ok := decisionOf(&words[i], byID[words[i].Item], &passed); ok {
				decisions = append(decisions, d)
			}
		}
		words = words[n:]
	}
	return decisions, passed, nil
}

func decisionOf(row *store.DecisionRow, flag *post.Flag, passed *PassedOver) (Decision, bool) {
	confirmed := row.Verdict == string(review.Violation)
	switch {
	case flag == nil:
		passed.Gone++
		return Decision{}, false
	case flag.Post.CollectedAt.After(row.At):
		passed.Edited++
		return Decision{}, false
	case !confirmed && row.Cause == string(review.NotThePerson):
		passed.Person++
		return Decision{}, false
	case !hasLetter(Text(&flag.Post)):
		passed.Wordless++
		return Decision{}, false
	}
	d := Decision{Post: flag.Post, Region: row.Region, Label: post.Label(row.Label), Confirmed: confirmed, At: row.At}
	for _, label := range row.Labels {
		d.Labels = append(d.Labels, post.Label(label))
	}
	return d, true
}
