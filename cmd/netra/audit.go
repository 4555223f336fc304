package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
)

func auditCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "audit", Short: "Verify the log of who did what",
		Example: "  netra audit head > head.txt\n  netra audit verify --head \"$(cat head.txt)\"",
	}, auditVerifyCommand(a), auditHeadCommand(a))
}

func auditVerifyCommand(a *app) *cobra.Command {
	var kept string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Walk the log's chain, and name the first entry that does not hold",
		Long: `Verify computes every entry's hash anew and follows the chain from the first entry. Exit
code 1 says that an entry does not hold. That the end of the log was cut off, or the
whole of it written anew, is seen only with --head: a head that was printed before
and kept elsewhere. It works while the console runs.`,
		Example: "  netra audit verify\n  netra audit verify --head 1204:9f2c…",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			head, err := audit.Head{}, error(nil)
			if cmd.Flags().Changed("head") {
				if head, err = audit.ParseHead(kept); err != nil {
					return usage(fmt.Errorf("--head: %w", err))
				}
			}
			return a.withAudit(cmd.Context(), func(log *audit.Log) error {
				check, err := log.Verify(cmd.Context(), head)
				if err != nil {
					return err
				}
				return a.tellCheck(check)
			})
		},
	}
	cmd.Flags().StringVar(&kept, "head", "", "`NUMBER:HASH` that netra audit head printed before")
	return cmd
}

func (a *app) tellCheck(check audit.Check) error {
	if !check.Holds() {
		_, _ = fmt.Fprintf(a.out, "audit log: entry %d does not hold: %s\n", check.Broken, check.Why)
		return fails()
	}
	_, err := fmt.Fprintf(a.out, "audit log: %d entries hold; head %s\n", check.Entries, check.Head)
	return err
}

func auditHeadCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "head",
		Short: "Print the end of the log's chain, to be kept elsewhere",
		Long: `Head prints NUMBER:HASH of the last entry. Whoever keeps it outside this machine, on paper
or in a mail, can prove later by verify --head that nothing before it was changed or
cut off.`,
		Example: "  netra audit head",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAudit(cmd.Context(), func(log *audit.Log) error {
				head, err := log.Head(cmd.Context())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.out, head)
				return err
			})
		},
	}
}

// withAudit does something with the audit log of a database that is there; what
// waited is in the chain.
func (a *app) withAudit(ctx context.Context, do func(*audit.Log) error) error {
	if err := a.prepareConsole(); err != nil {
		return err
	}
	if path := a.cfg.Console.Database; !database.IsPostgres(path) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return usage(fmt.Errorf("key %q: value %q: there is no such file; allowed: the database of a console", "console.database", path))
		}
	}
	return a.withDatabase(ctx, func(db *database.DB) error {
		log, err := console.OpenAudit(ctx, a.cfg.Console, db, audit.Options{Logger: a.log})
		if err != nil {
			return usage(err)
		}
		if _, err := log.Seal(ctx); err != nil {
			return err
		}
		return do(log)
	})
}
