package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/sweep"
	"github.com/netra-id/netra/pipeline/post"
)

// listed is an entry of the playlist of a channel's uploads.
type listed struct {
	ContentDetails struct {
		VideoID     string `json:"videoId"`
		PublishedAt string `json:"videoPublishedAt"`
	} `json:"contentDetails"`
}

// video is a video as YouTube tells it.
type video struct {
	ID      string `json:"id"`
	Snippet struct {
		PublishedAt  string `json:"publishedAt"`
		ChannelID    string `json:"channelId"`
		ChannelTitle string `json:"channelTitle"`
		Title        string `json:"title"`
		Description  string `json:"description"`
		Thumbnails   struct {
			High struct {
				URL string `json:"url"`
			} `json:"high"`
			Default struct {
				URL string `json:"url"`
			} `json:"default"`
		} `json:"thumbnails"`
	} `json:"snippet"`
	Status struct {
		Privacy string `json:"privacyStatus"`
	} `json:"status"`
}

// videos asks for one page of a channel's uploads: two units, or one where
// nothing is new.
func (s *Source) videos(ctx context.Context, owner collect.Account, of *channel, ask sweep.Ask, sink collect.Sink) (sweep.Page, error) {
	playlist := of.ContentDetails.RelatedPlaylists.Uploads
	if playlist == "" {
		return sweep.Page{}, nil
	}
	query := url.Values{"part": {"contentDetails"}, "playlistId": {playlist}, "maxResults": {"50"}}
	if ask.Token != "" {
		query.Set("pageToken", ask.Token)
	}
	entries, err := s.ask(ctx, sink, "playlistItems", query, ask.ETag)
	if hasReason(err, "playlistNotFound") {
		// So YouTube answers of channels without a public video, too; whether
		// the channel is still there the next visit finds out.
		s.directory.forget(owner.ID)
		return sweep.Page{}, nil
	}
	if err != nil {
		return sweep.Page{}, err
	}
	if !entries.modified {
		return sweep.Page{NotModified: true}, nil
	}
	page := sweep.Page{Next: entries.Next, ETag: entries.ETag}
	ids := idsSince(entries.Items, ask.Since, &page)
	if page.Items, err = s.details(ctx, owner, of, ids, sink); err != nil {
		return sweep.Page{}, err
	}
	return page, nil
}

// idsSince returns the videos that are not older than the date, and notes the
// dates of the page.
func idsSince(entries []json.RawMessage, since time.Time, page *sweep.Page) []string {
	var ids []string
	for _, raw := range entries {
		var entry listed
		if err := json.Unmarshal(raw, &entry); err != nil || entry.ContentDetails.VideoID == "" {
			continue // no entry that leads to a video
		}
		at, err := time.Parse(time.RFC3339, entry.ContentDetails.PublishedAt)
		if err == nil {
			page.Last = at
			if at.After(page.Newest) && !at.After(time.Now()) {
				page.Newest = at
			}
		}
		if err != nil || !at.Before(since) { // a private video has no date, and may become public
			ids = append(ids, entry.ContentDetails.VideoID)
		}
	}
	return ids
}

// details asks for the videos themselves. Those that were deleted or made
// private in the meantime are not in the answer.
func (s *Source) details(ctx context.Context, owner collect.Account, of *channel, ids []string, sink collect.Sink) ([]collect.Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query := url.Values{"part": {"snippet,status"}, "id": {strings.Join(ids, ",")}, "maxResults": {"50"}}
	answer, err := s.ask(ctx, sink, "videos", query, "")
	if err != nil {
		return nil, err
	}
	items := make([]collect.Item, 0, len(answer.Items))
	for _, raw := range answer.Items {
		if item, public := itemOfVideo(owner, of, raw); public {
			items = append(items, item)
		}
	}
	return answer.exchange.Of(items), nil
}

// itemOfVideo makes a post of a video, or says why it is none. A video that only
// those find who have its address is not public.
func itemOfVideo(owner collect.Account, of *channel, raw json.RawMessage) (item collect.Item, public bool) {
	item = collect.Item{Position: "youtube " + owner.ID, Raw: raw}
	var v video
	if err := json.Unmarshal(raw, &v); err != nil || v.ID == "" {
		item.Err = piece.Malformed("id", "a video with an id", err)
		return item, true
	}
	if v.Status.Privacy != "" && v.Status.Privacy != "public" {
		return item, false
	}
	address := "https://www.youtube.com/watch?v=" + url.QueryEscape(v.ID)
	item.Position = address
	created, err := piece.Created("snippet.publishedAt", v.Snippet.PublishedAt)
	if err != nil {
		item.Err = err
		return item, true
	}
	account := post.Account{ID: owner.ID, Handle: cmp.Or(of.Handle(), owner.Handle), Name: cmp.Or(of.Snippet.Title, owner.Name)}
	if v.Snippet.ChannelID != "" && v.Snippet.ChannelID != of.ID {
		account = post.Account{ID: v.Snippet.ChannelID, Name: v.Snippet.ChannelTitle}
	}
	item.Post = post.Post{
		ID: Platform + ":" + v.ID, Platform: Platform, Kind: post.KindPost, Account: account, URL: address,
		Text: join(v.Snippet.Title, v.Snippet.Description), CreatedAt: created, RawSHA256: piece.Hash(raw),
		Media: []post.Media{{Type: "video", URL: address}},
	}
	if picture := piece.WebAddress(cmp.Or(v.Snippet.Thumbnails.High.URL, v.Snippet.Thumbnails.Default.URL)); picture != "" {
		item.Post.Media = append(item.Post.Media, post.Media{Type: "image", URL: picture})
	}
	return item, true
}

// join puts a title over a description.
func join(title, description string) string {
	if title == "" || description == "" {
		return title + description
	}
	return title + "\n\n" + description
}
