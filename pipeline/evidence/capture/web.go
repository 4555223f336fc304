package capture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/version"
)

// web is what is asked for on the web.
type web struct {
	media   *fetch.Client // nil where media are not fetched
	pages   *pages        // nil where pages are not archived
	metrics *metrics
	pause   time.Duration

	mu    sync.Mutex
	asked map[string]time.Time // when a host may be asked again
}

func userAgent() string {
	return "netra-evidence/" + version.Version + " (evidence of public posts of officials; ask your election supervisor)"
}

func newWeb(cfg Configuration, m *metrics) (*web, error) {
	w := &web{metrics: m, pause: cfg.Media.Pause, asked: map[string]time.Time{}}
	if cfg.Media.Enabled {
		asks := fetch.DefaultConfiguration()
		asks.Hosts, asks.AllowPrivate, asks.Timeout, asks.MaxBodyBytes = cfg.Media.Hosts, cfg.Media.AllowPrivate, cfg.Media.Timeout, cfg.Media.MaxBytes
		asks.UserAgent, asks.PerHost = userAgent(), 1
		// These requests are counted by netra_evidence_fetches_total.
		w.media = fetch.New("evidence", asks, fetch.NewMetrics(prometheus.NewRegistry()))
	}
	if cfg.Page.Enabled {
		var err error
		if w.pages, err = newPages(cfg.Page); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *web) close() {
	if w.media != nil {
		w.media.Close()
	}
}

// politely waits until the host may be asked again.
func (w *web) politely(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	w.mu.Lock()
	now := time.Now()
	at := w.asked[u.Host]
	if at.Before(now) {
		at = now
	}
	w.asked[u.Host] = at.Add(w.pause)
	w.mu.Unlock()
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wants says whether there is anything of the post to ask for.
func (w *Worker) wants(t *task, f *finding) bool { return len(w.addresses(t, f.post)) > 0 }

// address is one thing to ask for.
type address struct {
	kind evidence.Kind
	url  string
}

func (a address) key() string { return string(a.kind) + " " + a.url }

func (w *Worker) addresses(_ *task, p *post.Post) (all []address) {
	if w.web == nil {
		return nil
	}
	if w.web.media != nil {
		for _, m := range p.Media {
			one := address{evidence.Media, m.URL}
			if m.Type != "link" && isWeb(m.URL) && len(all) < w.cfg.Media.Most && !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	if w.web.pages != nil && isWeb(p.URL) {
		all = append(all, address{evidence.Page, p.URL})
	}
	return all
}

func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// fetch asks for what a post links to, one address after another. What was kept
// of it is not asked for again in a later try.
func (w *Worker) fetch(ctx context.Context, t *task) error {
	if w.web == nil || t.what.Flag == nil { // it was switched off in the meantime
		return w.endAlone(ctx, t, "fetching is switched off")
	}
	var failed []error
	text := ""
	for _, a := range w.addresses(t, &t.what.Flag.Post) {
		if slices.Contains(t.kept, a.key()) {
			continue
		}
		drafts, err := w.fetchOne(ctx, t, a)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !w.last(t) {
			failed = append(failed, err)
			continue
		}
		if err != nil {
			drafts = append(drafts, problem(w.pieceOf(t, a, a.kind), err))
		}
		for _, d := range drafts {
			if d.Problem != "" {
				text = d.Problem
			}
		}
		if err := w.keepAddress(ctx, t, a, drafts); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	return w.endAlone(ctx, t, text)
}

func (w *Worker) keepAddress(ctx context.Context, t *task, a address, drafts []evidence.Draft) error {
	kept := append(slices.Clone(t.kept), a.key())
	list, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	_, err = w.keeper.Keep(ctx, drafts, func(tx *database.Tx) error { return t.held(ctx, tx, "kept = ?", string(list)) })
	if err == nil {
		t.kept = kept
	}
	return err
}

func (w *Worker) endAlone(ctx context.Context, t *task, text string) error {
	err := w.db.Write(ctx, func(tx *database.Tx) error { return w.end(ctx, tx, t, cut(text, 500)) })
	if err == nil {
		w.count(t, text)
	}
	return err
}

func (w *Worker) pieceOf(t *task, a address, kind evidence.Kind) evidence.Piece {
	piece := about(t, t.what.Version, kind)
	if u, err := url.Parse(a.url); err == nil {
		piece.Address = collect.Redacted(u)
	}
	return piece
}

// fetchOne returns the pieces of one address, among them those that say why there
// is none; an error may pass.
func (w *Worker) fetchOne(ctx context.Context, t *task, a address) (drafts []evidence.Draft, err error) {
	if err := w.web.politely(ctx, a.url); err != nil {
		return nil, err
	}
	result := "ok"
	defer func() {
		switch {
		case err != nil:
			result = "failed"
		case len(drafts) > 0 && drafts[0].Problem != "":
			result = "refused"
		case len(drafts) > 0 && drafts[0].Kind == evidence.Gone:
			result = "gone"
		}
		w.metrics.fetched.WithLabelValues(string(a.kind), result).Inc()
	}()
	if a.kind == evidence.Page {
		return w.page(ctx, t, a)
	}
	return w.mediaFile(ctx, t, a)
}

func (w *Worker) mediaFile(ctx context.Context, t *task, a address) ([]evidence.Draft, error) {
	piece := w.pieceOf(t, a, evidence.Media)
	answer, err := w.web.media.Do(ctx, fetch.Request{URL: a.url})
	if err != nil {
		return w.notFetched(t, a, piece, err)
	}
	exchange := answer.Exchange
	exchange.By = by()
	piece.CapturedAt, piece.Clock, piece.Public = exchange.FetchedAt, exchange.Clock, publicOf(exchange)
	if len(answer.Body) == 0 {
		return []evidence.Draft{problem(piece, blobs.ErrEmpty)}, nil
	}
	if kind := answer.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return []evidence.Draft{problem(piece, fmt.Errorf("the address answers with a page (%s), not with a file", cut(kind, 80))), w.exchange(t, a, exchange)}, nil
	}
	return []evidence.Draft{{Piece: piece, Bytes: answer.Body}, w.exchange(t, a, exchange)}, nil
}

// notFetched tells what passes from what does not: an address that our own rules
// refuse, and one at which the platform says that there is nothing any more.
func (w *Worker) notFetched(t *task, a address, piece evidence.Piece, err error) ([]evidence.Draft, error) {
	if status := fetch.Status(err); status != nil && (status.Status == http.StatusNotFound || status.Status == http.StatusGone) {
		return w.gone(t, a, status.Status, status.Header, status.Body), nil
	}
	var typed *collect.Error
	if errors.As(err, &typed) && (typed.Kind == collect.KindRefused || typed.Kind == collect.KindMalformed) {
		return []evidence.Draft{problem(piece, err)}, nil
	}
	return nil, err
}

// gone is what a platform says of something that is not there any more.
func (w *Worker) gone(t *task, a address, status int, header http.Header, body []byte) []evidence.Draft {
	piece := w.pieceOf(t, a, evidence.Gone)
	piece.CapturedAt, piece.Clock = w.keeper.Now()
	piece.Public = evidence.PublicNo
	exchange := &collect.Exchange{
		Address: piece.Address, Status: status, Headers: collect.KeptHeaders(header), FetchedAt: piece.CapturedAt, Clock: piece.Clock, By: by(),
	}
	drafts := []evidence.Draft{{Piece: piece, Bytes: body}, w.exchange(t, a, exchange)}
	if len(body) == 0 {
		drafts[0].Bytes = drafts[1].Bytes // the answer has no body: that it answered so is in the exchange
		drafts[0].Type = typeJSON
	}
	return drafts
}

func (w *Worker) exchange(t *task, a address, e *collect.Exchange) evidence.Draft {
	piece := w.pieceOf(t, a, evidence.HTTP)
	piece.CapturedAt, piece.Clock, piece.Type = e.FetchedAt, e.Clock, typeJSON
	piece.Public = publicOf(e)
	e.Address = piece.Address
	data, err := json.Marshal(e)
	if err != nil {
		return problem(piece, err)
	}
	return evidence.Draft{Piece: piece, Bytes: data}
}
