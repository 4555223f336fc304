package seal

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Dependencies are the parts that the log needs. Database must be there.
type Dependencies struct {
	Database *database.DB
	// Now is time.Now but in tests.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (d Dependencies) withDefaults() (Dependencies, error) {
	if d.Database == nil {
		return d, errors.New("the sealed log has no database")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Registerer == nil {
		d.Registerer = prometheus.NewRegistry()
	}
	return d, nil
}

// Log is the open log. It is safe for concurrent use, also by several processes
// on one database.
type Log struct {
	cfg     Configuration
	db      *database.DB
	deps    Dependencies
	key     *Key            // nil where only others have it
	keys    []note.Verifier // the key's and the previous ones
	stamper *stamper        // nil without an authority
	metrics *metrics
	tell    chan struct{}

	stamping sync.Mutex // held while an authority is asked
	heading  sync.Mutex // held while the head file is written
}

// New brings the log's tables in the database to the present version, and makes
// the key where the log is new. KeyFile and HeadFile of the configuration must be
// filled in.
func New(ctx context.Context, cfg Configuration, deps Dependencies) (*Log, error) {
	deps, err := deps.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := Migrate(ctx, deps.Database); err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg, db: deps.Database, deps: deps, metrics: newMetrics(deps.Registerer), tell: make(chan struct{}, 1)}
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil {
		return nil, err
	}
	if l.key, err = openOrMakeKey(cfg.KeyFile, cfg.Origin, last == nil); err != nil {
		return nil, err
	}
	keys := cfg.PreviousKeys
	if l.key != nil {
		keys = append([]string{l.key.Public()}, keys...)
	} else {
		deps.Logger.Warn("what this console adds is sealed by another one", "why", ErrNoKey)
	}
	for _, text := range keys {
		v, err := ParsePublicKey(text)
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, v)
	}
	if l.stamper, err = newStamper(cfg.Stamp); err != nil {
		return nil, err
	}
	return l, nil
}

// Migrate makes or updates the log's tables in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "seal", files)
}

// PublicKey is the public key by which the log's checkpoints are verified; empty
// where this process does not have the key.
func (l *Log) PublicKey() string {
	if l.key == nil {
		return ""
	}
	return l.key.Public()
}

// KeyFile is where the private key is.
func (l *Log) KeyFile() string { return l.cfg.KeyFile }

// Add has the statement sealed after the transaction is committed, within
// seconds. The same statement is sealed once, however often it is added.
func (l *Log) Add(ctx context.Context, tx *database.Tx, kind Kind, statement []byte) error {
	if !kindName.MatchString(string(kind)) {
		return fmt.Errorf("seal a statement: kind %q; allowed: up to 32 small letters", kind)
	}
	if len(statement) == 0 {
		return fmt.Errorf("seal a statement: kind %q; it has no bytes", kind)
	}
	sum := sha256.Sum256(statement)
	// Nothing is read here, so that transactions that add do not get in the way of
	// the one that seals; that one leaves out what is sealed already.
	if _, err := tx.Exec(ctx, `INSERT INTO seal_waiting (kind, sha256, added_at) VALUES (?, ?, ?)`, string(kind), sum[:], l.deps.Now().UnixMilli()); err != nil {
		return fmt.Errorf("seal a statement: %w", err)
	}
	select {
	case l.tell <- struct{}{}:
	default:
	}
	return nil
}
