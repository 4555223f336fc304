package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/backup"
	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

// backupRun is one run of the backup command.
type backupRun struct {
	*app
	destination, base, keys, textfile string
}

func wholeBackupCommand(a *app) *cobra.Command {
	b := &backupRun{app: a}
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Back up everything into a new folder, while Netra runs",
		Long: `Backup copies ClickHouse's tables, the console's database, the collector's cursors,
files of evidence, and the embedded broker's log. Workers rest for a moment, so that
the tables and the workers' offsets are of the same moment: a restored Netra goes on
there, with nothing lost and nothing twice. DIR appears when it is whole, with a
manifest that has the SHA-256 of each file.

Not in it: keys, which --keys writes into a folder that belongs elsewhere, the posts in
a real Kafka, and files in an S3 storage. See docs/backup.md.`,
		Example: "  netra backup /srv/backup/$(date +%F) --keys /media/usb/netra-keys\n  netra backup check /srv/backup/2026-11-22",
		Args:    takes(1, 1),
		RunE:    func(cmd *cobra.Command, args []string) error { return b.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().StringVar(&b.destination, "clickhouse-to", "", `let the ClickHouse server write the tables itself, such as "Disk('backups', 'netra-1')" or "S3(…)"; for clusters`)
	cmd.Flags().StringVar(&b.base, "base", "", "an older backup on the same disk: files of evidence that are in it are linked, not copied")
	cmd.Flags().StringVar(&b.keys, "keys", "", "folder for copies of the keys, which must not be where the backup is")
	cmd.Flags().StringVar(&b.textfile, "textfile", "", "file for Prometheus' textfile collector: when the last backup ended")
	cmd.AddCommand(backupCheckCommand(a))
	return cmd
}

func backupCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check DIR", Short: "Read every file of a backup and compare it with the manifest",
		Long:    "Check reads every file. Exit code 1 names each that is missing or not what was written.",
		Example: "  netra backup check /srv/backup/2026-11-22",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := checkedBackup(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "backup: %s is whole: %d files, %d bytes, of %s by Netra %s\n",
				args[0], len(m.Files), m.Bytes(), m.Begun.Format(time.RFC3339), m.Netra)
			return err
		},
	}
}

// checkedBackup reads a backup to its end; a folder that is not there is a wrong use.
func checkedBackup(ctx context.Context, dir string) (*backup.Manifest, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, usage(fmt.Errorf("%s is not there: allowed: a folder that `netra backup` has written", dir))
	}
	return backup.Check(ctx, dir)
}

func (b *backupRun) run(ctx context.Context, dir string) (err error) {
	if err := b.checkPlaces(dir); err != nil {
		return usage(err)
	}
	from, end, err := b.sources(ctx)
	defer end()
	if err != nil {
		return err
	}
	m, err := backup.Take(ctx, dir, from)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage(err)
	case err != nil:
		return refusal(err)
	}
	if err := b.copyKeys(); err != nil {
		return err
	}
	if err := b.stamp(dir, m); err != nil {
		return err
	}
	err = b.withPeople(ctx, func(p people) error {
		by := access.Viewer{Name: "command " + operatorName()}
		return p.audit.Tell(ctx, audit.Event{By: by, Action: "backup", Subject: "everything", Detail: map[string]string{"name": dir}})
	})
	if err != nil {
		return err
	}
	return b.tell(dir, m)
}

// checkPlaces wants backup and keys apart from each other and from the data.
func (b *backupRun) checkPlaces(dir string) error {
	if within(dir, b.cfg.DataDir) {
		return fmt.Errorf("%s is in the data directory %s: allowed: a folder elsewhere, best on another disk", dir, b.cfg.DataDir)
	}
	if b.keys != "" && (within(b.keys, dir) || within(dir, b.keys)) {
		return fmt.Errorf("--keys %s and the backup %s are in one place: allowed: folders apart; who has both can read all", b.keys, dir)
	}
	return nil
}

func within(path, dir string) bool {
	a, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	b, err := filepath.Abs(dir)
	return err == nil && (a == b || strings.HasPrefix(a, b+string(filepath.Separator)))
}

// sources opens what is backed up: the parts that run, or else, where they are
// embedded, the same started for the while. The function ends them.
func (b *backupRun) sources(ctx context.Context) (from backup.Sources, end func(), err error) {
	r := &road{}
	a := b.app
	from = backup.Sources{
		Destination: b.destination, DataDir: a.cfg.DataDir, Trees: a.treesElsewhere(), Base: b.base, Log: a.log,
		Without: []string{"the keys, which belong elsewhere: " + strings.Join(a.keyFiles(), ", ")},
	}
	if a.cfg.Capture.Files.S3.Endpoint != "" || a.cfg.Evidence.Files.S3.Endpoint != "" {
		from.Without = append(from.Without, "files in the S3 storage: its versions or its replication keep them")
	}
	if from.Configuration, err = config.Dump(a.cfg); err != nil {
		return from, r.close, err
	}
	if a.cfg.EmbeddedBroker() {
		from.Broker = a.cfg.Path("broker")
	}
	if a.cfg.EmbeddedEngine() {
		from.Engine = a.cfg.Path("engine")
	}
	if err := a.reachEmbedded(ctx, r); err != nil {
		return from, r.close, err
	}
	if from.Store, from.Queue, err = a.openServers(ctx, r); err != nil {
		return from, r.close, err
	}
	if err := a.prepareConsole(); err != nil {
		return from, r.close, err
	}
	from.Address = a.cfg.Console.Database
	if from.Database, err = console.OpenDatabase(ctx, a.cfg.Console); err != nil {
		return from, r.close, err
	}
	r.onClose(func() { a.logged("the console's database did not close", from.Database.Close()) })
	return from, r.close, nil
}

// reachEmbedded starts the embedded parts where the configuration has them and
// none runs.
func (a *app) reachEmbedded(ctx context.Context, r *road) error {
	if !a.cfg.EmbeddedBroker() && !a.cfg.EmbeddedEngine() {
		return nil
	}
	if running, err := readRunning(a.cfg); err == nil && running.answers() {
		return nil
	}
	if _, err := os.Stat(a.cfg.DataDir); err != nil {
		return usage(fmt.Errorf("key data_dir: %w", err))
	}
	return a.startEmbedded(ctx, r)
}

func (a *app) openServers(ctx context.Context, r *road) (*store.Store, *queue.Queue, error) {
	s, err := a.newStore()
	if err != nil {
		return nil, nil, err
	}
	r.onClose(func() { a.logged("the connection to ClickHouse did not close", s.Close()) })
	q, err := a.newQueue()
	if err != nil {
		return nil, nil, err
	}
	r.onClose(q.Close)
	return s, q, ensureTopics(ctx, q)
}

// treesElsewhere are the folders of files that are not in the data directory.
func (a *app) treesElsewhere() map[string]string {
	trees := map[string]string{}
	for key, dir := range map[string]string{"capture.files": a.cfg.Capture.Files.Dir, "evidence.files": a.cfg.Evidence.Files.Dir} {
		if dir != "" && !within(dir, a.cfg.DataDir) {
			trees[key] = dir
		}
	}
	return trees
}

// keyFiles are the files of secrets that are not in a backup.
func (a *app) keyFiles() []string {
	files, _ := filepath.Glob(a.cfg.Path("*.key")) // the pattern is right
	for _, file := range []string{a.cfg.Console.EncryptionSecretFile, a.cfg.Console.Database + ".key", a.cfg.Evidence.Seal.KeyFile} {
		if _, err := os.Stat(file); err == nil && !within(file, a.cfg.DataDir) {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return []string{"none is a file; see the configuration"}
	}
	return files
}

func (b *backupRun) copyKeys() error {
	if b.keys == "" {
		return nil
	}
	if err := os.MkdirAll(b.keys, 0o700); err != nil {
		return fmt.Errorf("copy the keys: %w", err)
	}
	for _, file := range b.keyFiles() {
		data, err := os.ReadFile(file) //nolint:gosec // of the configuration
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(b.keys, filepath.Base(file)), data, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy the keys: %w", err)
		}
	}
	return nil
}

// lastBackup is what a machine remembers of its last backup.
type lastBackup struct {
	At    time.Time `json:"at"`
	Dir   string    `json:"dir"`
	Bytes int64     `json:"bytes"`
}

const stampFile = "backup.json"

// stamp keeps when the backup ended, for the metric of the running parts.
func (b *backupRun) stamp(dir string, m *backup.Manifest) error {
	data, err := json.Marshal(lastBackup{At: m.Ended, Dir: dir, Bytes: m.Bytes()})
	if err == nil {
		err = os.WriteFile(b.cfg.Path(stampFile), append(data, '\n'), 0o600)
	}
	if err == nil && b.textfile != "" {
		text := fmt.Sprintf("# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n%[1]s %[3]d\n", backupMetric, backupHelp, m.Ended.Unix())
		err = errors.Join(os.WriteFile(b.textfile+".tmp", []byte(text), 0o644), os.Rename(b.textfile+".tmp", b.textfile)) //nolint:gosec // another user reads it
	}
	if err != nil {
		return fmt.Errorf("note the backup: %w", err)
	}
	return nil
}

func (b *backupRun) tell(dir string, m *backup.Manifest) error {
	_, _ = fmt.Fprintf(b.out, "backup: %s holds %d files, %d bytes, taken in %s\n", dir, len(m.Files), m.Bytes(), m.Ended.Sub(m.Begun).Round(time.Millisecond))
	for _, without := range m.Without {
		_, _ = fmt.Fprintf(b.out, "backup: not in it: %s\n", without)
	}
	for _, file := range m.Damaged {
		_, _ = fmt.Fprintf(b.errOut, "netra: %s was damaged before it was copied: its name is not its SHA-256\n", file)
	}
	if len(m.Damaged) > 0 {
		return fails()
	}
	return nil
}
