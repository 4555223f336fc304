package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/embedded"
)

func brokerCommand(a *app) *cobra.Command {
	cfg := embedded.DefaultBrokerConfiguration()
	cmd := drains(&cobra.Command{
		Use:     "broker",
		Short:   "Serve the embedded broker alone",
		Example: "  netra broker --listen 127.0.0.1:9092 --dir data/broker",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return embedded.ServeBroker(cmd.Context(), cfg, a.log, func(addresses []string) {
				_, _ = fmt.Fprintf(a.out, "broker: %v\n", addresses)
			})
		},
	})
	cmd.Flags().StringVar(&cfg.Listen, "listen", cfg.Listen, "address to listen on")
	cmd.Flags().StringVar(&cfg.DataDir, "dir", cfg.DataDir, "folder of records and offsets")
	return cmd
}

func engineCommand(a *app) *cobra.Command {
	cfg := embedded.DefaultEngineConfiguration()
	cmd := drains(&cobra.Command{
		Use:   "engine",
		Short: "Serve the embedded ClickHouse engine alone, over HTTP",
		Long: `Engine serves the embedded ClickHouse engine over ClickHouse's HTTP interface. The
password comes from NETRA_CLICKHOUSE_PASSWORD or the key clickhouse.password.`,
		Example: "  NETRA_CLICKHOUSE_PASSWORD=… netra engine --listen 127.0.0.1:8123 --dir data/engine",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.cfg.ClickHouse.Password == "" {
				return usage(fmt.Errorf("key \"clickhouse.password\": value is empty: allowed: a password for the user %s", cfg.User))
			}
			cfg.Password = a.cfg.ClickHouse.Password
			return embedded.ServeEngine(cmd.Context(), cfg, a.log, func(address string) {
				_, _ = fmt.Fprintf(a.out, "engine: http://%s, user %s\n", address, cfg.User)
			})
		},
	})
	cmd.Flags().StringVar(&cfg.Listen, "listen", cfg.Listen, "address to listen on")
	cmd.Flags().StringVar(&cfg.DataDir, "dir", cfg.DataDir, "folder of the databases")
	cmd.Flags().StringVar(&cfg.User, "user", cfg.User, "the only user that is let in")
	return cmd
}
