package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func migrateCommand(a *app) *cobra.Command {
	var status bool
	cmd := &cobra.Command{
		Use:     "migrate",
		Short:   "Bring ClickHouse's tables and Kafka's topics to this version; safe to repeat",
		Example: "  netra migrate --config netra.yaml\n  netra migrate --status",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			if !status {
				if err := s.Migrate(cmd.Context()); err != nil {
					return err
				}
				q, err := a.openQueue(cmd.Context())
				if err != nil {
					return err
				}
				q.Close()
			}
			migrations, err := s.MigrationStatus(cmd.Context())
			if err != nil {
				return err
			}
			for _, m := range migrations {
				state := "pending"
				if !m.AppliedAt.IsZero() {
					state = "applied " + m.AppliedAt.Format(time.RFC3339)
				}
				if _, err := fmt.Fprintf(a.out, "%5d  %-40s %s\n", m.Version, m.Name, state); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&status, "status", false, "only show which migrations were applied")
	return cmd
}
