package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/health"
	"github.com/netra-id/netra/pipeline/tuning/suggest"
)

// suggestFlagged bounds the flagged posts that variants are looked for in.
const suggestFlagged = 50_000

func keywordsSuggestCommand(a *app) *cobra.Command {
	var asJSON bool
	cfg := suggest.DefaultConfiguration()
	cmd := &cobra.Command{
		Use:   "suggest [PHRASE]",
		Short: "Find words that stand out in confirmed posts and are in no rule; with PHRASE, its other spellings",
		Long: `Suggest looks for words and phrases that stand in posts which analysts confirmed more
often than in those that they dismissed and in everyday ones, and for which no rule in
force looks. With a phrase it looks for other spellings of it in the newest flagged
posts, among the same words. It changes nothing.`,
		Example: "  netra keywords suggest\n  netra keywords suggest gaspol",
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cfg.Most < 1 {
				return usage(fmt.Errorf("--limit %d; allowed: 1 or more", cfg.Most))
			}
			s, err := a.newStore()
			if err != nil {
				return err
			}
			defer func() { a.logged("the connection to ClickHouse did not close", s.Close()) }()
			if len(args) == 1 {
				return a.suggestVariants(cmd.Context(), s, cfg, args[0], asJSON)
			}
			return a.suggestWords(cmd.Context(), s, cfg, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the suggestions as JSON")
	cmd.Flags().IntVar(&cfg.Most, "limit", cfg.Most, "how many suggestions")
	return cmd
}

func (a *app) suggestWords(ctx context.Context, s *store.Store, cfg suggest.Configuration, asJSON bool) error {
	lists, elections, err := a.listsInForce(ctx, s)
	if err != nil {
		return err
	}
	confirmed, background, err := suggest.Decided(ctx, s)
	if err != nil {
		return err
	}
	words := suggest.Words(cfg, lists, suggest.Names(elections), confirmed, background)
	if asJSON {
		return a.printJSON(words)
	}
	_, _ = fmt.Fprintf(a.out, "%d confirmed posts, %d others\n", len(confirmed), len(background))
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "phrase\tconfirmed\taccounts\tothers\tG2\tfor example")
	for _, w := range words {
		_, _ = fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%.1f\t%s\n", w.Phrase, w.Confirmed, w.Accounts, w.Background, w.G2, strings.Join(w.Examples, " "))
	}
	return out.Flush()
}

func (a *app) suggestVariants(ctx context.Context, s *store.Store, cfg suggest.Configuration, phrase string, asJSON bool) error {
	posts, err := suggest.Flagged(ctx, s, suggestFlagged)
	if err != nil {
		return err
	}
	variants, err := suggest.Variants(cfg, phrase, posts)
	if err != nil {
		return usage(fmt.Errorf("phrase %q: %w; allowed: one to four words", phrase, err))
	}
	if asJSON {
		return a.printJSON(variants)
	}
	_, _ = fmt.Fprintf(a.out, "%d flagged posts\n", len(posts))
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "spelling\tdiffers in\tby\tcontext\tposts\tfor example")
	for _, v := range variants {
		_, _ = fmt.Fprintf(out, "%s\t%s\t%d\t%.2f\t%d\t%s\n", v.Phrase, v.How, v.Distance, v.Context, v.Posts, strings.Join(v.Examples, " "))
	}
	return out.Flush()
}

func (a *app) printJSON(v any) error {
	data, err := json.MarshalIndent(v, "", " ")
	if err == nil {
		_, err = fmt.Fprintln(a.out, string(data))
	}
	return err
}

// listsInForce are the published lists and contestants, or the configured ones
// where nothing is published.
func (a *app) listsInForce(ctx context.Context, s *store.Store) (*keyword.Set, *roster.Elections, error) {
	board := listsBoard{s}
	p, err := board.Latest(ctx)
	var bundle tuning.Bundle
	switch {
	case errors.Is(err, tuning.ErrNotFound):
		bundle, err = a.configuredBundle(a.cfg.Classify)
		err = usage(err)
	case err == nil:
		bundle, err = board.Bundle(ctx, p.Version)
	}
	if err != nil {
		return nil, nil, err
	}
	lists, err := health.Lexicon(bundle)
	if err != nil {
		return nil, nil, err
	}
	data, ok := bundle.Read(tuning.ContestantsFile)
	if !ok {
		return lists, &roster.Elections{}, nil
	}
	elections, err := roster.ParseElections(tuning.ContestantsFile, data)
	return lists, elections, err
}
