package seal

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/stamp"
)

// stamper asks the authorities of the configuration.
type stamper struct {
	cfg    StampConfiguration
	policy asn1.ObjectIdentifier
	roots  *x509.CertPool // nil where any certificate is taken
	client *http.Client
}

// newStamper returns nil where no authority is configured.
func newStamper(cfg StampConfiguration) (*stamper, error) {
	if len(cfg.URLs) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	policy, err := stamp.ParsePolicy(cfg.Policy)
	if err != nil {
		return nil, err
	}
	s := &stamper{cfg: cfg, policy: policy, client: &http.Client{Timeout: cfg.Timeout}}
	if cfg.Roots != "" {
		data, err := os.ReadFile(cfg.Roots)
		if err != nil {
			return nil, fmt.Errorf("read the authority's root certificates (key evidence.seal.stamp.roots): %w", err)
		}
		if s.roots = x509.NewCertPool(); !s.roots.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("read the authority's root certificates (key evidence.seal.stamp.roots): %s has no certificate in PEM", cfg.Roots)
		}
	}
	return s, nil
}

// stamp asks one authority after the other, until one answers.
func (s *stamper) stamp(ctx context.Context, signed []byte) ([]byte, *stamp.Stamp, error) {
	var errs []error
	for _, address := range s.cfg.URLs {
		der, got, err := stamp.NewRequest(sha256.Sum256(signed), s.policy).Ask(ctx, s.client, address)
		if err == nil && s.roots != nil {
			err = got.Trusted(s.roots)
		}
		if err == nil {
			return der, got, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", address, err))
	}
	return nil, nil, errors.Join(errs...)
}

// ErrNoAuthority says that the configuration names no time stamping authority.
var ErrNoAuthority = errors.New("no time stamping authority is configured (key evidence.seal.stamp.urls)")

// Stamps says whether checkpoints are time-stamped at all.
func (l *Log) Stamps() bool { return l.stamper != nil }

// Stamp has the last checkpoint time-stamped, where it is not yet, and returns
// it; of an empty log it returns nothing. Its error is ErrNoAuthority where nobody
// stamps.
func (l *Log) Stamp(ctx context.Context) (Stamped, error) {
	if l.stamper == nil {
		return Stamped{}, ErrNoAuthority
	}
	l.stamping.Lock()
	defer l.stamping.Unlock()
	last, err := lastCheckpoint(ctx, l.db)
	if err != nil || last == nil {
		return Stamped{}, err
	}
	stamped := Stamped{Size: last.size, Note: []byte(last.note)}
	if stamped.Response, err = stampOf(ctx, l.db, last.size); err != nil || stamped.Response != nil {
		return stamped, err
	}
	der, got, err := l.stamper.stamp(ctx, stamped.Note)
	if err != nil {
		l.metrics.stamps.WithLabelValues("failed").Inc()
		return Stamped{}, fmt.Errorf("stamp the checkpoint of %d leaves: %w", last.size, err)
	}
	l.metrics.stamps.WithLabelValues("granted").Inc()
	l.compareClocks(got)
	_, err = l.db.Exec(ctx, `INSERT INTO seal_stamps (size, response, authority, stamped_at) VALUES (?, ?, ?, ?)`, last.size, der, got.Authority(), got.Time.UnixMilli())
	if err != nil {
		if there, again := stampOf(ctx, l.db, last.size); again == nil && there != nil {
			stamped.Response = there // another console was faster
			return stamped, nil
		}
		return Stamped{}, fmt.Errorf("keep a time stamp: %w", err)
	}
	stamped.Response = der
	l.metrics.stampedAt.Set(float64(got.Time.UnixMilli()) / 1000)
	return stamped, nil
}

// compareClocks tells how far this machine's clock is from the authority's.
func (l *Log) compareClocks(got *stamp.Stamp) {
	skew := l.deps.Now().Sub(got.Time)
	l.metrics.skew.Set(skew.Seconds())
	if skew.Abs() > l.cfg.Stamp.MostSkew {
		l.deps.Logger.Warn("this machine's clock and the time stamping authority's differ", "by", skew.Round(time.Millisecond).String(), "authority", got.Authority())
	}
}

// stampOf returns the time stamp of the checkpoint of a size, nil where there is
// none.
func stampOf(ctx context.Context, q database.Querier, size int64) ([]byte, error) {
	var der []byte
	err := q.QueryRow(ctx, `SELECT response FROM seal_stamps WHERE size = ?`, size).Scan(&der)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a time stamp: %w", err)
	}
	return der, nil
}

// firstRetry is how soon an authority that was away is asked again; later more
// and more seldom, up to the configured time.
const firstRetry = 5 * time.Second

// runStamps has the last checkpoint stamped every so often, until ctx ends.
func (l *Log) runStamps(ctx context.Context) {
	retry := firstRetry
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		_, err := l.Stamp(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			l.metrics.errors.WithLabelValues("stamp").Inc()
			l.deps.Logger.Warn("the sealed log was not time-stamped; it is tried again", "error", err, "after", retry.String())
			timer.Reset(min(retry, l.cfg.Stamp.Every))
			retry = min(2*retry, l.cfg.Stamp.Every)
		default:
			retry = firstRetry
			timer.Reset(l.cfg.Stamp.Every)
		}
		l.measureStamps(ctx)
	}
}

func (l *Log) measureStamps(ctx context.Context) {
	var leaves, covered, at int64
	err := errors.Join(
		l.db.QueryRow(ctx, `SELECT coalesce(max(size), 0) FROM seal_checkpoints`).Scan(&leaves),
		l.db.QueryRow(ctx, `SELECT coalesce(max(size), 0), coalesce(max(stamped_at), 0) FROM seal_stamps`).Scan(&covered, &at),
	)
	if err == nil {
		l.metrics.unstamped.Set(float64(leaves - covered))
		l.metrics.stampedAt.Set(float64(at) / 1000)
	}
}
