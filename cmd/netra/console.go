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

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/store"
)

func consoleCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "console",
		Short:   "Serve the analysts' console",
		Example: "  netra console --config netra.yaml\n  netra console passwd admin < password.txt",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			c, err := a.newConsole(s)
			if err != nil {
				return err
			}
			defer func() { _ = c.Close() }()
			if err := a.announce(cmd.Context(), c); err != nil {
				return err
			}
			return a.serve(cmd.Context(), nil, consolePart(c))
		},
	}
	cmd.AddCommand(passwdCommand(a))
	return cmd
}

func consolePart(c *console.Console) part {
	return part{name: "console", run: c.Run, check: monitor.Check{Name: "console", Ready: c.Ready}}
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
		Use:     "passwd USER",
		Short:   "Set a user's password, read from standard input; makes the user where there is none",
		Example: "  netra console passwd admin < password.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			line, err := bufio.NewReader(a.in).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read the password from standard input: %w", err)
			}
			password := strings.TrimRight(line, "\r\n")
			return a.withConsole(func(c *console.Console) error {
				err := c.SetPassword(cmd.Context(), args[0], password)
				if errors.Is(err, state.ErrNoUser) {
					return c.AddUser(cmd.Context(), args[0], password)
				}
				return err
			})
		},
	}
}

// withConsole opens the console's own database without serving anything.
func (a *app) withConsole(do func(*console.Console) error) error {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	if strings.TrimSpace(a.cfg.ClickHouse.Address) == "" {
		a.cfg.ClickHouse.Address = "http://127.0.0.1:8123" // never asked for a password's sake
	}
	s, err := store.New(a.cfg.ClickHouse, a.log, a.registry)
	if err != nil {
		return usage(err)
	}
	defer func() { _ = s.Close() }()
	c, err := a.newConsole(s)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return do(c)
}
