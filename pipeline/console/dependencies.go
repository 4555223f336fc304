package console

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/console/web"
	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/store"
)

// Data counts the posts. The store implements it.
type Data interface {
	Totals(ctx context.Context) (store.Totals, error)
}

// Contestant is whom a post supports or attacks, as people know them.
type Contestant struct {
	Number int
	// Names are the names of a pair, or one.
	Names []string
	// Election is the election's name.
	Election string
	// StageAt tells the election's stage at a time, such as bakal_calon; empty
	// where it is not known. May be nil.
	StageAt func(at time.Time) string
}

// Contestants knows the contestants by id.
type Contestants interface {
	Contestant(id string) (Contestant, bool)
}

// Dependencies are the parts that the console needs. Data must be there.
type Dependencies struct {
	// Database is the open database that the console shares with the review and
	// the tuning; its owner closes it. Without one the console opens that of its
	// configuration, and closes it.
	Database *database.DB
	Data     Data
	// Review builds the review on what the console has. The console asks it once.
	Review func(ctx context.Context, parts ReviewParts) (Review, error)
	// Tuning builds what operators tune the lists with. The console asks it once;
	// without it, it has no such pages.
	Tuning func(ctx context.Context, parts TuningParts) (*Tuning, error)
	// Capture builds the desk where posts and tips are handed in. The console asks
	// it once; without it, it has no such pages.
	Capture func(ctx context.Context, parts CaptureParts) (*capture.Desk, error)
	// Coordinated builds what finds coordinated posting. The console asks it once;
	// without it, it has no such pages.
	Coordinated func(ctx context.Context, parts CoordinatedParts) (*coordinated.Finder, error)
	// Retention builds what purges. The console asks it once; without it, it has no
	// such page.
	Retention func(ctx context.Context, parts RetentionParts) (*retention.Retention, error)
	// Cases builds what cases are worked on with. The console asks it once; without
	// it, it has no such pages.
	Cases func(ctx context.Context, parts CaseParts) (*Casework, error)
	// Evidence is what was kept of posts; without it there are no such pages.
	Evidence    *EvidenceParts
	Contestants Contestants
	// RegionName gives the name of a region's code, such as "61" or "61.08";
	// empty where it is not known.
	RegionName func(code string) string
	// Rule says in words of a language (id, en) what the keyword rule with the
	// given source, such as "support/vote-for", looks for; empty where it is not
	// known.
	Rule       describe.Dictionary
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// Now is time.Now but in tests; sessions and the login limit go by it.
	Now func() time.Time
	// Assets are the templates and static files; web.Files but in tests.
	Assets fs.FS
}

func (d Dependencies) withDefaults() Dependencies {
	if d.Contestants == nil {
		d.Contestants = noContestants{}
	}
	if d.RegionName == nil {
		d.RegionName = func(string) string { return "" }
	}
	if d.Rule == nil {
		d.Rule = func(string, string) string { return "" }
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Registerer == nil {
		d.Registerer = prometheus.NewRegistry()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Assets == nil {
		d.Assets = web.Files
	}
	return d
}

func (d Dependencies) check() error {
	if d.Data == nil {
		return errors.New("the console has no data to show")
	}
	if d.Review == nil {
		return errors.New("the console has no review")
	}
	return nil
}

type noContestants struct{}

func (noContestants) Contestant(string) (Contestant, bool) { return Contestant{}, false }
