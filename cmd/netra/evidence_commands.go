package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

func evidenceCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "evidence", Short: "Export and verify sealed evidence; keys and checks of the sealed log",
		Example: "  netra evidence key > kunci.txt\n  netra evidence export --case 2026/61/0042 -o kasus.zip\n  netra evidence verify kasus.zip --key kunci.txt",
	}, evidenceExportCommand(a), evidenceVerifyCommand(a), evidenceKeyCommand(a), evidenceCheckCommand(a), evidenceHeadCommand(a), evidenceStampCommand(a), evidenceTemplateCommand(a))
}

func evidenceKeyCommand(a *app) *cobra.Command {
	var makeIt bool
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Print the public key by which packs are verified",
		Long: `Key prints the public half of the sealed log's key (evidence.seal.key_file). Publish it
where everybody can trust it: on the agency's own site and on paper. Packs are verified
by it and by nothing else. The console makes the key on its first start; --make makes it
now. The file with the private half must be kept, and kept secret: see docs/evidence.md.`,
		Example: "  netra evidence key > kunci.txt",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			cfg := a.sealConfiguration()
			if makeIt {
				if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
					return fmt.Errorf("make the data directory (key data_dir): %w", err)
				}
				if err := seal.MakeKey(cfg.KeyFile, cfg.Origin); err != nil && !errors.Is(err, fs.ErrExist) {
					return err
				}
			}
			key, err := seal.OpenKey(cfg.KeyFile, cfg.Origin)
			if err != nil {
				return usage(err)
			}
			_, err = fmt.Fprintln(a.out, key.Public())
			return err
		},
	}
	cmd.Flags().BoolVar(&makeIt, "make", false, "make the key where there is none yet")
	return cmd
}

func evidenceCheckCommand(a *app) *cobra.Command {
	var kept string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Walk the whole sealed log, and name the first thing that does not hold",
		Long: `Check computes the log's tree anew from its leaves and compares it with every checkpoint
that was signed, and with the head file. Exit code 1 says that it does not hold. With
--head it is also compared with a checkpoint that netra evidence head printed before and
that was kept elsewhere. It works while the console runs.`,
		Example: "  netra evidence check\n  netra evidence check --head head.txt",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var head []byte
			if kept != "" {
				var err error
				if head, err = os.ReadFile(kept); err != nil { //nolint:gosec // the user names it
					return usage(fmt.Errorf("--head: %w", err))
				}
				if err := checkpointShape(head); err != nil { // the wrong file says nothing of the log
					return usage(fmt.Errorf("--head: %s is no checkpoint as `netra evidence head` prints it: %w", kept, err))
				}
			}
			return a.withSeal(cmd.Context(), func(log *seal.Log) error { return a.checkSeal(cmd.Context(), log, head) })
		},
	}
	cmd.Flags().StringVar(&kept, "head", "", "`FILE` with a checkpoint that netra evidence head printed before")
	return cmd
}

// checkpointShape says whether a file is a checkpoint at all, whoever signed it.
func checkpointShape(head []byte) error {
	text, err := seal.NoteText(head)
	if err == nil {
		_, err = seal.ParseCheckpoint(text)
	}
	return err
}

func (a *app) checkSeal(ctx context.Context, log *seal.Log, head []byte) error {
	checked, err := log.Check(ctx)
	if err == nil && head != nil {
		err = log.CheckKept(ctx, head)
	}
	var rewritten *seal.RewrittenError
	if errors.As(err, &rewritten) {
		_, _ = fmt.Fprintf(a.out, "sealed log: it does not hold: %s\n", rewritten.Why)
		return fails()
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "sealed log: %d leaves and %d checkpoints hold; %d statements wait; root %s\n", checked.Leaves, checked.Checkpoints, checked.Head.Waiting, checked.Head.Root)
	return err
}

func evidenceHeadCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "head",
		Short: "Print the last signed checkpoint of the sealed log, to be kept elsewhere",
		Long: `Head prints the last checkpoint. Whoever keeps it outside this machine, on paper or in a
mail, can prove later by check --head that nothing before it was changed or cut off.`,
		Example: "  netra evidence head > head.txt",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSeal(cmd.Context(), func(log *seal.Log) error {
				head, err := log.Head(cmd.Context())
				if err != nil {
					return err
				}
				if head.Checkpoint == "" {
					return errors.New("nothing was sealed yet")
				}
				_, err = fmt.Fprint(a.out, head.Checkpoint)
				return err
			})
		},
	}
}

func evidenceStampCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "stamp",
		Short: "Seal what waits, and have the checkpoint time-stamped now",
		Long: `Stamp asks the time stamping authority of the configuration (evidence.seal.stamp) for a
time stamp of the last checkpoint, and tells what it says. The console does so by itself
every evidence.seal.stamp.every.`,
		Example: "  netra evidence stamp --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(a.cfg.Evidence.Seal.Stamp.URLs) == 0 {
				return usage(seal.ErrNoAuthority)
			}
			return a.withSeal(cmd.Context(), func(log *seal.Log) error { return a.stampNow(cmd.Context(), log) })
		},
	}
}

func (a *app) stampNow(ctx context.Context, log *seal.Log) error {
	if _, err := log.Seal(ctx); err != nil && !errors.Is(err, seal.ErrNoKey) {
		return err
	}
	stamped, err := log.Stamp(ctx)
	if err != nil {
		return err
	}
	if stamped.Size == 0 {
		return errors.New("nothing was sealed yet")
	}
	at, authority, err := stamped.Says()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "sealed log: the checkpoint of %d leaves was there at %s, says %s\n", stamped.Size, at.Format("2006-01-02T15:04:05Z07:00"), authority)
	return err
}

// withSeal does something with the sealed log of a database that is there.
func (a *app) withSeal(ctx context.Context, do func(*seal.Log) error) error {
	if err := a.needsDatabase(); err != nil {
		return err
	}
	return a.withDatabase(ctx, func(db *database.DB) error {
		log, err := a.newSeal(ctx, db)
		if err != nil {
			return err
		}
		return do(log)
	})
}

// needsDatabase refuses to make a database where a command asks for what is in
// one.
func (a *app) needsDatabase() error {
	if err := a.prepareConsole(); err != nil {
		return err
	}
	if path := a.cfg.Console.Database; !database.IsPostgres(path) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return usage(fmt.Errorf("key %q: value %q: there is no such file; allowed: the database of a console", "console.database", path))
		}
	}
	return nil
}
