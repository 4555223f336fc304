package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/strict"
)

// takes says how many arguments a command takes; any number from least where
// most is negative. Its error shows how the command is called.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		given := "no argument was given"
		if len(args) > 0 {
			given = fmt.Sprintf("arguments given: %s", strings.Join(args, " "))
		}
		return usage(fmt.Errorf("usage: %s; %s", cmd.UseLine(), given))
	}
}

// noArguments refuses arguments as wrong usage.
func noArguments(cmd *cobra.Command, args []string) error { return takes(0, 0)(cmd, args) }

// someArguments asks for one argument or more.
func someArguments(cmd *cobra.Command, args []string) error { return takes(1, -1)(cmd, args) }

// group is a command that only holds others.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage(fmt.Errorf("usage: %s COMMAND; allowed: %s", cmd.CommandPath(), strings.Join(names(cmd), ", ")))
		}
		return usage(unknownCommand(cmd, args[0]))
	}
	return cmd
}

func unknownCommand(parent *cobra.Command, name string) error {
	known := names(parent)
	allowed := strings.Join(known, ", ")
	if near := strict.Nearest(name, known); near != "" {
		allowed += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return fmt.Errorf("command %q is not known to %s; allowed: %s", name, parent.CommandPath(), allowed)
}

func names(parent *cobra.Command) []string {
	var names []string
	for _, cmd := range parent.Commands() {
		if cmd.IsAvailableCommand() {
			names = append(names, cmd.Name())
		}
	}
	return names
}

const drainsKey = "drains"

// drains marks a command that ends in order on SIGINT and SIGTERM. The others
// have nothing to bring in order and are ended by the signal itself.
func drains(cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{drainsKey: "true"}
	return cmd
}

// heedSignals ends the context of a command that drains at the first signal;
// a second one ends the program at once.
func heedSignals(cmd *cobra.Command) {
	if cmd.Annotations[drainsKey] == "" {
		return
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	cmd.SetContext(ctx)
}

// readable says that files named on the command line can be read: that one is
// not there is wrong usage, and not a finding about its content.
func readable(files []string) error {
	var wrong []error
	for _, name := range files {
		file, err := os.Open(name) //nolint:gosec // the user names it
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		info, err := file.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("open %s: it is a folder; allowed: a file", name)
		}
		wrong = append(wrong, err, file.Close())
	}
	return usage(errors.Join(wrong...))
}

// helpCommand shows the help of a command; one that is not known is wrong usage.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND…]",
		Short:   "Show the help of a command",
		Example: "  netra help roster import",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage(unknownCommand(target, args[len(args)-max(len(rest), 1)]))
			}
			return target.Help()
		},
	}
}
