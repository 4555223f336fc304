package bluesky

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// feedView is the part of app.bsky.feed.defs#feedViewPost that is read.
type feedView struct {
	Post   postView `json:"post"`
	Reason *struct {
		Type      string  `json:"$type"`
		By        profile `json:"by"`
		URI       string  `json:"uri"`
		IndexedAt string  `json:"indexedAt"`
	} `json:"reason"`
}

// postView is the part of app.bsky.feed.defs#postView that is read.
type postView struct {
	URI       string          `json:"uri"`
	Author    profile         `json:"author"`
	Record    record          `json:"record"`
	Embed     json.RawMessage `json:"embed"`
	IndexedAt string          `json:"indexedAt"`
}

type profile struct {
	DID         string `json:"did"`
	Handle      string `json:"handle"`
	DisplayName string `json:"displayName"`
}

// reader makes posts of what an account did.
type reader struct {
	did   string
	owner collect.Account
	// handle is the account's as it was last seen.
	handle string
}

// view makes a post of an entry of the account's feed.
func (r *reader) view(raw json.RawMessage) collect.Item {
	item := collect.Item{Position: "feed of " + r.did, Raw: raw}
	fail := func(err *collect.ItemError) collect.Item {
		item.Post, item.Err = post.Post{}, err
		return item
	}
	var v feedView
	if err := json.Unmarshal(raw, &v); err != nil {
		return fail(malformed(fmt.Errorf("feed entry: %w", err)))
	}
	by, shared := v.Post.Author, v.Reason != nil && strings.HasSuffix(v.Reason.Type, "#reasonRepost")
	if shared {
		by = v.Reason.By
	}
	if by.DID != r.did {
		item.Raw = nil // what a stranger wrote is not kept
		return fail(malformed(&post.FieldError{Key: "author.did", Value: strconv.Quote(by.DID), Allowed: "the account that was asked for, " + r.did}))
	}
	uri, ok := postAddress(v.Post.URI)
	if !ok {
		return fail(malformed(&post.FieldError{Key: "uri", Value: quote(v.Post.URI), Allowed: "the address of a post"}))
	}
	item.Position = string(uri)
	item.Post = r.post(by, raw)
	var err *collect.ItemError
	if shared {
		err = r.fillRepost(&item.Post, &v, uri)
	} else {
		err = fillPost(&item.Post, &v.Post.Record, uri, timeOf(v.Post.IndexedAt))
		item.Post.Quoted = quotedText(v.Post.Embed)
	}
	if err != nil {
		return fail(err)
	}
	return item
}

// post begins a post of the account.
func (r *reader) post(by profile, raw []byte) post.Post {
	sum := sha256.Sum256(raw)
	p := post.Post{
		Platform: platform, RawSHA256: hex.EncodeToString(sum[:]),
		Account: post.Account{ID: r.owner.ID, Handle: r.owner.Handle, Name: r.owner.Name},
	}
	if by.Handle != "" && by.Handle != "handle.invalid" {
		r.handle = "@" + by.Handle
		p.Account.Handle = r.handle
	}
	if by.DisplayName != "" {
		p.Account.Name = by.DisplayName
	}
	return p
}

// fillRepost fills in a repost. An AppView that does not tell its address is
// given one that is made of what is shared.
func (r *reader) fillRepost(p *post.Post, v *feedView, shared syntax.ATURI) *collect.ItemError {
	p.Kind, p.URL = post.KindRepost, webAddress(shared)
	p.Quoted, p.Media = v.Post.Record.text(), v.Post.Record.media(string(shared.Authority()))
	p.ID = platform + ":" + r.did + "/" + collectionRepost + "/" + strings.TrimPrefix(string(shared), "at://")
	var key syntax.RecordKey
	if uri, err := syntax.ParseATURI(v.Reason.URI); err == nil && uri.Collection() == collectionRepost && string(uri.Authority()) == r.did {
		p.ID, key = idOf(uri), uri.RecordKey()
	}
	var err *collect.ItemError
	p.CreatedAt, err = repostDate(key, v.Reason.IndexedAt, timeOf(v.Reason.IndexedAt))
	return err
}

// fillPost fills in what a post's record says.
func fillPost(p *post.Post, rec *record, uri syntax.ATURI, seen time.Time) (err *collect.ItemError) {
	p.ID, p.URL, p.Kind = idOf(uri), webAddress(uri), post.KindPost
	p.Text, p.Media = rec.text(), rec.media(string(uri.Authority()))
	if rec.Reply != nil {
		p.Kind = post.KindReply
		if parent, ok := postAddress(rec.Reply.Parent.URI); ok {
			p.InReplyTo = idOf(parent)
		}
	}
	if rec.quoted() != "" {
		p.Kind = post.KindQuote
	}
	p.CreatedAt, err = dateOf(rec.CreatedAt, seen)
	return err
}

// quotedText is the text of the quoted post in a post's view. It is empty where
// that was deleted, hidden or taken apart from the quoting post.
func quotedText(raw json.RawMessage) string {
	type quoted struct {
		URI   string `json:"uri"`
		Value record `json:"value"`
	}
	var view struct {
		Record struct {
			quoted
			Record *quoted `json:"record"`
		} `json:"record"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &view) != nil {
		return ""
	}
	shown := &view.Record.quoted
	if view.Record.Record != nil {
		shown = view.Record.Record
	}
	if _, ok := postAddress(shown.URI); !ok {
		return ""
	}
	return shown.Value.text()
}

func timeOf(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Before(post.Earliest) {
		return time.Time{}
	}
	return at
}

func malformed(err error) *collect.ItemError {
	return &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
}

func quote(s string) string {
	const most = 120
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
