package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/version"
)

// app is what every command starts from.
type app struct {
	in          io.Reader
	out, errOut io.Writer

	configFile string
	cfg        config.Configuration
	log        *slog.Logger
	registry   *prometheus.Registry
	// listCompiler is made by the first call of compiler.
	listCompiler *tuning.Compiler
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "netra",
		Short: "Watch public posts of civil servants for breaches of election neutrality",
		Long: `Netra collects public posts of known civil servants' accounts into Kafka, classifies
them, keeps the flagged ones in ClickHouse with the reasons, and shows them to
analysts. It never decides: every flag is alleged (dugaan) until a person rules.

Every key of the configuration file is also an environment variable:
kafka.brokers is NETRA_KAFKA_BROKERS. Exit codes: 0 done, 1 what was checked does
not hold or what was begun failed, 2 usage or configuration.`,
		Example:       "  netra demo\n  echo 'ayo coblos nomor 2' | netra classify --format text\n  netra all --config netra.yaml",
		Version:       version.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(unknownCommand(cmd, args[0]))
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.PersistentFlags().StringVarP(&a.configFile, "config", "c", os.Getenv("NETRA_CONFIG"), "configuration file (YAML); also NETRA_CONFIG")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) }
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		demoCommand(a), allCommand(a), collectCommand(a), workCommand(a), consoleCommand(a),
		importCommand(a), classifyCommand(a), rosterCommand(a), contestantsCommand(a), keywordsCommand(a), backtestCommand(a), reclassifyCommand(a),
		claimsCommand(a), trainCommand(a), evalCommand(a),
		auditCommand(a), evidenceCommand(a), retentionCommand(a), personCommand(a), healthCommand(a), wholeBackupCommand(a), restoreCommand(a), versionCommand(a), migrateCommand(a), configCommand(a), brokerCommand(a), engineCommand(a), chaosCommand(a),
	)
	return root
}

// prepare loads the configuration before any command but those that only print.
func (a *app) prepare(cmd *cobra.Command) error {
	heedSignals(cmd)
	cfg, err := config.Load(a.configFile, os.Environ())
	if err != nil {
		return usage(err)
	}
	a.cfg = cfg
	a.log = newLogger(cfg.Log, a.errOut)
	a.registry = prometheus.NewRegistry()
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	monitor.RegisterBuild(a.registry, version.Version)
	return nil
}

func newLogger(cfg config.Log, to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // the configuration was validated
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
