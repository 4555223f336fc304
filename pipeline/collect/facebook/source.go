// Package facebook collects the posts of Facebook Pages in the roster through
// Meta's Graph API, as an app with the feature Page Public Content Access may.
// Personal profiles have no such way: they come by capture and import. It reads
// what a Page posts; comments and what visitors write are not asked for.
package facebook

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/graph"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Platform is the roster's name of the platform.
const Platform = "facebook"

// fields are what is asked of each post.
const fields = "id,created_time,message,story,status_type,permalink_url,parent_id,from{id,name}," +
	"attachments{type,media_type,title,description,url,target{id,url},media{image{src},source},subattachments{type,media_type,description,url,media{image{src},source}}}"

// Source is a collect.Source of Pages; each Page is a target.
type Source struct {
	name     string
	client   *graph.Client
	accounts collect.Accounts
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

// Targets lists the roster's Pages.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	return collect.AccountTargets(ctx, s.accounts, Platform)
}

// Collect brings what a Page has posted since the last visit.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return s.listing(target.Owner, sink).Run(ctx, cursor, sink)
}

// Backfill brings what a Page has posted in a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	return s.listing(target.Owner, sink).Backfill(ctx, period, cursor, sink)
}

func (s *Source) listing(owner collect.Account, sink collect.Sink) sweep.Listing {
	return s.client.Account(owner, func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
		var edge graph.Edge
		exchange, err := s.client.Ask(ctx, sink, graph.Segment(owner.ID)+"/posts", s.query(ask), &edge)
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
		exchange.Of(page.Items)
		return page, nil
	})
}

func (s *Source) query(ask sweep.Ask) url.Values {
	query := url.Values{"fields": {s.client.Fields(fields)}, "limit": {strconv.Itoa(s.client.PageSize())}}
	setTime(query, "since", ask.Since)
	setTime(query, "until", ask.Until)
	if ask.Token != "" {
		graph.SetToken(query, ask.Token)
	}
	return query
}

func setTime(query url.Values, key string, at time.Time) {
	if !at.IsZero() {
		query.Set(key, strconv.FormatInt(at.Unix(), 10))
	}
}

var (
	_ collect.Source     = (*Source)(nil)
	_ collect.Backfiller = (*Source)(nil)
)
