package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	users "github.com/netra-id/netra/deploy/clickhouse"
)

func migrateUsersCommand(a *app) *cobra.Command {
	var flags migrateUsersFlags
	cmd := &cobra.Command{
		Use:   "users",
		Short: "Make ClickHouse's roles and users with least rights, as its administrator; safe to repeat",
		Long: fmt.Sprintf(`Users makes the database, the roles, and each user that --user or --region names, whose
password is in a file. The configuration's clickhouse.user must be one that may do so.

  %-16s makes and changes tables (netra migrate)
  %-16s reads and adds rows (netra collect, work)
  %-16s the same, and removes what retention says (netra console)
  %-16s reads what dashboards show, of all regions
  --region 61.08   a reader like that for one region: %s

With --print the statements are printed and nothing is run; passwords are in them as
salted hashes.`, users.Migrator, users.Road, users.Console, users.Grafana, users.OfRegion("61.08")),
		Example: "  netra migrate users --user netra=/run/secrets/netra --user netra_grafana=/run/secrets/grafana\n  netra migrate users --region 61.08=landak.txt --print",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			statements, err := a.userStatements(flags)
			if err != nil {
				return usage(err)
			}
			if flags.print {
				_, err := fmt.Fprintln(a.out, strings.Join(statements, ";\n")+";")
				return err
			}
			s, err := a.newStore()
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			if err := s.Administer(cmd.Context(), statements); err != nil {
				return refusal(err)
			}
			_, err = fmt.Fprintf(a.out, "clickhouse: roles are made, and users %s\n", strings.Join(flags.names(), ", "))
			return err
		},
	}
	cmd.Flags().StringToStringVar(&flags.users, "user", nil, "a user and the file of its password: "+strings.Join(slices.Sorted(maps.Keys(users.Roles)), ", "))
	cmd.Flags().StringToStringVar(&flags.regions, "region", nil, "the code of a region and the file of its reader's password")
	cmd.Flags().BoolVar(&flags.print, "print", false, "print the statements and run nothing")
	return cmd
}

type migrateUsersFlags struct {
	users, regions map[string]string
	print          bool
}

// names are the users that are made.
func (f migrateUsersFlags) names() []string {
	names := slices.Collect(maps.Keys(f.users))
	for code := range f.regions {
		names = append(names, users.OfRegion(code))
	}
	slices.Sort(names)
	return names
}

func (a *app) userStatements(flags migrateUsersFlags) ([]string, error) {
	if len(flags.users)+len(flags.regions) == 0 {
		return nil, fmt.Errorf("no user is named: give --user NAME=FILE or --region CODE=FILE")
	}
	options := users.Options{Database: a.cfg.ClickHouse.Database, Cluster: a.cfg.ClickHouse.Cluster, Distributed: a.cfg.ClickHouse.Distributed}
	statements, err := options.Statements()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(flags.users)) {
		roles, known := users.Roles[name]
		if !known {
			return nil, fmt.Errorf("--user %q; allowed: %s", name, strings.Join(slices.Sorted(maps.Keys(users.Roles)), ", "))
		}
		password, err := passwordFile(flags.users[name])
		if err != nil {
			return nil, err
		}
		made, err := options.User(name, roles, password)
		if err != nil {
			return nil, err
		}
		statements = append(statements, made...)
	}
	for _, code := range slices.Sorted(maps.Keys(flags.regions)) {
		password, err := passwordFile(flags.regions[code])
		if err != nil {
			return nil, err
		}
		made, err := options.Region(code, password)
		if err != nil {
			return nil, fmt.Errorf("--region: %w", err)
		}
		statements = append(statements, made...)
	}
	return statements, nil
}

// leastPassword is how long a password of ClickHouse's users must be.
const leastPassword = 12

func passwordFile(path string) (string, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(string(data), "\r\n")
	if len(password) < leastPassword || strings.ContainsAny(password, "\r\n") {
		return "", fmt.Errorf("file %s (content not shown): allowed: one line of %d characters or more", path, leastPassword)
	}
	return password, nil
}
