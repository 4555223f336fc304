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
		Use: "roster", Short: "Check and import the accounts of civil servants",
		Example: "  netra roster check roster.csv\n  netra roster import roster.csv",
	}, rosterCheckCommand(a), rosterImportCommand(a))
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
	return &cobra.Command{
		Use:   "import FILE…",
		Short: "Import roster files into the store; NIP and NIK are kept as keyed hashes only",
		Long: `Import reads CSV files with the columns nip, name, agency, unit, position, region,
status, valid_from, valid_until, platform, account_id, handle, basis. Nothing is
imported where anything is wrong. Accounts that a file does not mention stay.

NIP and NIK never leave the import: they are hashed with the key roster.hash_key.
Where it is not set, a key is made once and kept in DATA_DIR/roster.key.`,
		Example: "  netra roster import roster.csv",
		Args:    someArguments,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := readable(files); err != nil {
				return err
			}
			key, err := a.rosterKey()
			if err != nil {
				return err
			}
			var entries []roster.Entry
			var wrong []error
			for _, file := range files {
				part, err := parseRoster(file, key)
				entries = append(entries, part...)
				wrong = append(wrong, err)
			}
			if err := errors.Join(wrong...); err != nil {
				_, _ = fmt.Fprintln(a.errOut, err)
				return fails()
			}
			s, err := a.newStore()
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			changes, err := s.SaveRoster(cmd.Context(), entries)
			if err != nil {
				return refusal(err)
			}
			_, err = fmt.Fprintln(a.out, describeChanges(changes))
			return err
		},
	}
}

func describeChanges(c roster.Changes) string {
	return fmt.Sprintf("roster: %d new, %d changed, %d ended, %d unchanged, %d not mentioned", c.New, c.Changed, c.Ended, c.Unchanged, c.Absent)
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
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("keep the key of the roster's hashes: %w", err)
	}
	return []byte(text), nil
}
