package instagram

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/post"
)

// media is a post, or one picture of several in it.
type media struct {
	ID        string `json:"id"`
	Caption   string `json:"caption"`
	Type      string `json:"media_type"`
	URL       string `json:"media_url"`
	Permalink string `json:"permalink"`
	Timestamp string `json:"timestamp"`
	AltText   string `json:"alt_text"`
	Children  struct {
		Data []media `json:"data"`
	} `json:"children"`
}

const mostMedia = 20

// itemOf makes a post of what the API tells, or says why it is none.
func itemOf(owner collect.Account, of *profile, raw json.RawMessage) collect.Item {
	item := collect.Item{Position: "instagram " + owner.ID, Raw: raw}
	var m media
	if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" {
		item.Err = piece.Malformed("id", "media with an id", err)
		return item
	}
	item.Position = cmp.Or(m.Permalink, "instagram "+m.ID)
	created, err := piece.Created("timestamp", m.Timestamp)
	if err != nil {
		item.Err = err
		return item
	}
	handle := owner.Handle
	if of.Username != "" {
		handle = "@" + of.Username
	}
	item.Post = post.Post{
		ID: Platform + ":" + m.ID, Platform: Platform, Kind: post.KindPost,
		Account: post.Account{ID: owner.ID, Handle: handle, Name: cmp.Or(of.Name, owner.Name)},
		URL:     piece.WebAddress(m.Permalink), Text: m.Caption, Media: m.files(), CreatedAt: created, RawSHA256: piece.Hash(raw),
	}
	return item
}

func (m *media) files() []post.Media {
	if len(m.Children.Data) == 0 {
		return appendFile(nil, m)
	}
	var files []post.Media
	for n := range m.Children.Data {
		files = appendFile(files, &m.Children.Data[n])
	}
	return files
}

// appendFile adds a picture or video. What may not be shown for the rights of
// others has no address and is still told of.
func appendFile(files []post.Media, m *media) []post.Media {
	if len(files) >= mostMedia {
		return files
	}
	kind := "image"
	if strings.EqualFold(m.Type, "VIDEO") {
		kind = "video"
	}
	return append(files, post.Media{Type: kind, URL: piece.WebAddress(m.URL), Alt: m.AltText})
}
