package bluesky

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/evidence/clock"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/version"
)

// event is the part of an event of Jetstream that is read.
type event struct {
	DID    string `json:"did"`
	TimeUS int64  `json:"time_us"`
	Kind   string `json:"kind"`
	Commit struct {
		Operation  string          `json:"operation"`
		Collection string          `json:"collection"`
		RKey       string          `json:"rkey"`
		Record     json.RawMessage `json:"record"`
	} `json:"commit"`

	raw    []byte
	at     time.Time // when it came, and how that was checked
	clock  string
	record record
	err    *collect.ItemError
}

// take gathers an event where it is a post or a repost of one of the accounts.
func (l *listener) take(data []byte) {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		// Whose it is cannot be told, so it is not kept.
		l.batch = append(l.batch, event{err: malformed(fmt.Errorf("event: %w", err))})
		return
	}
	if _, ok := l.wanted[e.DID]; !ok || e.Kind != "commit" || e.Commit.Operation != "create" && e.Commit.Operation != "update" {
		return
	}
	if e.Commit.Collection != collectionPost && e.Commit.Collection != collectionRepost {
		return
	}
	e.raw = data
	e.at, e.clock = clock.Now()
	if err := json.Unmarshal(e.Commit.Record, &e.record); err != nil {
		e.err = malformed(fmt.Errorf("record: %w", err))
	}
	l.batch = append(l.batch, e)
}

// flush hands on what was gathered, with the text of what it quotes.
func (l *listener) flush(ctx context.Context) error {
	if len(l.batch) == 0 {
		return nil
	}
	var quoted []syntax.ATURI
	for n := range l.batch {
		if uri := l.batch[n].quoted(); uri != "" {
			quoted = append(quoted, uri)
		}
	}
	views, err := l.posts(ctx, l.sink, quoted)
	if err != nil {
		return err
	}
	next := l.streamState
	page := collect.Page{Items: make([]collect.Item, 0, len(l.batch))}
	for n := range l.batch {
		e := &l.batch[n]
		// A time ahead of the clock would leave out what comes until then.
		next.TimeUS = max(next.TimeUS, min(e.TimeUS, time.Now().UnixMicro()))
		item := e.item(l.wanted[e.DID], views)
		item.Exchange = &collect.Exchange{Address: l.cfg.Stream.URL, FetchedAt: e.at, Clock: e.clock, By: "netra " + version.Version + " collect " + l.Name()}
		page.Items = append(page.Items, item)
	}
	if page.Cursor, err = json.Marshal(next); err != nil {
		return err
	}
	if err := l.sink.Emit(ctx, page); err != nil {
		return err
	}
	l.streamState, l.batch = next, nil
	return nil
}

// quoted returns the address of what the event's record quotes or shares.
func (e *event) quoted() syntax.ATURI {
	if e.err != nil {
		return ""
	}
	if e.Commit.Collection == collectionRepost {
		uri, _ := postAddress(e.record.Subject.URI)
		return uri
	}
	return e.record.quoted()
}

// item makes a post of the event.
func (e *event) item(owner collect.Account, views map[syntax.ATURI]postView) collect.Item {
	item := collect.Item{Position: "at://" + e.DID + "/" + e.Commit.Collection + "/" + e.Commit.RKey, Raw: e.raw}
	if item.Err = e.err; item.Err != nil {
		return item
	}
	uri, err := syntax.ParseATURI(item.Position)
	if err != nil || uri.RecordKey() == "" {
		item.Err = malformed(&post.FieldError{Key: "commit.rkey", Value: quote(e.Commit.RKey), Allowed: "the key of a record"})
		return item
	}
	r := reader{did: e.DID, owner: owner}
	p := r.post(profile{}, e.raw)
	seen := time.UnixMicro(e.TimeUS).UTC()
	if seen.Before(post.Earliest) {
		seen = time.Time{}
	}
	quoted := e.quoted()
	view := views[quoted]
	if e.Commit.Collection == collectionPost {
		item.Err = fillPost(&p, &e.record, uri, seen)
		p.Quoted = view.Record.text()
	} else {
		item.Err = fillShared(&p, e, uri, quoted, &view, seen)
	}
	if item.Err == nil {
		item.Post = p
	}
	return item
}

// fillShared fills in a repost.
func fillShared(p *post.Post, e *event, uri, shared syntax.ATURI, view *postView, seen time.Time) (err *collect.ItemError) {
	if shared == "" {
		return malformed(&post.FieldError{Key: "subject.uri", Value: quote(e.record.Subject.URI), Allowed: "the address of a post"})
	}
	p.ID, p.Kind, p.URL = idOf(uri), post.KindRepost, webAddress(shared)
	p.Quoted, p.Media = view.Record.text(), view.Record.media(string(shared.Authority()))
	p.CreatedAt, err = repostDate(uri.RecordKey(), e.record.CreatedAt, seen)
	return err
}
