package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/claims"
)

func claimsCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "claims", Short: "Check and import debunked claims",
		Example: "  netra claims check claims.csv\n  NETRA_CLASSIFY_CLAIMS=data/claims.csv netra claims import claims.csv",
	},
		&cobra.Command{
			Use:     "check FILE…",
			Short:   "Check claims files; exit code 1 where one is wrong",
			Example: "  netra claims check claims.csv",
			Args:    someArguments,
			RunE: func(_ *cobra.Command, files []string) error {
				return a.checkClaims(files)
			},
		},
		&cobra.Command{
			Use:   "import FILE",
			Short: "Check a claims file and put it where the configuration expects it (key classify.claims)",
			Long: `Import checks the file and copies it, whole or not at all, to the file that the key
classify.claims names. Workers read it when they start.`,
			Example: "  NETRA_CLASSIFY_CLAIMS=data/claims.csv netra claims import claims.csv",
			Args:    takes(1, 1),
			RunE: func(_ *cobra.Command, files []string) error {
				if a.cfg.Classify.Claims == "" {
					return usage(fmt.Errorf("key \"classify.claims\": value is empty: allowed: the path of a file that workers can read"))
				}
				if err := a.checkClaims(files); err != nil {
					return err
				}
				if err := replaceFile(files[0], a.cfg.Classify.Claims); err != nil {
					return fmt.Errorf("import claims: %w", err)
				}
				_, err := fmt.Fprintf(a.out, "%s: imported; workers read it when they start\n", a.cfg.Classify.Claims)
				return err
			},
		},
	)
}

func (a *app) checkClaims(files []string) error {
	if err := readable(files); err != nil {
		return err
	}
	wrong := false
	for _, file := range files {
		list, err := claims.ReadFile(file)
		if err != nil {
			_, _ = fmt.Fprintln(a.errOut, err)
			wrong = true
			continue
		}
		findings := claims.Check(list)
		for _, finding := range findings {
			_, _ = fmt.Fprintf(a.errOut, "%s: %s\n", file, finding)
		}
		wrong = wrong || len(findings) > 0
		_, _ = fmt.Fprintf(a.out, "%s: %d claims, %d findings\n", file, len(list), len(findings))
	}
	if wrong {
		return fails()
	}
	return nil
}

// replaceFile copies a file to another place in one step.
func replaceFile(from, to string) error {
	data, err := os.ReadFile(from) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // claims are public
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // it is gone after the rename
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), to)
}
