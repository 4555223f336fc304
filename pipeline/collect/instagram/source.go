// Package instagram collects the posts of professional (business and creator)
// Instagram accounts in the roster through Meta's business discovery. Personal
// accounts have no such way: they come by capture and import. Stories and
// comments are not shown by it.
package instagram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/graph"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Platform is the roster's name of the platform.
const Platform = "instagram"

// mostListed is how many posts of an account Meta lists at most.
const mostListed = 10_000

// Source is a collect.Source of accounts; each account is a target.
type Source struct {
	name     string
	userID   string
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
	return &Source{name: name, userID: cfg.UserID, client: client, accounts: accounts}, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the roster's accounts.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	return collect.AccountTargets(ctx, s.accounts, Platform)
}

// Collect brings what an account has posted since the last visit.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	var handle string
	result, err := s.listing(target.Owner, sink, &handle).Run(ctx, cursor, sink)
	result.Handle = handle
	return result, err
}

// Backfill brings what an account has posted in a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	var handle string
	return s.listing(target.Owner, sink, &handle).Backfill(ctx, period, cursor, sink)
}

// profile is what business discovery tells of an account.
type profile struct {
	ID       string     `json:"id"`
	Username string     `json:"username"`
	Name     string     `json:"name"`
	Media    graph.Edge `json:"media"`
}

func (s *Source) listing(owner collect.Account, sink collect.Sink, handle *string) sweep.Listing {
	listing := s.client.Account(owner, func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
		found, err := s.discover(ctx, owner, ask.Token, sink)
		if err != nil {
			return sweep.Page{}, err
		}
		if *handle = found.Username; *handle != "" {
			*handle = "@" + *handle
		}
		var page sweep.Page
		for _, raw := range found.Media.Data {
			page.Items = append(page.Items, itemOf(owner, found, raw))
		}
		found.Media.Exchange.Of(page.Items)
		if len(page.Items) > 0 { // there is no address of the next page here, only cursors
			page.Next = found.Media.Paging.Cursors.After
		}
		return page, nil
	})
	listing.MostItems = mostListed
	return listing
}

// cursorForm is that of Meta's cursors, which are asked for inside an
// expression.
var cursorForm = regexp.MustCompile(`^[A-Za-z0-9_=-]+$`)

func (s *Source) discover(ctx context.Context, owner collect.Account, after string, sink collect.Sink) (*profile, error) {
	name, err := graph.Username(owner)
	if err != nil {
		return nil, err
	}
	from := ""
	if after != "" {
		if !cursorForm.MatchString(after) {
			return nil, &collect.Error{Kind: collect.KindMalformed, Err: fmt.Errorf("cursor of %s: %w", name, sweep.ErrToken)}
		}
		from = ".after(" + after + ")"
	}
	media := s.client.Fields("id", "caption", "media_type", "media_product_type", "media_url", "permalink", "timestamp", "children{media_type,media_url}")
	fields := fmt.Sprintf("business_discovery.username(%s){id,username,name,media.limit(%d)%s{%s}}", name, s.client.PageSize(), from, media)
	var answer struct {
		Found json.RawMessage `json:"business_discovery"`
	}
	exchange, err := s.client.Ask(ctx, sink, graph.Segment(s.userID), url.Values{"fields": {fields}}, &answer)
	if err != nil {
		return nil, err
	}
	var found profile
	if len(answer.Found) == 0 {
		return nil, collect.Errorf(collect.KindMalformed, "the answer has no business_discovery")
	}
	if err := json.Unmarshal(answer.Found, &found); err != nil {
		return nil, collect.Errorf(collect.KindMalformed, "business_discovery of %s: %w", name, err)
	}
	if strings.HasPrefix(owner.ID, userIDPrefix) && found.ID != "" && found.ID != owner.ID {
		return nil, collect.Errorf(collect.KindRenamed, "the handle %s is that of account %s now, not of %s", name, found.ID, owner.ID)
	}
	found.Media.Exchange = exchange
	return &found, nil
}

// userIDPrefix is how the ids begin that business discovery gives; a roster may
// have others.
const userIDPrefix = "17841"

var (
	_ collect.Source     = (*Source)(nil)
	_ collect.Backfiller = (*Source)(nil)
)
