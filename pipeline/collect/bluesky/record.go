package bluesky

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/markup"
	"github.com/netra-id/netra/pipeline/post"
)

// The collections of records that are read.
const (
	collectionPost   = "app.bsky.feed.post"
	collectionRepost = "app.bsky.feed.repost"
)

// record is the part of the records app.bsky.feed.post and app.bsky.feed.repost
// that is read.
type record struct {
	Text      string   `json:"text"`
	Tags      []string `json:"tags"`
	CreatedAt string   `json:"createdAt"`
	Reply     *struct {
		Parent reference `json:"parent"`
	} `json:"reply"`
	Embed *embed `json:"embed"`
	// Subject is what a repost shares.
	Subject reference `json:"subject"`
}

type reference struct {
	URI string `json:"uri"`
}

// embed is what is attached to a post: images, a video, a link, another record,
// or one of these together with another record.
type embed struct {
	Type     string  `json:"$type"`
	Images   []image `json:"images"`
	Items    []image `json:"items"`
	Video    *blob   `json:"video"`
	Alt      string  `json:"alt"`
	External *struct {
		URI   string `json:"uri"`
		Title string `json:"title"`
	} `json:"external"`
	Record json.RawMessage `json:"record"`
	Media  *embed          `json:"media"`
}

type image struct {
	Alt   string `json:"alt"`
	Image blob   `json:"image"`
}

type blob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
	CID string `json:"cid"` // of records from before 2023
}

// text returns the authored text, with the hashtags that stand beside it.
func (r *record) text() string {
	tags := ""
	for _, tag := range r.Tags {
		if tag = strings.TrimSpace(strings.TrimPrefix(tag, "#")); tag != "" {
			tags += " #" + tag
		}
	}
	if r.Text == "" || tags == "" {
		return r.Text + strings.TrimPrefix(tags, " ")
	}
	return r.Text + "\n\n" + strings.TrimPrefix(tags, " ")
}

// quoted returns the address of the post that is quoted, empty where none is.
func (r *record) quoted() syntax.ATURI {
	if r.Embed == nil || len(r.Embed.Record) == 0 {
		return ""
	}
	var embedded struct {
		reference
		Record reference `json:"record"`
	}
	if json.Unmarshal(r.Embed.Record, &embedded) != nil {
		return ""
	}
	for _, address := range []string{embedded.URI, embedded.Record.URI} {
		if uri, ok := postAddress(address); ok {
			return uri
		}
	}
	return ""
}

// postAddress reads the address of a post: at://DID/app.bsky.feed.post/KEY.
func postAddress(address string) (syntax.ATURI, bool) {
	uri, err := syntax.ParseATURI(address)
	if err != nil || uri.Collection() != collectionPost || uri.RecordKey() == "" || !uri.Authority().IsDID() {
		return "", false
	}
	return uri, true
}

// media lists what is attached, with addresses that are the same for everybody
// and always: of the servers that Bluesky has for that.
func (r *record) media(did string) []post.Media {
	var media []post.Media
	for _, e := range []*embed{r.Embed, r.attached()} {
		if e == nil {
			continue
		}
		for _, i := range append(e.Images, e.Items...) {
			media = appendBlob(media, "image", "https://cdn.bsky.app/img/feed_fullsize/plain/"+did+"/", i.Image, "@jpeg", i.Alt)
		}
		if e.Video != nil {
			media = appendBlob(media, "video", "https://video.bsky.app/watch/"+url.PathEscape(did)+"/", *e.Video, "/playlist.m3u8", e.Alt)
		}
		if e.External != nil && len(media) < markup.MostImages {
			if u, err := url.Parse(e.External.URI); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
				media = append(media, post.Media{Type: "link", URL: u.String(), Alt: e.External.Title})
			}
		}
	}
	return media
}

func (r *record) attached() *embed {
	if r.Embed == nil {
		return nil
	}
	return r.Embed.Media
}

func appendBlob(media []post.Media, kind, before string, b blob, behind, alt string) []post.Media {
	name := b.Ref.Link
	if name == "" {
		name = b.CID
	}
	if _, err := syntax.ParseCID(name); err != nil || len(media) >= markup.MostImages {
		return media
	}
	return append(media, post.Media{Type: kind, URL: before + name + behind, Alt: alt})
}

// dateOf returns when a post was made: when its author says, unless that cannot
// be or is after it was first seen.
func dateOf(said string, seen time.Time) (time.Time, *collect.ItemError) {
	at, err := time.Parse(time.RFC3339, said)
	switch {
	case err == nil && !at.Before(post.Earliest) && (seen.IsZero() || !at.After(seen)):
		return at, nil
	case !seen.IsZero():
		return seen, nil
	}
	return time.Time{}, &collect.ItemError{Cause: collect.CauseNoDate, Err: &post.FieldError{Key: "createdAt", Value: quote(said), Allowed: "a date after RFC 3339"}}
}

// repostDate returns when a repost was made: its key tells, as it does wherever
// the repost is seen, which the record itself is not.
func repostDate(key syntax.RecordKey, said string, seen time.Time) (time.Time, *collect.ItemError) {
	if tid, err := syntax.ParseTID(string(key)); err == nil {
		said = tid.Time().UTC().Format(time.RFC3339Nano)
	}
	return dateOf(said, seen)
}

// idOf makes a post's id of its address.
func idOf(uri syntax.ATURI) string {
	return platform + ":" + strings.TrimPrefix(string(uri), "at://")
}

// webAddress is where people see a post. It has the DID, which stays when the
// handle changes.
func webAddress(uri syntax.ATURI) string {
	return "https://bsky.app/profile/" + string(uri.Authority()) + "/post/" + string(uri.RecordKey())
}
