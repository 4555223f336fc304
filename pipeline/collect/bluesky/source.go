// Package bluesky collects the posts, replies, quotes and reposts of the
// roster's accounts on Bluesky: from their feeds at the public AppView, and, as
// soon as they are made, from Jetstream. Accounts are known by their DID, so a
// change of the handle is seen and does no harm. It logs in nowhere and does not
// learn of likes and of deleted posts. The package sources builds it.
package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

const platform = "bluesky"

// pageSize is the most entries that one page of a feed holds.
const pageSize = "100"

// Source is a collect.Source of the roster's accounts on Bluesky.
type Source struct {
	name     string
	cfg      Configuration
	accounts collect.Accounts
	client   *fetch.Client
}

// New builds a source; cfg has been validated.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) *Source {
	asking := cfg.Fetch
	asking.Hosts = slices.Clone(asking.Hosts)
	if u, err := url.Parse(cfg.Stream.URL); err == nil && cfg.Stream.Enabled {
		asking.Hosts = append(asking.Hosts, u.Hostname())
	}
	return &Source{name: name, cfg: cfg, accounts: accounts, client: fetch.New(name, asking, metrics)}
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the accounts, and the connections to Jetstream.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	targets, err := collect.AccountTargets(ctx, s.accounts, platform)
	if err == nil && s.cfg.Stream.Enabled {
		for shard := range s.cfg.Stream.Connections {
			targets = append(targets, s.streamTarget(shard))
		}
	}
	return targets, err
}

// Collect emits what is new in an account's feed, or what Jetstream tells.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	if shard, ok := s.shardOf(target); ok {
		return s.listen(ctx, shard, cursor, sink)
	}
	v, err := s.visit(ctx, target, cursor, sink)
	if err != nil {
		return collect.Result{}, err
	}
	result, err := v.listing().Run(ctx, collect.Cursor(v.Walk), v)
	result.Handle = v.shown()
	return result, err
}

// Backfill emits an account's posts of a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	if _, ok := s.shardOf(target); ok {
		return collect.Result{}, nil // the accounts' feeds have it
	}
	v, err := s.visit(ctx, target, cursor, sink)
	if err != nil {
		return collect.Result{}, err
	}
	listing := v.listing()
	listing.MostPages = 0 // a backfill that returns is complete
	return listing.Backfill(ctx, period, collect.Cursor(v.Walk), v)
}

// shown is the account's handle as the platform shows it, in the roster's words
// where it is the same.
func (v *visit) shown() string {
	if name, ok := handleOf(collect.Account{Handle: v.owner.Handle}); ok && strings.EqualFold("@"+name, v.handle) {
		return v.owner.Handle
	}
	return v.handle
}

// state is what is remembered of an account; as JSON it is its cursor.
type state struct {
	// DID is the account's, where the roster has only a handle.
	DID string `json:"did,omitempty"`
	// Walk is the cursor of the walk through the feed.
	Walk json.RawMessage `json:"walk,omitempty"`
}

// visit is one visit of an account. It is the sink of the walk, and puts its own
// state around the walk's.
type visit struct {
	*Source
	state
	collect.Sink
	reader
}

func (s *Source) visit(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (*visit, error) {
	v := &visit{Source: s, Sink: sink, reader: reader{owner: target.Owner}}
	if v.owner.ID == "" {
		v.owner.ID = target.ID
	}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &v.state); err != nil {
			return nil, fmt.Errorf("cursor of account %s: %w", target.ID, err)
		}
	}
	var err error
	if v.did, err = v.identify(ctx); err != nil {
		return nil, err
	}
	return v, nil
}

// identify finds the account's DID: in the roster, from earlier visits, or by
// its handle.
func (v *visit) identify(ctx context.Context) (string, error) {
	if did, err := syntax.ParseDID(v.owner.ID); err == nil {
		return string(did), nil
	}
	if v.DID != "" {
		return v.DID, nil
	}
	handle, ok := handleOf(v.owner)
	if !ok {
		return "", collect.Errorf(collect.KindRefused, "account %q with handle %q: allowed: a DID such as did:plc:…, or a handle such as budi.bsky.social", v.owner.ID, v.owner.Handle)
	}
	var answer struct {
		DID string `json:"did"`
	}
	request := fetch.Request{URL: "/xrpc/com.atproto.identity.resolveHandle", Query: url.Values{"handle": {handle}}}
	if _, err := v.client.AskJSON(ctx, v.Sink, request, &answer); err != nil {
		return "", accountError(handle, err)
	}
	did, err := syntax.ParseDID(answer.DID)
	if err != nil {
		return "", collect.Errorf(collect.KindMalformed, "handle %s: DID %s: %w", handle, quote(answer.DID), err)
	}
	v.DID = string(did)
	return v.DID, nil
}

// handleOf finds an account's handle in its id, its handle or its address.
func handleOf(owner collect.Account) (string, bool) {
	for _, name := range []string{owner.ID, owner.Handle} {
		name = strings.TrimPrefix(strings.TrimSpace(name), "https://bsky.app/profile/")
		handle, err := syntax.ParseHandle(strings.TrimSuffix(strings.TrimPrefix(name, "@"), "/"))
		if err == nil {
			return string(handle.Normalize()), true
		}
	}
	return "", false
}

func (v *visit) listing() sweep.Listing {
	since := time.Now().Add(-v.cfg.History)
	if v.owner.From.After(since) {
		since = v.owner.From
	}
	return sweep.Listing{Page: v.page, Overlap: v.cfg.Recheck, Since: since, MostPages: v.cfg.MaxPages}
}

// page asks for a page of the account's feed.
func (v *visit) page(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
	query := url.Values{"actor": {v.did}, "limit": {pageSize}, "filter": {"posts_with_replies"}}
	if ask.Token != "" {
		query.Set("cursor", ask.Token)
	}
	var answer struct {
		Cursor string     `json:"cursor"`
		Feed   piece.List `json:"feed"`
	}
	from, err := v.client.AskJSON(ctx, v.Sink, fetch.Request{URL: "/xrpc/app.bsky.feed.getAuthorFeed", Query: query}, &answer)
	if err != nil {
		err = accountError(v.did, err)
		if said := saidOf(err); ask.Token != "" && strings.Contains(strings.ToLower(said.Message), "cursor") {
			return sweep.Page{}, errors.Join(sweep.ErrToken, err)
		}
		return sweep.Page{}, err
	}
	if answer.Feed == nil {
		return sweep.Page{}, collect.Errorf(collect.KindMalformed, "account %s: the answer has no feed", v.did)
	}
	page := sweep.Page{Next: answer.Cursor}
	for _, raw := range answer.Feed {
		page.Items = append(page.Items, v.view(raw))
	}
	from.Exchange.Of(page.Items)
	return page, nil
}

// Emit hands a page of the walk on with the account's state around the walk's.
func (v *visit) Emit(ctx context.Context, page collect.Page) error {
	v.Walk = json.RawMessage(page.Cursor)
	cursor, err := json.Marshal(&v.state)
	if err != nil {
		return err
	}
	page.Cursor = cursor
	return v.Sink.Emit(ctx, page)
}

// said is the body of an error of XRPC.
type said struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

func saidOf(err error) said {
	var body said
	if status := fetch.Status(err); status != nil && !status.JSON(&body) {
		return said{}
	}
	return body
}

// accountError says what a refusal to show an account means.
func accountError(account string, err error) error {
	body := saidOf(err)
	message := strings.ToLower(body.Message)
	as := func(kind collect.Kind, what string) error {
		return collect.Errorf(kind, "account %s %s (%s): %w", account, what, body.Error, err)
	}
	switch {
	case body.Error == "AccountTakedown" || body.Error == "RepoTakendown" || body.Error == "RepoSuspended":
		return as(collect.KindSuspended, "was taken down")
	case body.Error == "AccountDeactivated" || body.Error == "RepoDeactivated":
		return as(collect.KindPrivate, "was deactivated by its owner")
	case body.Error == "BlockedActor" || body.Error == "BlockedByActor":
		return as(collect.KindPrivate, "is not shown")
	case body.Error == "InvalidRequest" && (strings.Contains(message, "not found") || strings.Contains(message, "unable to resolve")):
		return as(collect.KindGone, "is not there")
	}
	return err
}
