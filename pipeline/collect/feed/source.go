// Package feed collects posts from RSS, Atom and JSON feeds, each of which is
// tied to one account of the roster. It asks servers conditionally, hands on
// only items that are new or changed, and reads markup down to its words, with
// block quotes kept apart. It does not follow the items' links.
package feed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/mmcdole/gofeed"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/post"
)

// Source is a collect.Source of feeds; each feed is a target.
type Source struct {
	name   string
	feeds  map[string]Feed
	order  []string
	client *fetch.Client
}

// New builds a source; cfg has been validated.
func New(name string, cfg Configuration, metrics *fetch.Metrics) *Source {
	s := &Source{name: name, feeds: map[string]Feed{}}
	asking := cfg.Fetch
	asking.Hosts = slices.Clone(asking.Hosts)
	for _, f := range cfg.Feeds {
		s.feeds[f.URL] = f
		s.order = append(s.order, f.URL)
		if u, err := url.Parse(f.URL); err == nil {
			asking.Hosts = append(asking.Hosts, u.Hostname())
		}
	}
	s.client = fetch.New(name, asking, metrics)
	return s
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the feeds.
func (s *Source) Targets(context.Context) ([]collect.Target, error) {
	targets := make([]collect.Target, 0, len(s.order))
	for _, address := range s.order {
		f := s.feeds[address]
		targets = append(targets, collect.Target{ID: address, Account: post.AccountKey(f.Platform, f.AccountID)})
	}
	return targets, nil
}

// state is what is remembered of a feed; as JSON it is its cursor.
type state struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Items are the prints of the items in the last answer.
	Items []string `json:"items,omitempty"`
}

// Collect asks for one feed and emits the items that were not in it, or not
// with the same content, the last time.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	f, ok := s.feeds[target.ID]
	if !ok {
		return collect.Result{}, collect.Errorf(collect.KindRefused, "feed %s is not configured", target.ID)
	}
	var before state
	if cursor != nil {
		if err := json.Unmarshal(cursor, &before); err != nil {
			return collect.Result{}, fmt.Errorf("cursor of feed %s: %w", f.URL, err)
		}
	}
	if err := sink.Wait(ctx); err != nil {
		return collect.Result{}, err
	}
	answer, err := s.client.Get(ctx, f.URL, before.conditions())
	if err != nil || answer.Status == http.StatusNotModified {
		return collect.Result{}, err
	}
	items, after, err := newItems(f, answer, &before)
	if err != nil {
		return collect.Result{}, err
	}
	return collect.Result{}, emit(ctx, sink, items, after)
}

func (s *state) conditions() http.Header {
	header := http.Header{"Accept": {"application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"}}
	if s.ETag != "" {
		header.Set("If-None-Match", s.ETag)
	}
	if s.Modified != "" {
		header.Set("If-Modified-Since", s.Modified)
	}
	return header
}

// newItems parses an answer and leaves out the items that were in the last one.
func newItems(f Feed, answer *fetch.Answer, before *state) ([]collect.Item, *state, error) {
	parsed, err := gofeed.NewParser().Parse(bytes.NewReader(answer.Body))
	if err != nil {
		return nil, nil, collect.Errorf(collect.KindMalformed, "%s: not a feed: %w", f.URL, err)
	}
	if parsed.FeedType == "json" && parsed.FeedVersion == "" && parsed.Title == "" && len(parsed.Items) == 0 {
		return nil, nil, collect.Errorf(collect.KindMalformed, "%s: not a feed: JSON without version, title and items", f.URL)
	}
	known := map[string]bool{}
	for _, print := range before.Items {
		known[print] = true
	}
	after := &state{ETag: answer.Header.Get("ETag"), Modified: answer.Header.Get("Last-Modified")}
	var items []collect.Item
	pieces := cut(answer.Body, len(parsed.Items))
	for n, entry := range parsed.Items {
		whole, err := json.Marshal(entry)
		if err != nil {
			return nil, nil, collect.Errorf(collect.KindMalformed, "%s: %w", f.URL, err)
		}
		print := printOf(whole)
		raw := answer.Body // where its items cannot be told apart
		if pieces != nil {
			raw = pieces[n]
		}
		after.Items = append(after.Items, print)
		if !known[print] {
			known[print] = true
			items = append(items, itemOf(f, entry, raw))
		}
	}
	answer.Exchange.Of(items)
	slices.SortStableFunc(items, func(a, b collect.Item) int { return a.Post.CreatedAt.Compare(b.Post.CreatedAt) })
	return items, after, nil
}

func printOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

const pageItems = 200

// emit hands the items on in pages, the cursor with the last: an answer is
// either taken as a whole or asked for again.
func emit(ctx context.Context, sink collect.Sink, items []collect.Item, after *state) error {
	cursor, err := json.Marshal(after)
	if err != nil {
		return err
	}
	for len(items) > pageItems {
		if err := sink.Emit(ctx, collect.Page{Items: items[:pageItems]}); err != nil {
			return err
		}
		items = items[pageItems:]
	}
	return sink.Emit(ctx, collect.Page{Items: items, Cursor: cursor})
}
