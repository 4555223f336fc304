package feed

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/markup"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/post"
)

// itemOf makes a post of an entry, or says why it is none.
func itemOf(f Feed, entry *gofeed.Item, raw []byte) collect.Item {
	item := collect.Item{Position: f.URL + " " + cmp.Or(entry.GUID, entry.Link, entry.Title), Raw: raw}
	created, err := dateOf(entry)
	if err != nil {
		item.Err = &collect.ItemError{Cause: collect.CauseNoDate, Err: err}
		return item
	}
	title := markup.Read(entry.Title)
	body := markup.Read(cmp.Or(entry.Content, entry.Description))
	item.Post = post.Post{
		ID:        idOf(f, entry),
		Platform:  f.Platform,
		Kind:      post.KindPost,
		Account:   post.Account{ID: f.AccountID, Handle: f.Handle, Name: f.Name},
		URL:       webAddress(f.URL, entry.Link),
		Text:      join(title.Text, body.Text),
		Quoted:    join(title.Quoted, body.Quoted),
		Media:     mediaOf(f, entry, body.Images),
		CreatedAt: created,
		RawSHA256: piece.Hash(raw),
	}
	if item.Post.Text == "" && item.Post.Quoted == "" && len(item.Post.Media) == 0 {
		item.Err = &collect.ItemError{Cause: collect.CauseMalformed, Err: &post.FieldError{
			Key: "title", Value: "missing", Allowed: "an item with a title, a text or media",
		}}
	}
	return item
}

// idOf makes an id that stays the same as long as the feed names the item by the
// same guid, or by the same link where it has none.
func idOf(f Feed, entry *gofeed.Item) string {
	name := cmp.Or(entry.GUID, entry.Link, entry.Title+"\n"+entry.Published)
	sum := sha256.Sum256([]byte(f.URL + "\n" + name))
	return "rss:" + hex.EncodeToString(sum[:16])
}

// dateOf returns when the item was published, or else updated.
func dateOf(entry *gofeed.Item) (time.Time, error) {
	switch {
	case entry.PublishedParsed != nil:
		return *entry.PublishedParsed, nil
	case entry.Published != "":
		return time.Time{}, &post.FieldError{Key: "published", Value: shorten(entry.Published), Allowed: "a date after RFC 3339 or RFC 822"}
	case entry.UpdatedParsed != nil:
		return *entry.UpdatedParsed, nil
	case entry.Updated != "":
		return time.Time{}, &post.FieldError{Key: "updated", Value: shorten(entry.Updated), Allowed: "a date after RFC 3339 or RFC 822"}
	default:
		return time.Time{}, errors.New("the item has no date, so it cannot be told who held the account then")
	}
}

func shorten(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// join puts a title over a body, unless the body begins with it already.
func join(title, body string) string {
	switch {
	case title == "" || strings.HasPrefix(body, title):
		return body
	case body == "":
		return title
	default:
		return title + "\n\n" + body
	}
}

// webAddress resolves a link against the feed's own address; links that are
// not of the web are left out.
func webAddress(base, link string) string {
	if link == "" {
		return ""
	}
	from, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u, err := from.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// mediaOf gathers the attachments of an item and the images in its text.
func mediaOf(f Feed, entry *gofeed.Item, images []post.Media) []post.Media {
	var media []post.Media
	seen := map[string]bool{}
	add := func(m post.Media) {
		m.URL = webAddress(f.URL, m.URL)
		if m.URL != "" && !seen[m.URL] && len(media) < markup.MostImages {
			seen[m.URL] = true
			media = append(media, m)
		}
	}
	if entry.Image != nil {
		add(post.Media{Type: "image", URL: entry.Image.URL, Alt: entry.Image.Title})
	}
	for _, enclosure := range entry.Enclosures {
		if enclosure != nil {
			add(post.Media{Type: mediaType(enclosure.Type), URL: enclosure.URL})
		}
	}
	for _, image := range images {
		add(image)
	}
	return media
}

// mediaType returns image, video or audio of a MIME type, else link.
func mediaType(mime string) string {
	switch kind, _, _ := strings.Cut(strings.ToLower(mime), "/"); kind {
	case "image", "video", "audio":
		return kind
	default:
		return "link"
	}
}
