package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/roster"
)

func personCommand(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "person", Short: "List what is held of one person, for a request of access",
		Example: "  netra person report --account mastodon:42 > berkas.json",
	}, personReportCommand(a))
}

func personReportCommand(a *app) *cobra.Command {
	var account, format string
	var number bool
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Everything that is held of a person, by NIP or by account",
		Long: `Report lists the periods of the roster, flagged posts, decisions, evidence, cases, and how
many posts are known by their hashes. With --nip the NIP or NIK is read from
standard input, so that it stands in no list of processes and no history; it is
hashed with roster.hash_key and kept nowhere. That it was asked is in the audit log.`,
		Example: "  netra person report --nip < nip.txt\n  netra person report --account mastodon:42 --format csv > berkas.csv",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if number == (account != "") {
				return usage(errors.New("one of --nip and --account is needed"))
			}
			if format != "json" && format != "csv" {
				return usage(fmt.Errorf("--format %q; allowed: json, csv", format))
			}
			person := ""
			if number {
				var err error
				if person, err = a.readPersonID(); err != nil {
					return usage(err)
				}
			} else if platform, id, _ := strings.Cut(account, ":"); platform == "" || id == "" {
				return usage(fmt.Errorf("--account %q; allowed: platform:account id, such as mastodon:42", account))
			}
			return a.withRetention(cmd.Context(), func(r *road, _ *audit.Log, by access.Viewer) error {
				maker, err := a.sketchMaker()
				if err != nil {
					return err
				}
				var sketches retention.Sketches
				if maker != nil {
					sketches = maker
				}
				held, err := r.retention.Person(cmd.Context(), by, r.store, sketches, person, account)
				if err != nil {
					return err
				}
				if format == "csv" {
					return writeHeld(a.out, &held)
				}
				return writeJSON(a, held)
			})
		},
	}
	cmd.Flags().BoolVar(&number, "nip", false, "read the NIP or NIK from standard input")
	cmd.Flags().StringVar(&account, "account", "", "`PLATFORM:ID` of an account of the person")
	cmd.Flags().StringVar(&format, "format", "json", "json or csv")
	return cmd
}

// readPersonID hashes the NIP or NIK on standard input.
func (a *app) readPersonID() (string, error) {
	line, err := readLine(a.in)
	if err != nil {
		return "", err
	}
	if a.cfg.Roster.HashKey == "" {
		if _, err := os.Stat(a.cfg.Path("roster.key")); err != nil {
			return "", errors.New("there is no key of the roster here: set roster.hash_key to the one with which it was imported")
		}
	}
	key, err := a.rosterKey()
	if err != nil {
		return "", err
	}
	return roster.PersonID(key, line)
}

// writeHeld writes what is held as a table: part, time, subject, kind, text, by.
func writeHeld(to io.Writer, held *retention.Report) error {
	out := csv.NewWriter(to)
	write := func(cells ...string) error {
		for i, cell := range cells {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") || strings.HasPrefix(cell, "@") {
				cells[i] = "'" + cell // no spreadsheet takes it for a formula
			}
		}
		return out.Write(cells)
	}
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	errs := []error{write("part", "at", "subject", "kind", "text", "by")}
	for _, p := range held.Roster {
		errs = append(errs, write("roster", when(p.From), p.Account, p.Status, strings.Join([]string{p.Name, p.Agency, p.Unit, p.Position, p.Region, "until " + when(p.Until)}, "; "), p.Basis))
	}
	for _, f := range held.Flags {
		errs = append(errs, write("flag", when(f.CreatedAt), f.ID, strings.Join(f.Labels, " "), f.Text, ""))
	}
	for _, part := range []struct {
		name string
		rows []retention.HeldRow
	}{
		{"item", held.Items}, {"decision", held.Decisions}, {"evidence", held.Evidence}, {"case", held.Cases}, {"cluster", held.Clusters},
		{"capture", held.Captures}, {"tip", held.Tips}, {"hold", held.Holds}, {"looked_at", held.Looked},
	} {
		for _, row := range part.rows {
			errs = append(errs, write(part.name, when(row.At), row.Subject, row.Kind, row.Text, row.By))
		}
	}
	errs = append(errs, write("sketches", when(held.Sketches.First), "", fmt.Sprint(held.Sketches.Posts), "until "+when(held.Sketches.Last), ""))
	out.Flush()
	return errors.Join(append(errs, out.Error())...)
}
