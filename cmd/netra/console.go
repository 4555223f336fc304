package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
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
				c, err := a.addConsole(r)
				if err != nil {
					return err
				}
				return a.announce(ctx, c)
			})
		},
	})
	cmd.AddCommand(passwdCommand(a))
	return cmd
}

func (a *app) addConsole(r *road) (*console.Console, error) {
	c, err := a.newConsole(r.store)
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
		_, err = fmt.Fprintf(a.out, "console: first user %s with password %s (shown only this once; change it with `netra console passwd %s`)\n", user, password, user)
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
			line, err := bufio.NewReader(a.in).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read the password from standard input: %w", err)
			}
			return a.setPassword(cmd.Context(), args[0], strings.TrimRight(line, "\r\n"))
		},
	}
}

func (a *app) setPassword(ctx context.Context, user, password string) error {
	if err := a.prepareConsole(); err != nil {
		return err
	}
	db, err := console.OpenDatabase(ctx, a.cfg.Console)
	if err != nil {
		return err
	}
	defer func() { a.logged("the console's database did not close", db.Close()) }()
	users, err := console.OpenState(ctx, a.cfg.Console, db)
	if err != nil {
		return err
	}
	err = users.SetPassword(ctx, user, password, false, nil)
	if errors.Is(err, state.ErrNoUser) {
		_, err = users.AddUser(ctx, state.NewUser{Name: user, Password: password, Role: firstRole(user)}, nil)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "console: user %s has a new password\n", user)
	return err
}

// firstRole is the role of a user who is made by setting a password.
func firstRole(user string) access.Role {
	if strings.EqualFold(user, state.BootstrapUser) {
		return access.Administrator
	}
	return access.Analyst
}

// prepareConsole makes the folder of the console's database where it is in the
// data directory.
func (a *app) prepareConsole() error {
	if a.cfg.Console.Database != "" {
		return nil
	}
	a.cfg.Console.Database = a.cfg.Path("console.db")
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	return nil
}
