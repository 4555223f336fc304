package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/sweep"
	"github.com/netra-id/netra/pipeline/post"
)

// thread is a comment under a video, with the first replies to it.
type thread struct {
	ID      string `json:"id"`
	Snippet struct {
		VideoID         string          `json:"videoId"`
		TopLevelComment json.RawMessage `json:"topLevelComment"`
		TotalReplyCount int             `json:"totalReplyCount"`
	} `json:"snippet"`
	Replies struct {
		Comments []json.RawMessage `json:"comments"`
	} `json:"replies"`
}

// comment is a comment or a reply to one.
type comment struct {
	ID      string `json:"id"`
	Snippet struct {
		VideoID     string `json:"videoId"`
		ParentID    string `json:"parentId"`
		TextDisplay string `json:"textDisplay"`
		Author      string `json:"authorDisplayName"`
		AuthorID    struct {
			Value string `json:"value"`
		} `json:"authorChannelId"`
		PublishedAt string `json:"publishedAt"`
	} `json:"snippet"`
}

// comments asks for one page of what is said under a channel's videos, and keeps
// what roster accounts say.
func (s *Source) comments(ctx context.Context, of *channel, ask sweep.Ask, sink collect.Sink) (sweep.Page, error) {
	keep, err := s.keeps(ctx)
	if err != nil {
		return sweep.Page{}, err
	}
	query := url.Values{
		"part": {"snippet,replies"}, "allThreadsRelatedToChannelId": {of.ID}, "order": {"time"},
		"maxResults": {"100"}, "textFormat": {"plainText"},
	}
	if ask.Token != "" {
		query.Set("pageToken", ask.Token)
	}
	answer, err := s.ask(ctx, sink, "commentThreads", query, "")
	if hasReason(err, "commentsDisabled") {
		return sweep.Page{}, nil
	}
	if err != nil {
		return sweep.Page{}, err
	}
	page := sweep.Page{Next: answer.Next}
	for _, raw := range answer.Items {
		items, at, err := s.thread(ctx, raw, keep, sink)
		if err != nil {
			return sweep.Page{}, err
		}
		if !at.IsZero() {
			page.Last = at
			if at.After(page.Newest) && !at.After(time.Now()) {
				page.Newest = at
			}
		}
		page.Items = append(page.Items, answer.exchange.Of(items)...)
	}
	return page, nil
}

// thread returns what roster accounts say in a thread, and its date.
func (s *Source) thread(ctx context.Context, raw json.RawMessage, keep map[string]collect.Account, sink collect.Sink) ([]collect.Item, time.Time, error) {
	var t thread
	if err := json.Unmarshal(raw, &t); err != nil || len(t.Snippet.TopLevelComment) == 0 {
		return []collect.Item{{Position: "youtube comment thread", Err: piece.Malformed("snippet.topLevelComment", "a thread with a comment", err)}}, time.Time{}, nil
	}
	replies := t.Replies.Comments
	var asked *collect.Exchange // of the replies, where they were asked for by themselves
	if t.Snippet.TotalReplyCount > len(replies) {
		all, exchange, err := s.replies(ctx, t.ID, sink)
		if err != nil {
			return nil, time.Time{}, err
		}
		if len(all) > len(replies) {
			replies, asked = all, exchange
		}
	}
	var items []collect.Item
	add := func(raw json.RawMessage, exchange *collect.Exchange) (at time.Time) {
		item, at, ok := itemOfComment(raw, t.Snippet.VideoID, keep)
		if item.Exchange = exchange; ok {
			items = append(items, item)
		}
		return at
	}
	at := add(t.Snippet.TopLevelComment, nil)
	for _, reply := range replies {
		add(reply, asked)
	}
	return items, at, nil
}

// mostReplyPages bounds the replies to one comment that are read, at 100 each.
const mostReplyPages = 10

// replies asks for all replies to a comment, and tells how the first of them were
// fetched. One that was deleted in the meantime has none.
func (s *Source) replies(ctx context.Context, parent string, sink collect.Sink) ([]json.RawMessage, *collect.Exchange, error) {
	var all []json.RawMessage
	var exchange *collect.Exchange
	query := url.Values{"part": {"snippet"}, "parentId": {parent}, "maxResults": {"100"}, "textFormat": {"plainText"}}
	for range mostReplyPages {
		answer, err := s.ask(ctx, sink, "comments", query, "")
		if hasReason(err, "commentNotFound") || hasReason(err, "parentCommentNotFound") {
			return all, exchange, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if exchange == nil {
			exchange = answer.exchange
		}
		all = append(all, answer.Items...)
		if answer.Next == "" || answer.Next == query.Get("pageToken") {
			break
		}
		query.Set("pageToken", answer.Next)
	}
	return all, exchange, nil
}

// itemOfComment makes a post of a comment by a roster account; ok is false for
// the comments of others.
func itemOfComment(raw json.RawMessage, videoID string, keep map[string]collect.Account) (item collect.Item, at time.Time, ok bool) {
	var c comment
	if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" {
		return collect.Item{Position: "youtube comment", Err: piece.Malformed("id", "a comment with an id", err)}, at, true
	}
	created, problem := piece.Created("snippet.publishedAt", c.Snippet.PublishedAt)
	owner, ours := keep[c.Snippet.AuthorID.Value]
	if !ours {
		return item, created, false
	}
	videoID = cmp.Or(videoID, c.Snippet.VideoID)
	address := "https://www.youtube.com/watch?" + url.Values{"v": {videoID}, "lc": {c.ID}}.Encode()
	item = collect.Item{Position: address, Raw: raw}
	if problem != nil {
		item.Err = problem
		return item, at, true
	}
	item.Post = post.Post{
		ID: Platform + ":" + c.ID, Platform: Platform, Kind: post.KindComment, URL: address, InReplyTo: Platform + ":" + videoID,
		Account: post.Account{ID: owner.ID, Handle: owner.Handle, Name: cmp.Or(c.Snippet.Author, owner.Name)},
		Text:    c.Snippet.TextDisplay, CreatedAt: created, RawSHA256: piece.Hash(raw),
	}
	if c.Snippet.ParentID != "" {
		item.Post.Kind, item.Post.InReplyTo = post.KindReply, Platform+":"+c.Snippet.ParentID
	}
	return item, created, true
}

// keeps returns the accounts whose comments are kept, as the roster had them a
// minute ago at most.
func (s *Source) keeps(ctx context.Context) (map[string]collect.Account, error) {
	s.mu.Lock()
	roster, at := s.roster, s.rosterAt
	s.mu.Unlock()
	if time.Since(at) < time.Minute {
		return roster, nil
	}
	all, err := s.accounts.Accounts(ctx, Platform)
	if err != nil {
		return nil, err
	}
	roster = make(map[string]collect.Account, len(all))
	for _, a := range all {
		roster[a.ID] = a
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roster, s.rosterAt = roster, time.Now()
	return roster, nil
}
