package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

func consoleCommand(a *app) *cobra.Command {
	cmd := drains(&cobra.Command{
		Use:   "console",
		Short: "Serve the analysts' console",
		Long: `Console serves the pages of flagged posts to people who log in. ClickHouse may come up
later. The first start makes the user admin and prints its password once.`,
		Example: "  netra console --config netra.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), func(ctx context.Context, r *road, _ await) (err error) {
				if r.store, err = a.newStore(); err != nil {
					return err
				}
				r.onClose(func() { a.logged("the connection to ClickHouse did not close", r.store.Close()) })
				r.probe("clickhouse", r.store.Ping)
				if err := a.openIntake(ctx, r); err != nil {
					return err
				}
				c, err := a.addConsole(ctx, r)
				if err != nil {
					return err
				}
				return a.announce(ctx, c)
			})
		},
	})
	cmd.AddCommand(passwdCommand(a), userCommand(a), backupCommand(a))
	return cmd
}

func (a *app) addConsole(ctx context.Context, r *road) (*console.Console, error) {
	if err := a.openDatabase(ctx, r); err != nil {
		return nil, err
	}
	if err := a.openSeal(ctx, r); err != nil {
		return nil, err
	}
	if err := a.openEvidence(ctx, r); err != nil {
		return nil, err
	}
	if err := a.addHealth(r); err != nil {
		return nil, err
	}
	if err := a.followForWords(r); err != nil {
		return nil, err
	}
	c, err := a.newConsole(r)
	if err != nil {
		return nil, err
	}
	r.onClose(func() { a.logged("the console's database did not close", c.Close()) })
	r.parts = append(r.parts, part{name: "console", run: c.Run, ready: c.Ready})
	return c, nil
}

// announce makes the first user where there is none, and prints its password
// this once.
func (a *app) announce(ctx context.Context, c *console.Console) error {
	user, password, created, err := c.Bootstrap(ctx)
	if err != nil {
		return err
	}
	if created {
		_, err = fmt.Fprintf(a.out, "console: first user %s with password %s (shown only this once; change it with `netra console passwd %s`)\nconsole: %s manages people and reviews nothing; add analysts there, or with `netra console user add NAME`\n", user, password, user, user)
	}
	return err
}

func passwdCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "passwd USER",
		Short: "Set a user's password, read from standard input; makes the user where there is none",
		Long: fmt.Sprintf(`Passwd reads one line, the password, of %d to %d characters, from standard input. The
user's sessions end. It works while the console runs.`, state.MinPassword, state.MaxPassword),
		Example: "  netra console passwd admin < password.txt",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readLine(a.in)
			if err != nil {
				return err
			}
			return a.setPassword(cmd.Context(), args[0], password)
		},
	}
}

// openDatabase opens the console's database for all parts of the process that
// share it.
func (a *app) openDatabase(ctx context.Context, r *road) (err error) {
	if r.database != nil {
		return nil
	}
	if err := a.prepareConsole(); err != nil {
		return err
	}
	if r.database, err = console.OpenDatabase(ctx, a.cfg.Console); err != nil {
		return err
	}
	r.onClose(func() { a.logged("the console's database did not close", r.database.Close()) })
	r.probe("database", r.database.Ping)
	return nil
}

// prepareConsole makes the folder of the console's database where it is in the
// data directory, and the secret of one that is elsewhere.
func (a *app) prepareConsole() error {
	cfg := &a.cfg.Console
	if cfg.Database != "" && (!database.IsPostgres(cfg.Database) || cfg.EncryptionSecret != "" || cfg.EncryptionSecretFile != "") {
		return nil
	}
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	if cfg.Database == "" {
		cfg.Database = a.cfg.Path("console.db")
		return nil
	}
	cfg.EncryptionSecretFile = a.cfg.Path("console.key")
	return console.MakeSecret(cfg.EncryptionSecretFile)
}
