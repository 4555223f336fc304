package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/roster"
)

func contestantsCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "contestants", Short: "Check contestants files", Example: "  netra contestants check contestants.yaml",
	}, &cobra.Command{
		Use:     "check FILE…",
		Short:   "Check contestants files; exit code 1 where one is wrong",
		Example: "  netra contestants check contestants.yaml",
		Args:    someArguments,
		RunE: func(_ *cobra.Command, files []string) error {
			if err := readable(files); err != nil {
				return err
			}
			wrong := false
			for _, file := range files {
				elections, err := roster.ReadElections(file)
				if err != nil {
					_, _ = fmt.Fprintln(a.errOut, err)
					wrong = true
					continue
				}
				for i := range elections.Elections {
					election := &elections.Elections[i]
					_, _ = fmt.Fprintf(a.out, "%s: %s: %d contestants, numbers %v\n", file, election.ID, len(election.Contestants), election.Numbers())
				}
			}
			if wrong {
				return fails()
			}
			return nil
		},
	})
}
