package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/suggest"
)

// Tuning is what the operator's pages work on.
type Tuning struct {
	Book *tuning.Book
	// InForce is what this process works with, nil where it follows nothing; the
	// function may be nil, too.
	InForce   func() *tuning.InForce
	Backtests Backtests
	// Posts are what words are suggested from; without it nothing is suggested.
	Posts suggest.Data
}

// Backtests runs back-tests outside this process.
type Backtests interface {
	// New plans a back-test of a version against what is in force; zero times are
	// open ends.
	New(ctx context.Context, version string, from, until time.Time, by string) (number int64, err error)
	// Start begins it, or goes on with it.
	Start(number int64) error
	// Running says whether it runs on this machine, started by this process.
	Running(number int64) bool
}

// TuningParts are what the tuning shares with the console.
type TuningParts struct {
	Database *database.DB
	Audit    tuning.Audit
}

// tuningDesk is the tuning with what the pages remember of versions.
type tuningDesk struct {
	*Tuning
	mu sync.Mutex
	// kept are the versions that were looked at last, the latest at the end.
	kept []*tuned
}

// tuned is a version that was compiled and checked.
type tuned struct {
	bundle tuning.Bundle
	report tuning.Report
	// compiled is nil where the version does not compile.
	compiled *tuning.Compiled
}

// mostTuned bounds the versions that are kept ready: what is in force, and what
// some operators work on.
const mostTuned = 6

// version returns a version, compiled and checked.
func (d *tuningDesk) version(ctx context.Context, id string) (*tuned, error) {
	if t := d.find(id); t != nil {
		return t, nil
	}
	bundle, err := d.Book.Bundle(ctx, id)
	if err != nil {
		return nil, err
	}
	return d.keep(bundle), nil
}

func (d *tuningDesk) find(id string) *tuned {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, t := range d.kept {
		if t.report.Version == id {
			d.kept = append(append(d.kept[:i:i], d.kept[i+1:]...), t)
			return t
		}
	}
	return nil
}

// keep compiles and checks a bundle, and remembers it.
func (d *tuningDesk) keep(bundle tuning.Bundle) *tuned {
	t := d.check(bundle)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = append(d.kept, t)
	if len(d.kept) > mostTuned {
		d.kept = append([]*tuned(nil), d.kept[1:]...)
	}
	return t
}

// check compiles and checks a bundle that may never be saved.
func (d *tuningDesk) check(bundle tuning.Bundle) *tuned {
	t := &tuned{bundle: bundle}
	t.report, t.compiled = d.Book.Compiler().Check(bundle)
	if t.compiled == nil {
		t.compiled, _ = d.Book.Compiler().Compile(bundle) // what is wrong is in the report
	}
	return t
}

// published returns what is in force, as the book has it; ErrNotFound where
// nothing is.
func (d *tuningDesk) published(ctx context.Context) (tuning.Publication, *tuned, error) {
	p, err := d.Book.Current(ctx)
	if err != nil {
		return p, nil, err
	}
	t, err := d.version(ctx, p.Version)
	return p, t, err
}

// draft returns the draft that the path names, with its version.
func (c *Console) draftOf(r *http.Request) (tuning.Draft, *tuned, error) {
	draft, err := c.tuning.Book.Draft(r.Context(), r.PathValue("draft"))
	if err != nil {
		return draft, nil, missing(err)
	}
	t, err := c.tuning.version(r.Context(), draft.Version)
	return draft, t, err
}

// missing answers 404 for what the book does not have.
func missing(err error) error {
	if errors.Is(err, tuning.ErrNotFound) {
		return failure{status: http.StatusNotFound, cause: err}
	}
	return err
}

// openTuning builds the tuning on the console's database and audit log.
func (c *Console) openTuning(ctx context.Context) error {
	if c.deps.Tuning == nil {
		return nil
	}
	t, err := c.deps.Tuning(ctx, TuningParts{Database: c.db, Audit: c.auditOfTuning})
	if err != nil {
		return fmt.Errorf("open the lists' tuning: %w", err)
	}
	c.tuning = &tuningDesk{Tuning: t}
	return nil
}

// auditOfTuning records what the person who sent the request does; a command's
// actor is known by name only.
func (c *Console) auditOfTuning(ctx context.Context, tx *database.Tx, actor, action, subject string, detail map[string]string) error {
	by := access.Viewer{Name: actor}
	if known, ok := ctx.Value(requestKey{}).(*request); ok && known.viewer.Name == actor {
		by = known.viewer
	}
	return c.audit.Record(ctx, tx, by, action, subject, detail)
}
