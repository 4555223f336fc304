package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/roster"
)

func rosterCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "roster", Short: "Check and import the accounts of civil servants, and suggest likely ones",
		Example: "  netra roster check roster.csv\n  netra roster import roster.csv\n  netra roster suggest --candidates accounts.csv",
	}, rosterCheckCommand(a), rosterImportCommand(a), rosterSuggestCommand(a))
}

func rosterCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE…",
		Short:   "Check roster files; exit code 1 where one is wrong",
		Example: "  netra roster check roster.csv",
		Args:    someArguments,
		RunE: func(_ *cobra.Command, files []string) error {
			if err := readable(files); err != nil {
				return err
			}
			wrong := false
			for _, file := range files {
				entries, err := parseRoster(file, make([]byte, roster.MinKeyBytes))
				if err != nil {
					_, _ = fmt.Fprintln(a.errOut, err)
					wrong = true
					continue
				}
				_, _ = fmt.Fprintf(a.out, "%s: %d entries, %d accounts\n", file, len(entries), roster.New(entries).Len())
			}
			if wrong {
				return fails()
			}
			return nil
		},
	}
}

func rosterImportCommand(a *app) *cobra.Command {
	var o rosterImportOptions
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Import roster files into the store; NIP and NIK are kept as keyed hashes only",
		Long: `Import reads CSV files with the columns nip, name, agency, unit, position, region,
status, valid_from, valid_until, platform, account_id, handle, basis. Nothing is
imported where anything is wrong. Accounts that a file does not mention stay.

It reports what is new, changed and ended, and where entries contradict each
other: one account of two persons on one date, one person in two agencies, one
number with two names. The import is taken all the same, and where both cannot
hold the file's word counts; with --strict nothing is imported then, and the exit
code is 1. With --dry-run it only reports.

NIP and NIK never leave the import: they are hashed with the key roster.hash_key.
Where it is not set, a key is made once and kept in DATA_DIR/roster.key.`,
		Example: "  netra roster import roster.csv\n  netra roster import --dry-run --show 0 roster.csv",
		Args:    someArguments,
		RunE: func(cmd *cobra.Command, files []string) error {
			if o.show < 0 {
				return usage(fmt.Errorf("--show %d; allowed: 0 for all, or a number of lines", o.show))
			}
			return a.importRoster(cmd.Context(), files, &o)
		},
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only report what would be imported")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "import nothing where there are conflicts")
	cmd.Flags().IntVar(&o.show, "show", 20, "lines to show of new, changed, ended and conflicting entries each; 0 for all")
	return cmd
}

func parseRoster(file string, key []byte) ([]roster.Entry, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	defer func() { _ = f.Close() }()
	return roster.ParseCSV(file, f, key)
}

// rosterKey returns the key of the configuration, or one that was made on this
// machine: without a key of its own, nobody's hashes could be recomputed.
func (a *app) rosterKey() ([]byte, error) {
	if a.cfg.Roster.HashKey != "" {
		return []byte(a.cfg.Roster.HashKey), nil
	}
	path := a.cfg.Path("roster.key")
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		return []byte(strings.TrimSpace(string(data))), nil
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("read the key of the roster's hashes: %w", err)
	}
	key := make([]byte, roster.MinKeyBytes)
	_, _ = rand.Read(key)
	text := hex.EncodeToString(key)
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	own := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(own, []byte(text+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("keep the key of the roster's hashes: %w", err)
	}
	defer func() { a.logged("a spare key was not removed", os.Remove(own)) }()
	// Of several processes that start at once one makes the key for all.
	if err := os.Link(own, path); errors.Is(err, os.ErrExist) {
		return a.rosterKey()
	} else if err != nil {
		return nil, fmt.Errorf("keep the key of the roster's hashes: %w", err)
	}
	return []byte(text), nil
}
