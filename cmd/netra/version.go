package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/version"
)

// versions are what `netra version` tells, of this binary and of what it was
// configured with.
type versions struct {
	version.Build
	// Lists and Models are those of the configuration, or built in; what was
	// published since is told by `netra keywords log`.
	Lists  string `json:"lists"`
	Models string `json:"models"`
	// Migration is the last one of ClickHouse that this version knows.
	Migration string `json:"clickhouse_migration"`
	// Engine is the library of the embedded engine, or what is missing.
	Engine engineVersion `json:"engine"`
}

type engineVersion struct {
	Wanted  string `json:"wanted"`
	Library string `json:"library,omitempty"`
	Problem string `json:"problem,omitempty"`
}

func versionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, with its lists, models, migrations and engine",
		Long: `Version tells of this binary: version, commit, Go; the lists and models that are built in
or configured; the last migration of ClickHouse that it knows; and where it finds the
library of the embedded engine. It reaches no server.`,
		Example: "  netra version\n  netra version --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			v, err := a.versions()
			if err != nil {
				return usage(err)
			}
			if asJSON {
				return json.NewEncoder(a.out).Encode(v)
			}
			return v.write(a.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

func (a *app) versions() (versions, error) {
	v := versions{Build: version.This(), Engine: engineVersion{Wanted: embedded.LibraryVersion}}
	classifier, err := a.newClassifier(a.cfg.Classify)
	if err != nil {
		return v, err
	}
	in := classifier.Versions()
	v.Lists, v.Models = in.Lists, in.Models
	_, v.Migration = store.NewestMigration()
	if v.Engine.Library, err = embedded.FindLibrary(""); err != nil {
		v.Engine.Problem = err.Error()
	}
	return v, nil
}

func (v versions) write(out io.Writer) error {
	commit := v.Commit
	switch {
	case commit == "":
		commit = "not known"
	case v.Modified:
		commit += " with changes"
	}
	engine := v.Engine.Library
	if engine == "" {
		engine = v.Engine.Problem
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"netra", v.Version}, {"commit", commit}, {"built with", fmt.Sprintf("%s for %s/%s", v.Go, v.OS, v.Arch)},
		{"lists", v.Lists}, {"models", v.Models}, {"migrations", "ClickHouse up to " + v.Migration},
		{"engine", fmt.Sprintf("%s (%s)", v.Engine.Wanted, engine)},
	} {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}
