package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"

	"github.com/goccy/go-yaml"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

// listsBoard lays the book's publications out in the store.
type listsBoard struct{ *store.Store }

func (b listsBoard) Lay(ctx context.Context, p tuning.Publication, files []tuning.File, content func(string) ([]byte, error)) error {
	return b.LayLists(ctx, store.ListPublication{
		Number: uint64(p.Number), Version: p.Version, Kind: string(p.Kind), Previous: uint64(p.Previous), By: p.By, At: p.At, //nolint:gosec // counted up from 1
		Why: p.Why, Draft: p.Draft, Approved: p.Approved, Backtest: uint64(p.Backtest), //nolint:gosec // as above
	}, filesOf(p.Version, files), content)
}

func filesOf(version string, files []tuning.File) []store.ListFile {
	rows := make([]store.ListFile, len(files))
	for i, file := range files {
		rows[i] = store.ListFile{Version: version, Path: file.Path, Hash: file.Hash, Size: uint64(file.Size)} //nolint:gosec // a length
	}
	return rows
}

func (b listsBoard) Latest(ctx context.Context) (tuning.Publication, error) {
	list, err := b.Publications(ctx, 1)
	if err == nil && len(list) == 0 {
		err = tuning.ErrNotFound
	}
	if err != nil {
		return tuning.Publication{}, err
	}
	return list[0], nil
}

func (b listsBoard) Publications(ctx context.Context, limit int) ([]tuning.Publication, error) {
	rows, err := b.ListPublications(ctx, limit)
	list := make([]tuning.Publication, len(rows))
	for i, row := range rows {
		list[i] = tuning.Publication{
			Number: int64(row.Number), Version: row.Version, Kind: tuning.Kind(row.Kind), Previous: int64(row.Previous), By: row.By, At: row.At, //nolint:gosec // counted up from 1
			Why: row.Why, Draft: row.Draft, Approved: row.Approved, Backtest: int64(row.Backtest), //nolint:gosec // as above
		}
	}
	return list, err
}

func (b listsBoard) LayShadow(ctx context.Context, shadow tuning.Shadow, files []tuning.File, content func(string) ([]byte, error)) error {
	return b.Store.LayShadow(ctx, store.ListShadow{
		Number: uint64(shadow.Number), Version: shadow.Version, Draft: shadow.Draft, By: shadow.By, At: shadow.At, //nolint:gosec // counted up from 1
	}, filesOf(shadow.Version, files), content)
}

func (b listsBoard) Shadow(ctx context.Context) (tuning.Shadow, error) {
	row, err := b.ListShadow(ctx)
	return tuning.Shadow{Number: int64(row.Number), Version: row.Version, Draft: row.Draft, By: row.By, At: row.At}, err //nolint:gosec // as above
}

func (b listsBoard) Bundle(ctx context.Context, version string) (tuning.Bundle, error) {
	files, err := b.ListFiles(ctx, version)
	if err != nil {
		return tuning.Bundle{}, err
	}
	bundle, err := tuning.NewBundle(files)
	if err == nil && bundle.ID() != version {
		err = fmt.Errorf("version %s of the lists: its files in ClickHouse give %s", tuning.Short(version), tuning.Short(bundle.ID()))
	}
	return bundle, err
}

// book opens the book of lists in the console's database, for commands.
func (a *app) book(ctx context.Context, db *database.DB, s *store.Store) (*tuning.Book, error) {
	compiler, err := a.compiler()
	if err != nil {
		return nil, err
	}
	log, err := console.OpenAudit(ctx, a.cfg.Console, db, audit.Options{Logger: a.log})
	if err != nil {
		return nil, usage(err)
	}
	return tuning.Open(ctx, a.cfg.Tuning, tuning.Dependencies{Database: db, Board: listsBoard{s}, Compiler: compiler, Audit: actorsAudit(log), Logger: a.log})
}

// actorsAudit takes events of actors who are known by name only. They are in the
// log's chain as soon as a console, or a command about the log, runs.
func actorsAudit(log *audit.Log) tuning.Audit {
	return func(ctx context.Context, tx *database.Tx, actor, action, subject string, detail map[string]string) error {
		return log.Record(ctx, tx, access.Viewer{Name: actor}, action, subject, detail)
	}
}

// compiler loads the language models on the first call.
func (a *app) compiler() (*tuning.Compiler, error) {
	if a.listCompiler != nil {
		return a.listCompiler, nil
	}
	var err error
	a.listCompiler, err = tuning.NewCompiler()
	return a.listCompiler, err
}

// withBook does something with the book of lists.
func (a *app) withBook(ctx context.Context, do func(*tuning.Book) error) error {
	s, err := a.newStore()
	if err != nil {
		return err
	}
	defer func() { a.logged("the connection to ClickHouse did not close", s.Close()) }()
	return a.withBookOn(ctx, s, do)
}

// withBookOn does something with the book of lists whose board is in a store.
func (a *app) withBookOn(ctx context.Context, s *store.Store, do func(*tuning.Book) error) error {
	if err := a.prepareConsole(); err != nil {
		return err
	}
	db, err := database.Open(ctx, a.cfg.Console.Database)
	if err != nil {
		return usage(err)
	}
	defer func() { a.logged("the console's database did not close", db.Close()) }()
	book, err := a.book(ctx, db, s)
	if err != nil {
		return err
	}
	return do(book)
}

// operatorName is who does something by a command: the user of the machine.
func operatorName() string {
	if name := os.Getenv("NETRA_OPERATOR"); name != "" {
		return name
	}
	if me, err := user.Current(); err == nil && me.Username != "" {
		return me.Username
	}
	return "command"
}

// configuredBundle is the bundle of the configured files.
func (a *app) configuredBundle(settings config.Classify) (tuning.Bundle, error) {
	var contestants, thresholds []byte
	var err error
	if settings.Contestants != "" {
		if contestants, err = os.ReadFile(settings.Contestants); err != nil {
			return tuning.Bundle{}, fmt.Errorf("read contestants: %w", err)
		}
	}
	if len(settings.Thresholds) > 0 {
		if thresholds, err = yaml.Marshal(map[string]any{"thresholds": settings.Thresholds}); err != nil {
			return tuning.Bundle{}, err
		}
	}
	bundle, err := tuning.Default(contestants, thresholds)
	if err != nil {
		return bundle, err
	}
	if settings.Claims != "" {
		data, err := os.ReadFile(settings.Claims)
		if err != nil {
			return bundle, fmt.Errorf("read claims: %w", err)
		}
		if bundle, err = bundle.With(tuning.ClaimsFile, data); err != nil {
			return bundle, err
		}
	}
	if settings.Keywords == "" {
		return bundle, nil
	}
	return bundle.WithLists(settings.Keywords)
}

// publishFirst puts the configured files in force where nothing was ever
// published, so that operators have something to change.
func (a *app) publishFirst(ctx context.Context, book *tuning.Book) error {
	bundle, err := a.configuredBundle(a.cfg.Classify)
	if err != nil {
		return usage(err)
	}
	did, err := book.First(ctx, bundle, "netra", "the configured files")
	if did {
		a.log.Info("the configured lists are published as the first version", "version", tuning.Short(bundle.ID()))
	}
	return err
}

// configuredClassifier is the classifier of the configured files: what judges
// until something is published.
func (a *app) configuredClassifier() (classifiers.Classifier, error) {
	bundle, err := a.configuredBundle(a.cfg.Classify)
	if err != nil {
		return nil, err
	}
	compiler, err := a.compiler()
	if err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(bundle)
	if err != nil {
		return nil, err
	}
	return compiled.Judge, nil
}

// follow adds a part that keeps the process at the published lists, and returns
// what judges until another version comes: the published one, or, where nothing
// was ever published, the configured one.
func (a *app) follow(ctx context.Context, r *road, configured classifiers.Classifier, wait await) (classifiers.Classifier, error) {
	compiler, err := a.compiler()
	if err != nil {
		return nil, err
	}
	r.lists = tuning.NewFollower(a.cfg.Tuning, listsBoard{r.store}, compiler, a.log, a.registry)
	r.parts = append(r.parts, part{name: "lists", run: r.lists.Run})
	var published bool
	err = wait(ctx, "load the published lists", func(ctx context.Context) error {
		published, err = r.lists.Load(ctx)
		return err
	})
	if err != nil || !published {
		return configured, err
	}
	return r.lists.Current().Judge, nil
}

// notFound is a usage error for names that nothing has.
func notFound(err error) error {
	if errors.Is(err, tuning.ErrNotFound) {
		return usage(err)
	}
	return err
}
