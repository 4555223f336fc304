package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/classifiers/claims"
)

func claimsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "claims", Short: "Check and import debunked claims"}
	cmd.AddCommand(
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
			Args:    cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, files []string) error {
				if a.cfg.Classify.Claims == "" {
					return usage(fmt.Errorf("key classify.claims is empty; allowed: the path of a file that workers can read"))
				}
				if err := a.checkClaims(files); err != nil {
					return err
				}
				return replaceFile(files[0], a.cfg.Classify.Claims)
			},
		},
	)
	return cmd
}

func (a *app) checkClaims(files []string) error {
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
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if _, err := temporary.Write(data); err != nil {
		_ = temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), to)
}
