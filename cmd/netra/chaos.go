package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/worker/chaos"
)

func chaosCommand(a *app) *cobra.Command {
	t := &trial{app: a, cfg: chaos.DefaultConfiguration()}
	cmd := drains(&cobra.Command{
		Use:   "chaos",
		Short: "Kill workers, broker and engine under load, then count what was lost or stored twice",
		Long: `Chaos starts a broker and a ClickHouse engine of its own, and worker processes of this
program. Under load it kills them (SIGKILL), stops workers past their session and
lets them go on, adds workers and takes them away. Then it counts: exit code 1
where a post was lost or stored twice, an hourly count is not what was produced,
or a worker ended by itself.`,
		Example: "  netra chaos --broker embedded --kills 20\n  netra chaos --broker kafka --short --seed 7",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return t.run(cmd) },
	})
	cmd.Flags().StringVar(&t.broker, "broker", chaos.BrokerEmbedded, "embedded, kafka for a real Apache Kafka (make kafka-jars), or cluster for three of them")
	cmd.Flags().IntVar(&t.cfg.Kills, "kills", t.cfg.Kills, "kills at least")
	cmd.Flags().DurationVar(&t.cfg.Duration, "duration", t.cfg.Duration, "time under load at least")
	cmd.Flags().IntVar(&t.cfg.Posts, "posts", t.cfg.Posts, "posts at least")
	cmd.Flags().Uint64Var(&t.cfg.Seed, "seed", 0, "decides what happens when; 0 takes the clock")
	cmd.Flags().BoolVar(&t.short, "short", false, "the short form: kills follow each other closely")
	cmd.Flags().StringVar(&t.old, "upgrade-from", "", "an older netra: the run begins with its tables and workers, migrates under load, and replaces them in turn")
	cmd.Flags().StringVar(&t.dir, "dir", "", "folder for data and the workers' logs (default: one that is removed when all is well)")
	return cmd
}

// trial is one run of the chaos command.
type trial struct {
	*app
	cfg         chaos.Configuration
	broker, dir string
	// old is an older binary, empty for none.
	old   string
	short bool
}

func (t *trial) run(cmd *cobra.Command) (err error) {
	if known := []string{chaos.BrokerEmbedded, chaos.BrokerKafka, chaos.BrokerCluster}; !slices.Contains(known, t.broker) {
		return usage(fmt.Errorf("--broker %q; allowed: %v", t.broker, known))
	}
	if t.short {
		t.shorten(cmd)
	}
	if t.broker == chaos.BrokerCluster {
		t.cfg = t.cfg.OnCluster()
	}
	if t.cfg.Kills < 0 || t.cfg.Duration < 0 || t.cfg.Posts < 0 {
		return usage(fmt.Errorf("--kills %d --duration %s --posts %d; allowed: 0 or more", t.cfg.Kills, t.cfg.Duration, t.cfg.Posts))
	}
	if t.dir == "" {
		if t.dir, err = os.MkdirTemp("", "netra-chaos-"); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				err = os.RemoveAll(t.dir)
			}
		}()
	}
	report, err := t.onStage(cmd.Context())
	if report.Seed != 0 {
		_, _ = fmt.Fprintf(t.out, "broker %s, %s\n", t.broker, report.String())
	}
	if err != nil {
		return fmt.Errorf("%w (seed %d, logs in %s)", err, report.Seed, t.dir)
	}
	if !report.Holds() || report.Died > 0 {
		return fmt.Errorf("the promise does not hold: repeat it with --seed %d; logs in %s", report.Seed, t.dir)
	}
	return nil
}

// shorten takes the short form but for what the command line says.
func (t *trial) shorten(cmd *cobra.Command) {
	asked, flags := t.cfg, cmd.Flags()
	t.cfg = chaos.Short()
	t.cfg.Seed, t.cfg.Posts = asked.Seed, asked.Posts
	if flags.Changed("kills") {
		t.cfg.Kills = asked.Kills
	}
	if flags.Changed("duration") {
		t.cfg.Duration = asked.Duration
	}
}

func (t *trial) onStage(ctx context.Context) (chaos.Report, error) {
	stage, err := chaos.Set(ctx, t.broker, t.dir, t.log)
	if err != nil {
		return chaos.Report{}, err
	}
	defer stage.Close()
	settings := t.workerSettings(stage)
	file := filepath.Join(t.dir, "worker.yaml")
	if err := writeSettings(file, settings); err != nil {
		return chaos.Report{}, err
	}
	logs, err := os.Create(filepath.Join(t.dir, "workers.log"))
	if err != nil {
		return chaos.Report{}, err
	}
	defer func() { _ = logs.Close() }() // only read by people
	classifier, err := t.newClassifier(settings.Classify)
	if err != nil {
		return chaos.Report{}, usage(err)
	}
	executable, err := os.Executable()
	if err != nil {
		return chaos.Report{}, err
	}
	parts := stage.Parts()
	if err := t.begin(ctx, stage, &parts, file, logs); err != nil {
		return chaos.Report{}, err
	}
	parts.Flagged = func(p *post.Post) bool { return classifier.Classify(p, "").Flagged }
	parts.Worker = func() *exec.Cmd { return workOf(executable, file, stage, logs) }
	return chaos.Run(ctx, t.cfg, parts)
}

// workOf is the command of a worker of a binary.
func workOf(binary, file string, stage *chaos.Stage, logs *os.File) *exec.Cmd {
	command := exec.Command(binary, "work", "--config", file) //nolint:gosec,noctx // it is netra, and chaos ends it
	command.Env = append(os.Environ(), "NETRA_CLICKHOUSE_PASSWORD="+stage.Store.Password)
	command.Stdout, command.Stderr = logs, logs
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

// begin makes the tables, by the older binary where there is one.
func (t *trial) begin(ctx context.Context, stage *chaos.Stage, parts *chaos.Parts, file string, logs *os.File) error {
	if t.old == "" {
		return stage.Migrate(ctx)
	}
	if err := writeCommon(file, t.workerSettings(stage)); err != nil {
		return err
	}
	migrate := exec.CommandContext(ctx, t.old, "migrate", "--config", file) //nolint:gosec // the person names it
	migrate.Env = append(os.Environ(), "NETRA_CLICKHOUSE_PASSWORD="+stage.Store.Password)
	if said, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate with %s: %w: %s", t.old, err, said)
	}
	parts.Old = func() *exec.Cmd { return workOf(t.old, file, stage, logs) }
	parts.Upgrade = stage.Migrate
	return nil
}

// writeCommon writes the settings that older versions know, too: those that differ
// from the defaults.
func writeCommon(file string, s config.Configuration) error {
	consumer := s.Kafka.Consumer
	text := fmt.Sprintf(`data_dir: %s
kafka:
  brokers: ["%s"]
  topics: {partitions: %d, replication_factor: %d}
  consumer: {session_timeout: %s, rebalance_timeout: %s, heartbeat_interval: %s, max_records: %d}
clickhouse: {address: "%s", user: %s}
worker: {retry_most: %s, insert_timeout: %s}
monitor: {listen: ""}
`, s.DataDir, strings.Join(s.Kafka.Brokers, `", "`), s.Kafka.Topics.Partitions, s.Kafka.Topics.ReplicationFactor,
		consumer.SessionTimeout, consumer.RebalanceTimeout, consumer.HeartbeatInterval, consumer.MaxRecords,
		s.ClickHouse.Address, s.ClickHouse.User, s.Worker.RetryMost, s.Worker.InsertTimeout)
	return os.WriteFile(file, []byte(text), 0o600)
}

// workerSettings are the configuration of a worker on the stage. Without
// contestants, as without a roster, posts are judged as those of strangers.
func (t *trial) workerSettings(stage *chaos.Stage) config.Configuration {
	settings := config.Default()
	settings.Kafka, settings.ClickHouse = stage.Kafka, stage.Store
	settings.DataDir = filepath.Join(t.dir, "data")
	settings.Worker.RetryMost, settings.Worker.InsertTimeout = time.Second, 10*time.Second
	settings.Monitor.Listen = ""
	return settings
}

func writeSettings(file string, settings config.Configuration) error {
	data, err := config.Dump(settings)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}
