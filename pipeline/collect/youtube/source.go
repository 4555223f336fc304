// Package youtube collects from the YouTube Data API v3 what roster accounts
// publish: the videos of their channels, with title and description, and the
// comments that roster accounts write under these videos. Comments of others
// are read past and not kept. Comments that an account writes under videos of
// channels that are not in the roster cannot be found with this API.
package youtube

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Platform is the roster's name of the platform.
const Platform = "youtube"

// mostListed is how many videos of a channel YouTube lists at most.
const mostListed = 20_000

// Source is a collect.Source of channels. Each has two targets: its videos, and
// the comments under them.
type Source struct {
	name      string
	cfg       Configuration
	client    *fetch.Client
	key       *secret.Secret
	accounts  collect.Accounts
	directory directory

	mu       sync.Mutex
	roster   map[string]collect.Account // by channel id
	rosterAt time.Time
}

// New builds a source; cfg has been validated. It fails where the key is not
// there.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) (*Source, error) {
	key, err := cfg.Open()
	if err != nil {
		return nil, err
	}
	return &Source{name: name, cfg: cfg, client: fetch.New(name, cfg.Fetch, metrics), key: key, accounts: accounts}, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// commentsOf is behind a channel's id in the id of the target of its comments.
const commentsOf = " comments"

// Targets lists the roster's channels, and the comments of each. A channel's
// coverage is that of its videos: comments may be switched off.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	targets, err := collect.AccountTargets(ctx, s.accounts, Platform)
	s.directory.know(targets)
	if s.cfg.WithoutComments {
		return targets, err
	}
	for _, t := range targets {
		targets = append(targets, collect.Target{ID: t.ID + commentsOf, Owner: t.Owner})
	}
	return targets, err
}

// Collect brings the videos of a channel, or the comments under them, since the
// last visit.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	found, err := s.channel(ctx, target.Owner, sink)
	if err != nil {
		return collect.Result{}, err
	}
	result, err := s.listing(target, found, sink).Run(ctx, cursor, sink)
	result.Handle = found.Handle()
	return result, err
}

// Backfill brings the videos, or comments, of a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	found, err := s.channel(ctx, target.Owner, sink)
	if err != nil {
		return collect.Result{}, err
	}
	return s.listing(target, found, sink).Backfill(ctx, period, cursor, sink)
}

func (s *Source) listing(target collect.Target, of *channel, sink collect.Sink) sweep.Listing {
	since := time.Now().Add(-s.cfg.History)
	if target.Owner.From.After(since) {
		since = target.Owner.From
	}
	listing := sweep.Listing{Overlap: s.cfg.Recheck, Since: since, MostPages: s.cfg.MaxPages}
	if strings.HasSuffix(target.ID, commentsOf) {
		listing.Page = func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) { return s.comments(ctx, of, ask, sink) }
		return listing
	}
	listing.MostItems = mostListed
	listing.Page = func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
		return s.videos(ctx, target.Owner, of, ask, sink)
	}
	return listing
}

// list is the answer of every method that is asked.
type list struct {
	Kind     string     `json:"kind"`
	ETag     string     `json:"etag"`
	Next     string     `json:"nextPageToken"`
	PageInfo *struct{}  `json:"pageInfo"`
	Items    piece.List `json:"items"`
	// modified is false where the answer was 304.
	modified bool
	// exchange tells how it was fetched.
	exchange *collect.Exchange
}

// ask calls a method of the API; each costs one unit of the daily quota.
func (s *Source) ask(ctx context.Context, sink collect.Sink, method string, query url.Values, etag string) (*list, error) {
	header := http.Header{"Accept": {"application/json"}}
	if etag != "" {
		header.Set("If-None-Match", etag)
	}
	answer, err := s.client.Ask(ctx, sink, fetch.Request{
		URL: "/youtube/v3/" + method, Query: query, Header: header, Authorize: fetch.Key("X-Goog-Api-Key", s.key.Value), Units: 1,
	})
	if err != nil {
		return nil, s.typed(err, time.Now())
	}
	if answer.Status == http.StatusNotModified {
		return &list{}, nil
	}
	l := &list{modified: true, exchange: answer.Exchange}
	if err := answer.JSON(l); err != nil {
		return nil, err
	}
	if l.Kind == "" && l.Items == nil && l.PageInfo == nil { // without results there are no items
		return nil, collect.Errorf(collect.KindMalformed, "the answer is no list of YouTube's: neither kind, pageInfo nor items")
	}
	if header := answer.Header.Get("ETag"); header != "" {
		l.ETag = header
	}
	return l, nil
}

var (
	_ collect.Source     = (*Source)(nil)
	_ collect.Backfiller = (*Source)(nil)
)
