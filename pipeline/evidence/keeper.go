package evidence

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Clock tells the time, and how that was checked.
type Clock interface {
	Now() (now time.Time, checked string)
}

// Dependencies are what a keeper works with. Database, Files and Log are
// required.
type Dependencies struct {
	Database *database.DB
	Files    *blobs.Store
	Log      seal.Adder
	// Clock is the machine's, not checked, where it is nil.
	Clock      Clock
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Keeper keeps pieces. It is safe for concurrent use, also by several processes
// on one database and one storage.
type Keeper struct {
	db      *database.DB
	files   *blobs.Store
	log     seal.Adder
	clock   Clock
	logger  *slog.Logger
	metrics *metrics
}

// New returns a keeper on a database whose tables Migrate has made.
func New(deps Dependencies) (*Keeper, error) {
	if deps.Database == nil || deps.Files == nil || deps.Log == nil {
		return nil, errors.New("evidence: a database, a storage of files and a log are needed")
	}
	if deps.Clock == nil {
		deps.Clock = unchecked{}
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if deps.Registerer == nil {
		deps.Registerer = prometheus.NewRegistry()
	}
	return &Keeper{
		db: deps.Database, files: deps.Files, log: deps.Log, clock: deps.Clock, logger: deps.Logger, metrics: newMetrics(deps.Registerer),
	}, nil
}

// Migrate makes or updates the tables of pieces in a database.
func Migrate(ctx context.Context, db *database.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return db.Migrate(ctx, "evidence", files)
}

// Now is the time by the keeper's clock, and how that was checked.
func (k *Keeper) Now() (now time.Time, checked string) { return k.clock.Now() }

// NotChecked is what a statement says of a time that nothing was compared with.
const NotChecked = "not checked"

type unchecked struct{}

func (unchecked) Now() (time.Time, string) { return time.Now(), NotChecked }
