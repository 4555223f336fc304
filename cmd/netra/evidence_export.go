package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/report"
	"github.com/netra-id/netra/pipeline/review"
)

func evidenceExportCommand(a *app) *cobra.Command {
	var q dossier.Request
	var path string
	cmd := &cobra.Command{
		Use:   "export {--case NUMBER | --post ID...} -o FILE",
		Short: "Write the evidence pack of a case, or of posts",
		Long: `Export writes what the console's export button gives: a ZIP with the files, their
statements, the proofs, who saw and decided what, and the report. It works on the
console's database, also while the console runs, and is recorded in the audit log. The
file must not be there yet. Where ClickHouse does not answer, the report has what was
kept of the posts as evidence.`,
		Example: "  netra evidence export --case 2026/61/0042 -o kasus.zip\n  netra evidence export --post mastodon:1093 --post x:17 -o pos.zip",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case (q.Case == "") == (len(q.Posts) == 0):
				return usage(errors.New("allowed: either --case NUMBER or --post ID"))
			case path == "":
				return usage(errors.New("-o is missing; allowed: the file to write"))
			}
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				return usage(fmt.Errorf("-o %s: there is such a file already", path))
			}
			return a.withDossier(cmd.Context(), func(d *dossier.Dossier) error { return a.export(cmd.Context(), d, q, path) })
		},
	}
	cmd.Flags().StringVar(&q.Case, "case", "", "`NUMBER` of a case")
	cmd.Flags().StringArrayVar(&q.Posts, "post", nil, "`ID` of a post; may be repeated")
	cmd.Flags().StringVarP(&path, "output", "o", "", "`FILE` to write")
	return cmd
}

// export writes a pack that is whole or not there.
func (a *app) export(ctx context.Context, d *dossier.Dossier, q dossier.Request, path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".pack-*") // 0600
	if err != nil {
		return usage(fmt.Errorf("-o %s: %w", path, err))
	}
	defer func() {
		if gone := os.Remove(file.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	viewer := access.Viewer{Name: "command " + operatorName(), Role: access.Supervisor}
	made, err := d.Export(ctx, viewer, q, file)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return exportRefused(q, err)
	}
	if err := os.Link(file.Name(), path); err != nil { // fails where there is one
		return fmt.Errorf("keep the pack: %w", err)
	}
	return a.tellMade(d, path, made)
}

func exportRefused(q dossier.Request, err error) error {
	if errors.Is(err, cases.ErrNotFound) || errors.Is(err, review.ErrNotFound) {
		what := fmt.Sprintf("case %q", q.Case)
		if q.Case == "" {
			what = fmt.Sprintf("posts %q", q.Posts)
		}
		return usage(fmt.Errorf("%s: %w", what, err))
	}
	return err
}

func (a *app) tellMade(d *dossier.Dossier, path string, made pack.Made) error {
	stamped := "without a time stamp of an authority"
	switch {
	case made.Stamped:
		stamped = "time-stamped"
	case made.Unstamped != nil:
		a.log.Warn("the pack has no time stamp of its own checkpoint, only earlier ones", "error", made.Unstamped)
	}
	_, err := fmt.Fprintf(a.out, "%s: %d bytes, SHA-256 %s, sealed as leaf of a log of %d, %s\nverify it with: netra evidence verify %s --key '%s'\n",
		path, made.Size, made.SHA256, made.Leaves, stamped, path, d.PublicKey())
	return err
}

// withDossier does something with what gathers evidence, on the console's
// database alone.
func (a *app) withDossier(ctx context.Context, do func(*dossier.Dossier) error) error {
	if err := a.needsDatabase(); err != nil {
		return err
	}
	return a.withDatabase(ctx, func(db *database.DB) error {
		r := &road{database: db}
		defer r.close()
		d, err := a.dossierOf(ctx, r)
		if err != nil {
			return err
		}
		return do(d)
	})
}

// dossierOf opens what a dossier is gathered from.
func (a *app) dossierOf(ctx context.Context, r *road) (*dossier.Dossier, error) {
	var err error
	if r.seal, err = a.newSeal(ctx, r.database); err != nil {
		return nil, err
	}
	if r.keeper, err = a.newKeeper(ctx, r); err != nil {
		return nil, err
	}
	log, err := console.OpenAudit(ctx, a.cfg.Console, r.database, audit.Options{Logger: a.log, Registerer: a.registry})
	if err != nil {
		return nil, usage(err)
	}
	deps := review.Dependencies{Database: r.database, Audit: log, Seal: r.seal, Logger: a.log, Registerer: a.registry}
	if r.store, err = a.newStore(); err != nil {
		a.log.Warn("ClickHouse is not asked: the report has what was kept as evidence", "error", err)
	} else {
		r.onClose(func() { a.logged("the connection to ClickHouse did not close", r.store.Close()) })
		deps.Flags = r.store
	}
	reviewed, err := review.New(a.cfg.Review, deps)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(review.Migrate(ctx, r.database), cases.Migrate(ctx, r.database)); err != nil {
		return nil, err
	}
	all, err := cases.New(a.cfg.Cases, cases.Dependencies{Database: r.database, Posts: reviewed, Audit: log, Seal: r.seal, Logger: a.log, Registerer: a.registry})
	if err != nil {
		return nil, usage(fmt.Errorf("cases: %w", err))
	}
	regions, err := a.regions()
	if err != nil {
		return nil, usage(err)
	}
	elections, err := a.elections(a.cfg.Classify)
	if err != nil {
		return nil, usage(err)
	}
	return a.newDossier(r, all, reviewed, log, console.ContestantsOf(elections), regions.Name)
}

func evidenceTemplateCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "template",
		Short:   "Print the report's template that comes with the program, to be changed",
		Long:    "Template prints the template of the report in a pack. Put it, changed, into a folder under the\nname " + report.TemplateName + " and name the folder by evidence.report.template.",
		Example: "  netra evidence template > formulir/" + report.TemplateName,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.out, report.ShippedTemplate())
			return err
		},
	}
}
