package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/roster/suggest"
)

// suggestOptions are the flags of roster suggest.
type suggestOptions struct {
	candidates, people, roster, format string
	least                              float64
	most                               int
}

func rosterSuggestCommand(a *app) *cobra.Command {
	var o suggestOptions
	cmd := &cobra.Command{
		Use:   "suggest",
		Short: "Rank which of given accounts are likely whose, for a person to confirm",
		Long: `Suggest compares accounts of platforms with the people of the roster by names, handles
and what profiles say of agencies and offices, and ranks the likely ones with the
reasons. It changes nothing: look at the profile, and where it is the person's,
write the row into a roster file and import that.

Candidates are a CSV file with the columns platform, account_id, handle, name, bio
and, where there is one, url; other columns are passed over. People are those of
the roster in the store, of a roster file (--roster), or of a file with the
columns name, agency, unit, position, region (--people), who need no account yet.
--format csv writes rows of a roster file in which the NIP is missing, so that
they cannot be imported before somebody has filled it in.`,
		Example: "  netra roster suggest --candidates accounts.csv\n  netra roster suggest --candidates accounts.csv --people people.csv --format csv > to-confirm.csv",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.candidates == "":
				return usage(errors.New("--candidates is missing; allowed: a CSV file with platform, account_id, handle, name, bio"))
			case !slices.Contains([]string{"table", "jsonl", "csv"}, o.format):
				return usage(fmt.Errorf("--format %q; allowed: table, jsonl, csv", o.format))
			case !(o.least >= 0 && o.least <= 1):
				return usage(fmt.Errorf("--least %v; allowed: 0 to 1", o.least))
			case o.most < 1:
				return usage(fmt.Errorf("--most %d; allowed: 1 or more", o.most))
			}
			return a.suggestAccounts(cmd.Context(), &o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.candidates, "candidates", "", "CSV file of accounts")
	flags.StringVar(&o.people, "people", "", "CSV file of people, beside those of the roster")
	flags.StringVar(&o.roster, "roster", "", "roster file (CSV) to take people from, not the store")
	flags.StringVar(&o.format, "format", "table", "table, jsonl or csv")
	flags.Float64Var(&o.least, "least", 0.5, "least score that is shown, from 0 to 1")
	flags.IntVar(&o.most, "most", 3, "people to show for an account at most")
	return cmd
}

func (a *app) suggestAccounts(ctx context.Context, o *suggestOptions) error {
	candidates, err := readCSV(o.candidates, suggest.ParseCandidates)
	if err != nil {
		return err
	}
	entries, err := a.entriesFor(ctx, o)
	if err != nil {
		return err
	}
	persons := make([]post.Person, 0, len(entries))
	tied := map[string]bool{}
	for i := range entries {
		persons = append(persons, entries[i].Person)
		tied[entries[i].Key()] = true
	}
	if o.people != "" {
		more, err := readCSV(o.people, suggest.ParsePersons)
		if err != nil {
			return err
		}
		persons = append(persons, more...)
	}
	if len(persons) == 0 {
		return usage(errors.New("there is nobody to compare with: allowed: a roster in the store, --roster FILE or --people FILE"))
	}
	return a.showSuggestions(suggest.New(persons), candidates, tied, o)
}

// entriesFor returns the entries of the roster file, or of the store unless
// people come from a file only.
func (a *app) entriesFor(ctx context.Context, o *suggestOptions) ([]roster.Entry, error) {
	switch {
	case o.roster != "":
		if err := readable([]string{o.roster}); err != nil {
			return nil, err
		}
		entries, err := parseRoster(o.roster, make([]byte, roster.MinKeyBytes))
		return entries, usage(err)
	case o.people != "":
		return nil, nil
	}
	s, err := a.newStore()
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	entries, _, err := s.LoadRoster(ctx)
	return entries, refusal(err)
}

// readCSV reads a file that the command line names.
func readCSV[T any](file string, parse func(string, io.Reader) ([]T, error)) ([]T, error) {
	if err := readable([]string{file}); err != nil {
		return nil, err
	}
	f, err := os.Open(file) //nolint:gosec // the user names it
	if err != nil {
		return nil, usage(err)
	}
	defer func() { _ = f.Close() }()
	all, err := parse(file, f)
	return all, usage(err)
}

// showSuggestions writes the suggestions of all candidates, the likeliest first.
func (a *app) showSuggestions(ranker *suggest.Ranker, candidates []suggest.Candidate, tied map[string]bool, o *suggestOptions) error {
	var all []suggest.Suggestion
	known, none := 0, 0
	for _, c := range candidates {
		if tied[c.Key()] {
			known++
			continue
		}
		found := ranker.Suggest(c, o.least, o.most)
		if len(found) == 0 {
			none++
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(x, y suggest.Suggestion) int {
		switch {
		case x.Score > y.Score:
			return -1
		case x.Score < y.Score:
			return 1
		}
		return strings.Compare(x.Candidate.Key(), y.Candidate.Key())
	})
	write := map[string]func(io.Writer, []suggest.Suggestion) error{
		"table": suggestionTable, "jsonl": suggestionLines, "csv": suggestionRows,
	}[o.format]
	if err := write(a.out, all); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.errOut, "%d accounts: %d suggestions, %d like nobody, %d in the roster already; nothing was changed\n",
		len(candidates), len(all), none, known)
	return nil
}

func suggestionTable(w io.Writer, all []suggest.Suggestion) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "SCORE\tACCOUNT\tHANDLE\tPERSON\tAGENCY\tREASONS")
	for i := range all {
		s := &all[i]
		cells := []string{
			fmt.Sprintf("%.2f", s.Score), s.Candidate.Key(), s.Candidate.Handle, s.Person.Name, s.Person.Agency, strings.Join(s.Reasons, "; "),
		}
		for n := range cells {
			cells[n] = plain(cells[n], "")
		}
		_, _ = fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

func suggestionLines(w io.Writer, all []suggest.Suggestion) error {
	encoder := json.NewEncoder(w)
	for i := range all {
		s := &all[i]
		err := encoder.Encode(map[string]any{
			"score": float64(int(s.Score*1000)) / 1000, "platform": s.Candidate.Platform, "account_id": s.Candidate.AccountID,
			"handle": s.Candidate.Handle, "url": s.Candidate.URL, "person_id": s.Person.PersonID, "name": s.Person.Name,
			"agency": s.Person.Agency, "unit": s.Person.Unit, "position": s.Person.Position, "reasons": s.Reasons,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// suggestionRows writes rows of a roster file without a NIP.
func suggestionRows(w io.Writer, all []suggest.Suggestion) error {
	writer := csv.NewWriter(w)
	_ = writer.Write(roster.Columns)
	for i := range all {
		s := &all[i]
		values := map[string]string{
			"name": s.Person.Name, "agency": s.Person.Agency, "unit": s.Person.Unit, "position": s.Person.Position,
			"region": s.Person.Region, "status": s.Person.Status, "valid_from": time.Now().Format(time.DateOnly),
			"platform": s.Candidate.Platform, "account_id": s.Candidate.AccountID, "handle": s.Candidate.Handle,
			"basis": fmt.Sprintf("suggested %.2f, to be confirmed: %s", s.Score, strings.Join(s.Reasons, "; ")),
		}
		row := make([]string, len(roster.Columns))
		for n, column := range roster.Columns {
			row[n] = plain(values[column], "")
		}
		_ = writer.Write(row)
	}
	writer.Flush()
	return writer.Error()
}
