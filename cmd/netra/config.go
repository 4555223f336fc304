package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/config"
)

func configCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "config", Short: "Check or show the configuration",
		Example: "  netra config check --config netra.yaml\n  netra config dump",
	}, configCheckCommand(a), configDumpCommand(a))
}

func configCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "Check the configuration and the files that it names",
		Example: "  netra config check --config netra.yaml",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			if _, err := a.newClassifier(a.cfg.Classify); err != nil {
				return usage(err)
			}
			if _, err := a.regions(); err != nil {
				return usage(err)
			}
			_, err := fmt.Fprintln(a.out, "configuration: ok")
			return err
		},
	}
}

func configDumpCommand(a *app) *cobra.Command {
	var variables bool
	cmd := &cobra.Command{
		Use:     "dump",
		Short:   "Print what would run: defaults, file and environment together, secrets hidden",
		Example: "  netra config dump > netra.yaml\n  netra config dump --env",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			if variables {
				known := config.Variables()
				for name, key := range config.SecretFiles() {
					known[name] = key + " (from a file)"
				}
				for _, name := range slices.Sorted(maps.Keys(known)) {
					if _, err := fmt.Fprintf(a.out, "%-48s %s\n", name, known[name]); err != nil {
						return err
					}
				}
				return nil
			}
			data, err := config.Dump(a.cfg)
			if err != nil {
				return err
			}
			_, err = a.out.Write(data)
			return err
		},
	}
	cmd.Flags().BoolVar(&variables, "env", false, "list the environment variables with the keys that they set")
	return cmd
}
