// Package audit keeps the log of who did what: every view of an item, export,
// login, change of rights, decision and published list. The log is append-only
// and hash-chained: triggers refuse changes, and where somebody goes around
// them, Verify names the first entry that does not hold. It decides nothing and
// knows no HTTP. It is called by the console, the review, the tuning and the
// commands about the log.
//
// What is recorded is committed together with the change that it tells of, as a
// row that waits; sealing appends what waits to the chain, in batches. So no
// change waits for the chain, and no entry is lost by a crash.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Event is something that somebody did.
type Event struct {
	// By is who did it: a person, or with ID 0 a command or Netra itself.
	By access.Viewer
	// Action is what was done, such as "login" or "view".
	Action string
	// Subject is what it was done to, such as "post mastodon:1093".
	Subject string
	// Detail is what else is to be known. It holds no secret and no NIP.
	Detail map[string]string
}

// Log is the open log. It is safe for concurrent use.
type Log struct {
	db      *database.DB
	now     func() time.Time
	key     []byte
	logger  *slog.Logger
	metrics *metrics
	tell    chan struct{}

	group group
	mu    sync.Mutex
	last  Check
}

// Options are what a log may be given; each has a default.
type Options struct {
	// Key is the secret of the addresses' hashes. Without one no addresses are
	// kept.
	Key        []byte
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// New brings the log's tables in the database to the present version.
func New(ctx context.Context, db *database.DB, options Options) (*Log, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, "audit", files); err != nil {
		return nil, err
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Registerer == nil {
		options.Registerer = prometheus.NewRegistry()
	}
	return &Log{
		db: db, now: options.Now, key: options.Key, logger: options.Logger,
		metrics: newMetrics(options.Registerer), tell: make(chan struct{}, 1),
	}, nil
}

type addressKey struct{}

// WithAddress returns a context whose events are recorded with a keyed hash of
// the address from which they were asked for.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// addressBytes of the hash are kept: enough to tell addresses apart.
const addressBytes = 8

func (l *Log) address(ctx context.Context) string {
	address, ok := ctx.Value(addressKey{}).(string)
	if !ok || address == "" || len(l.key) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte("audit address\x00" + address))
	return hex.EncodeToString(mac.Sum(nil)[:addressBytes])
}

// Append records an event in the transaction of the change that it tells of.
func (l *Log) Append(ctx context.Context, tx *database.Tx, e Event) error {
	if e.Action == "" {
		return fmt.Errorf("audit an event without an action")
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		var err error
		if detail, err = json.Marshal(e.Detail); err != nil {
			return fmt.Errorf("audit %s: %w", e.Action, err)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_pending (at, actor_id, actor, role, action, subject, detail, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		l.now().UnixMilli(), e.By.ID, text(e.By.Name), string(e.By.Role), e.Action, text(e.Subject), string(detail), l.address(ctx))
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	l.metrics.events.WithLabelValues(e.Action).Inc()
	select {
	case l.tell <- struct{}{}:
	default:
	}
	return nil
}

// Record is Append in the form in which the review asks for it.
func (l *Log) Record(ctx context.Context, tx *database.Tx, by access.Viewer, action, subject string, detail map[string]string) error {
	return l.Append(ctx, tx, Event{By: by, Action: action, Subject: subject, Detail: detail})
}
