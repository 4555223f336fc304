package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/store"
)

func migrateCommand(a *app) *cobra.Command {
	var status bool
	cmd := &cobra.Command{
		Use:     "migrate",
		Short:   "Bring ClickHouse's tables and Kafka's topics to this version; safe to repeat",
		Example: "  netra migrate --config netra.yaml\n  netra migrate --status",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.newStore()
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			if !status {
				if err := a.bringUp(cmd.Context(), s); err != nil {
					return err
				}
			}
			migrations, err := s.MigrationStatus(cmd.Context())
			if err != nil {
				return refusal(err)
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
	cmd.AddCommand(migrateUsersCommand(a))
	return cmd
}

// bringUp makes or changes tables and topics.
func (a *app) bringUp(ctx context.Context, s *store.Store) error {
	q, err := a.newQueue()
	if err != nil {
		return err
	}
	defer q.Close()
	if err := s.Migrate(ctx); err != nil {
		return refusal(err)
	}
	return ensureTopics(ctx, q)
}
