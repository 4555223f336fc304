// Package threads collects the posts of public Threads profiles in the roster
// through the Threads API's profile discovery. It shows a profile's own posts,
// quotes and reposts; replies to others are not listed by it. Private profiles
// and those with few followers are not shown.
package threads

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/graph"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Platform is the roster's name of the platform.
const Platform = "threads"

// Source is a collect.Source of profiles; each profile is a target.
type Source struct {
	name     string
	client   *graph.Client
	accounts collect.Accounts
	// plain says that the API does not tell more of a quoted post than its id.
	plain atomic.Bool
}

// New builds a source; cfg has been validated. It fails where the token is not
// there.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) (*Source, error) {
	client, err := graph.New(name, cfg.Configuration, metrics)
	if err != nil {
		return nil, err
	}
	return &Source{name: name, client: client, accounts: accounts}, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the roster's profiles.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	return collect.AccountTargets(ctx, s.accounts, Platform)
}

// Collect brings what a profile has posted since the last visit.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return s.listing(target.Owner, sink).Run(ctx, cursor, sink)
}

// Backfill brings what a profile has posted in a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return s.listing(target.Owner, sink).Backfill(ctx, period, cursor, sink)
}

func (s *Source) listing(owner collect.Account, sink collect.Sink) sweep.Listing {
	return s.client.Account(owner, func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
		name, err := graph.Username(owner)
		if err != nil {
			return sweep.Page{}, err
		}
		edge, err := s.page(ctx, name, ask, sink)
		if err != nil {
			return sweep.Page{}, err
		}
		if err := edge.Check(); err != nil {
			return sweep.Page{}, err
		}
		page := sweep.Page{Next: edge.Paging.Token()}
		for _, raw := range edge.Data {
			page.Items = append(page.Items, itemOf(owner, raw))
		}
		edge.Exchange.Of(page.Items)
		return page, nil
	})
}

// page asks for one page; where the API does not know the fields of quoted
// posts, it is asked for their ids.
func (s *Source) page(ctx context.Context, name string, ask sweep.Ask, sink collect.Sink) (*graph.Edge, error) {
	plain := s.plain.Load()
	edge, err := s.ask(ctx, name, ask, plain, sink)
	var told *graph.Error
	if plain || ask.Token != "" || !errors.As(err, &told) || told.Code != 100 || told.Subcode != 0 {
		return edge, err
	}
	edge, err = s.ask(ctx, name, ask, true, sink)
	if err == nil {
		s.plain.Store(true)
	}
	return edge, err
}

func (s *Source) ask(ctx context.Context, name string, ask sweep.Ask, plain bool, sink collect.Sink) (*graph.Edge, error) {
	fields := s.client.Fields("id", "media_type", "media_url", "permalink", "username", "text", "timestamp", "is_quote_post",
		"alt_text", "link_attachment_url", "gif_url", "quoted_post{id,text,username}", "reposted_post{id,text,username}",
		"children{media_type,media_url,alt_text}")
	if plain {
		fields = s.client.Fields("id", "media_type", "media_url", "permalink", "username", "text", "timestamp", "is_quote_post",
			"alt_text", "link_attachment_url", "gif_url", "quoted_post", "reposted_post", "children")
	}
	query := url.Values{"username": {name}, "fields": {fields}, "limit": {strconv.Itoa(s.client.PageSize())}}
	if ask.Since.After(earliest) {
		query.Set("since", strconv.FormatInt(ask.Since.Unix(), 10))
	}
	if !ask.Until.IsZero() && ask.Until.Before(time.Now()) {
		query.Set("until", strconv.FormatInt(ask.Until.Unix(), 10))
	}
	if ask.Token != "" {
		graph.SetToken(query, ask.Token)
	}
	edge := &graph.Edge{}
	var err error
	edge.Exchange, err = s.client.Ask(ctx, sink, "/profile_posts", query, edge)
	return edge, err
}

// earliest is the least date that the API takes: when Threads began.
var earliest = time.Unix(1688540400, 0)

var (
	_ collect.Source     = (*Source)(nil)
	_ collect.Backfiller = (*Source)(nil)
)
