package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// people is what the commands about users work on.
type people struct {
	users *state.State
	audit *audit.Log
}

// withPeople does something with the console's users; what it records is in the
// audit log's chain when it returns.
func (a *app) withPeople(ctx context.Context, do func(people) error) error {
	return a.withDatabase(ctx, func(db *database.DB) error {
		users, err := console.OpenState(ctx, a.cfg.Console, db)
		if err != nil {
			return err
		}
		log, err := console.OpenAudit(ctx, a.cfg.Console, db, audit.Options{Logger: a.log})
		if err != nil {
			return usage(err)
		}
		err = do(people{users: users, audit: log})
		_, sealed := log.Seal(ctx)
		return errors.Join(err, sealed)
	})
}

// withDatabase does something with the console's database.
func (a *app) withDatabase(ctx context.Context, do func(*database.DB) error) error {
	if err := a.prepareConsole(); err != nil {
		return err
	}
	db, err := console.OpenDatabase(ctx, a.cfg.Console)
	if err != nil {
		return err
	}
	defer func() { a.logged("the console's database did not close", db.Close()) }()
	return do(db)
}

// recorded writes into the audit log what a command did.
func (p people) recorded(ctx context.Context, action, user string, detail map[string]string) state.Also {
	return func(tx *database.Tx) error {
		by := access.Viewer{Name: "command " + operatorName()}
		return p.audit.Append(ctx, tx, audit.Event{By: by, Action: action, Subject: "user " + user, Detail: detail})
	}
}

func (a *app) setPassword(ctx context.Context, user, password string) error {
	return a.withPeople(ctx, func(p people) error {
		err := p.users.SetPassword(ctx, user, password, false, p.recorded(ctx, "password", user, nil))
		if errors.Is(err, state.ErrNoUser) {
			role := firstRole(user)
			_, err = p.users.AddUser(ctx, state.NewUser{Name: user, Password: password, Role: role}, p.recorded(ctx, "user_added", user, map[string]string{"role": string(role)}))
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "console: user %s has a new password\n", user)
		return err
	})
}

// firstRole is the role of a user who is made by setting a password.
func firstRole(user string) access.Role {
	if strings.EqualFold(user, state.BootstrapUser) {
		return access.Administrator
	}
	return access.Analyst
}

func userCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "user", Short: "Add, list and change the console's users",
		Example: "  netra console user add rina --role analyst --region 61\n  netra console user list",
	}, userAddCommand(a), userListCommand(a), userSetCommand(a))
}

// rightsFlags are the rights of a person as flags.
type rightsFlags struct {
	role, name string
	regions    []string
}

func (f *rightsFlags) add(cmd *cobra.Command, role string) {
	cmd.Flags().StringVar(&f.role, "role", role, "role: analyst, supervisor, operator or administrator")
	cmd.Flags().StringSliceVar(&f.regions, "region", nil, "code of a region to which the person is limited, such as 61 or 61.08; may be repeated")
	cmd.Flags().StringVar(&f.name, "name", "", "full name, as others see it")
}

func (f *rightsFlags) check() error {
	if !access.Role(f.role).Known() {
		return usage(fmt.Errorf("--role %q; allowed: analyst, supervisor, operator, administrator", f.role))
	}
	if err := state.CheckRegions(f.regions); err != nil {
		return usage(fmt.Errorf("--region: %w", err))
	}
	return nil
}

func userAddCommand(a *app) *cobra.Command {
	var flags rightsFlags
	var stdin bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user with a temporary password, which is printed once",
		Long: `Add makes a user. The temporary password that it prints has to be changed at the first
login; with --password-stdin the password is read from standard input and stays.
Without --region the person sees all regions.`,
		Example: "  netra console user add rina --role analyst --region 61 --name \"Rina Wati\"\n  netra console user add joko --role administrator --password-stdin < password.txt",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(); err != nil {
				return err
			}
			n := state.NewUser{Name: args[0], DisplayName: flags.name, Role: access.Role(flags.role), Regions: flags.regions, Password: state.RandomPassword(), MustChange: true}
			if stdin {
				line, err := readLine(a.in)
				if err != nil {
					return err
				}
				n.Password, n.MustChange = line, false
			}
			return a.addUser(cmd.Context(), n)
		},
	}
	flags.add(cmd, string(access.Analyst))
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

func (a *app) addUser(ctx context.Context, n state.NewUser) error {
	return a.withPeople(ctx, func(p people) error {
		detail := map[string]string{"role": string(n.Role), "regions": strings.Join(n.Regions, " ")}
		_, err := p.users.AddUser(ctx, n, p.recorded(ctx, "user_added", n.Name, detail))
		if errors.Is(err, state.ErrUserName) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		told := fmt.Sprintf("console: user %s (%s) is added", n.Name, n.Role)
		if n.MustChange {
			told += fmt.Sprintf(" with the temporary password %s (shown only this once)", n.Password)
		}
		_, err = fmt.Fprintln(a.out, told)
		return err
	})
}

// readLine reads a line of standard input, for what must not be an argument.
func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func userListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the users with their roles, regions and state",
		Example: "  netra console user list",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withPeople(cmd.Context(), func(p people) error {
				all, err := p.users.Users(cmd.Context())
				if err != nil {
					return err
				}
				return listUsers(a.out, all)
			})
		},
	}
}

func listUsers(out io.Writer, all []state.User) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NAME\tROLE\tREGIONS\tSTATE\tTOTP\tLAST LOGIN")
	for _, u := range all {
		regions, login, totp, state := strings.Join(u.Regions, ","), "never", "no", "active"
		if len(u.Regions) == 0 {
			regions = "all"
		}
		if !u.LastLogin.IsZero() {
			login = u.LastLogin.Format(time.RFC3339)
		}
		if !u.TOTPSince.IsZero() {
			totp = "yes"
		}
		if u.Disabled {
			state = "disabled"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Name, u.Role, regions, state, totp, login)
	}
	return table.Flush()
}

func userSetCommand(a *app) *cobra.Command {
	var flags rightsFlags
	var disable, enable, everywhere, noTOTP bool
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a user's role, regions or state, or take the second factor away",
		Long: `Set changes what its flags name and leaves the rest. It works while the console runs, and
takes effect at once; a disabled user's sessions and tokens end.`,
		Example: "  netra console user set rina --role supervisor --all-regions\n  netra console user set joko --disable\n  netra console user set admin --reset-totp",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if disable && enable || everywhere && len(flags.regions) > 0 {
				return usage(errors.New("--disable and --enable, and --region and --all-regions, exclude each other"))
			}
			changed := cmd.Flags().Changed
			return a.withPeople(cmd.Context(), func(p people) error {
				before, err := p.users.UserNamed(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("user %s: %w", args[0], err)
				}
				rights := before.Rights()
				if changed("role") {
					rights.Role = access.Role(flags.role)
				}
				if changed("region") || everywhere {
					rights.Regions = flags.regions
				}
				if changed("name") {
					rights.DisplayName = flags.name
				}
				if disable || enable {
					rights.Disabled = disable
				}
				flags.role = string(rights.Role)
				if err := flags.check(); err != nil {
					return err
				}
				return a.setUser(cmd.Context(), p, before, rights, noTOTP)
			})
		},
	}
	flags.add(cmd, "")
	cmd.Flags().BoolVar(&disable, "disable", false, "the user may not log in any more")
	cmd.Flags().BoolVar(&enable, "enable", false, "the user may log in again")
	cmd.Flags().BoolVar(&everywhere, "all-regions", false, "the user sees all regions")
	cmd.Flags().BoolVar(&noTOTP, "reset-totp", false, "take the second factor away, where the phone is lost")
	return cmd
}

func (a *app) setUser(ctx context.Context, p people, before state.User, rights state.Rights, noTOTP bool) error {
	detail := map[string]string{"role": string(rights.Role), "regions": strings.Join(rights.Regions, " "), "disabled": fmt.Sprint(rights.Disabled)}
	if !rights.Equal(before.Rights()) {
		err := p.users.SetRights(ctx, before.ID, rights, func(tx *database.Tx, _ state.User) error {
			return p.recorded(ctx, "rights", before.Name, detail)(tx)
		})
		if err != nil {
			return fmt.Errorf("user %s: %w", before.Name, err)
		}
	}
	if noTOTP {
		if err := p.users.ClearTOTP(ctx, before.ID, p.recorded(ctx, "totp_cleared", before.Name, nil)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(a.out, "console: user %s is changed\n", before.Name)
	return err
}

func backupCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the console's SQLite database into a new file, also while the console runs",
		Long: `Backup writes a whole and consistent copy. To restore it, stop the console and put the
copy in the place of the file of console.database. Keep the secret of second factors
with it, but elsewhere: it is in the file beside the database that ends in .key, or
under console.encryption_secret. PostgreSQL has pg_dump.`,
		Example: "  netra console backup /srv/backup/console-$(date +%F).db",
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPeople(cmd.Context(), func(p people) error {
				return a.backUp(cmd.Context(), p, args[0])
			})
		},
	}
}

func (a *app) backUp(ctx context.Context, p people, file string) error {
	err := a.withDatabase(ctx, func(db *database.DB) error { return db.Backup(ctx, file) })
	if errors.Is(err, os.ErrExist) || errors.Is(err, database.ErrNotSQLite) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	by := access.Viewer{Name: "command " + operatorName()}
	if err := p.audit.Tell(ctx, audit.Event{By: by, Action: "backup", Subject: "database", Detail: map[string]string{"name": file}}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "console: the database is copied to %s\n", file)
	return err
}
