package tuning

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is what publishing a draft asks for.
type Configuration struct {
	// BacktestFirst refuses to publish a draft whose back-test nobody has looked
	// at.
	BacktestFirst bool `yaml:"backtest_first"`
	// SecondPerson refuses to publish a draft that only its author has seen:
	// another operator must approve it.
	SecondPerson bool `yaml:"second_person"`
	// Poll is how often a process looks for a newly published version.
	Poll time.Duration `yaml:"poll"`
}

// DefaultConfiguration asks for a back-test, and lets one operator publish.
func DefaultConfiguration() Configuration {
	return Configuration{BacktestFirst: true, Poll: time.Second}
}

// Validate checks the values.
func (c Configuration) Validate() error {
	if c.Poll < 100*time.Millisecond || c.Poll > time.Minute {
		return &post.FieldError{Key: "poll", Value: c.Poll.String(), Allowed: "a duration from 100ms to 1m"}
	}
	return nil
}

// Board is where published versions are laid out for all processes. The store
// implements it. Laying out the same again changes nothing.
type Board interface {
	// Lay lays out a publication with all files of its version; files that are
	// there already may be left out of content.
	Lay(ctx context.Context, publication Publication, files []File, content func(hash string) ([]byte, error)) error
	// Latest returns the publication in force; ErrNotFound where there is none.
	Latest(ctx context.Context) (Publication, error)
	// Publications lists the newest publications, newest first.
	Publications(ctx context.Context, limit int) ([]Publication, error)
	// Bundle returns the files of a version.
	Bundle(ctx context.Context, version string) (Bundle, error)
	// LayShadow lays out the draft that runs in shadow, or that none does.
	LayShadow(ctx context.Context, shadow Shadow, files []File, content func(hash string) ([]byte, error)) error
	// Shadow returns the draft that runs in shadow; its zero value where none
	// ever did.
	Shadow(ctx context.Context) (Shadow, error)
}

// Audit takes what is to be remembered of operators' acts, in the transaction of
// the act. It may be nil.
type Audit func(ctx context.Context, tx *database.Tx, actor, action, subject string, detail map[string]string) error

// Book is the book of drafts, versions and publications. It is safe for
// concurrent use, also by several processes.
type Book struct {
	cfg      Configuration
	db       *database.DB
	board    Board
	compiler *Compiler
	audit    Audit
	now      func() time.Time
	log      *slog.Logger
}

// Dependencies of a book; Audit and Now may be nil.
type Dependencies struct {
	Database *database.DB
	Board    Board
	Compiler *Compiler
	Audit    Audit
	Now      func() time.Time
	Logger   *slog.Logger
}

// Open makes the book's tables where they are missing.
func Open(ctx context.Context, cfg Configuration, deps Dependencies) (*Book, error) {
	if err := deps.Database.Migrate(ctx, "tuning", migrations()); err != nil {
		return nil, err
	}
	b := &Book{cfg: cfg, db: deps.Database, board: deps.Board, compiler: deps.Compiler, audit: deps.Audit, now: deps.Now, log: deps.Logger}
	if b.now == nil {
		b.now = time.Now
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	return b, nil
}

// Compiler is the compiler that the book checks drafts with.
func (b *Book) Compiler() *Compiler { return b.compiler }

// Keep keeps a bundle as a version and returns its id.
func (b *Book) Keep(ctx context.Context, bundle Bundle, by string) (string, error) {
	id := bundle.ID()
	err := b.db.Write(ctx, func(tx *database.Tx) error { return b.keep(ctx, tx, bundle, by) })
	if err != nil {
		return "", fmt.Errorf("keep version %s: %w", Short(id), err)
	}
	return id, nil
}

func (b *Book) keep(ctx context.Context, tx *database.Tx, bundle Bundle, by string) error {
	files := bundle.Manifest()
	for _, file := range files {
		data, _ := bundle.Read(file.Path)
		if data == nil {
			data = []byte{}
		}
		if _, err := tx.Exec(ctx, "INSERT INTO tuning_files (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", file.Hash, data); err != nil {
			return err
		}
	}
	manifest, err := json.Marshal(files)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO tuning_versions (id, manifest, created, made_by) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
		bundle.ID(), string(manifest), b.now().UnixMilli(), by)
	return err
}

// Version returns a version; ErrNotFound where the book has none of that id.
func (b *Book) Version(ctx context.Context, id string) (Version, error) {
	return versionOf(ctx, b.db, id)
}

func versionOf(ctx context.Context, q database.Querier, id string) (Version, error) {
	v := Version{ID: id}
	var manifest string
	var created int64
	err := q.QueryRow(ctx, "SELECT manifest, created, made_by FROM tuning_versions WHERE id = ?", id).Scan(&manifest, &created, &v.By)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fmt.Errorf("version %s: %w", Short(id), ErrNotFound)
	}
	if err != nil {
		return v, fmt.Errorf("read version %s: %w", Short(id), err)
	}
	v.Created = time.UnixMilli(created).UTC()
	return v, json.Unmarshal([]byte(manifest), &v.Files)
}

// Bundle returns the files of a version.
func (b *Book) Bundle(ctx context.Context, id string) (Bundle, error) {
	v, err := b.Version(ctx, id)
	if err != nil {
		return Bundle{}, err
	}
	files := map[string][]byte{}
	for _, file := range v.Files {
		if files[file.Path], err = b.content(ctx, file.Hash); err != nil {
			return Bundle{}, fmt.Errorf("read %s of version %s: %w", file.Path, Short(id), err)
		}
	}
	bundle, err := NewBundle(files)
	if err == nil && bundle.ID() != id {
		err = fmt.Errorf("version %s: its files give the version %s: the database was tampered with", Short(id), Short(bundle.ID()))
	}
	return bundle, err
}

func (b *Book) content(ctx context.Context, hash string) ([]byte, error) {
	data := []byte{}
	err := b.db.QueryRow(ctx, "SELECT content FROM tuning_files WHERE hash = ?", hash).Scan(&data)
	return data, err
}

// Short is a version's id as people say it.
func Short(id string) string {
	const prefix = len("sha256:")
	if len(id) < prefix+12 {
		return id
	}
	return id[prefix : prefix+12]
}

func (b *Book) note(ctx context.Context, tx *database.Tx, actor, action, subject string, detail map[string]string) error {
	if b.audit == nil {
		return nil
	}
	return b.audit(ctx, tx, actor, action, subject, detail)
}
