package threads

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/post"
)

// thread is a post as the Threads API tells it.
type thread struct {
	ID        string `json:"id"`
	Type      string `json:"media_type"`
	URL       string `json:"media_url"`
	Permalink string `json:"permalink"`
	Username  string `json:"username"`
	Text      string `json:"text"`
	Timestamp string `json:"timestamp"`
	AltText   string `json:"alt_text"`
	Link      string `json:"link_attachment_url"`
	GIF       string `json:"gif_url"`
	IsQuote   bool   `json:"is_quote_post"`
	IsReply   bool   `json:"is_reply"`
	RepliedTo other  `json:"replied_to"`
	Quoted    other  `json:"quoted_post"`
	Reposted  other  `json:"reposted_post"`
	Children  struct {
		Data []thread `json:"data"`
	} `json:"children"`
}

// other is another's post: its id alone, or what more may be seen of it.
type other struct{ ID, Text, Username string }

// UnmarshalJSON reads an id or an object.
func (o *other) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte{'"'}) {
		return json.Unmarshal(data, &o.ID)
	}
	var object struct {
		ID       string `json:"id"`
		Text     string `json:"text"`
		Username string `json:"username"`
	}
	err := json.Unmarshal(data, &object)
	*o = other(object)
	return err
}

const (
	mostMedia = 20
	// facade is the media type of a repost.
	facade = "REPOST_FACADE"
)

// itemOf makes a post of what the API tells, or says why it is none.
func itemOf(owner collect.Account, raw json.RawMessage) collect.Item {
	item := collect.Item{Position: "threads " + owner.ID, Raw: raw}
	var t thread
	if err := json.Unmarshal(raw, &t); err != nil || t.ID == "" {
		item.Err = piece.Malformed("id", "a post with an id", err)
		return item
	}
	item.Position = cmp.Or(t.Permalink, "threads "+t.ID)
	created, err := piece.Created("timestamp", t.Timestamp)
	if err != nil {
		item.Err = err
		return item
	}
	item.Post = post.Post{
		ID: Platform + ":" + t.ID, Platform: Platform, Kind: t.kind(),
		Account: post.Account{ID: owner.ID, Handle: owner.Handle, Name: owner.Name},
		URL:     piece.WebAddress(t.Permalink), Media: t.media(), CreatedAt: created, RawSHA256: piece.Hash(raw),
	}
	if t.Username != "" {
		item.Post.Account.Handle = "@" + t.Username
	}
	t.texts(&item.Post)
	return item
}

func (t *thread) kind() post.Kind {
	switch {
	case t.isRepost():
		return post.KindRepost
	case t.IsQuote || t.Quoted.ID != "":
		return post.KindQuote
	case t.IsReply || t.RepliedTo.ID != "":
		return post.KindReply
	default:
		return post.KindPost
	}
}

func (t *thread) isRepost() bool { return strings.EqualFold(t.Type, facade) || t.Reposted.ID != "" }

// texts keeps what the author wrote apart from what others did. What a repost
// shows is never its author's.
func (t *thread) texts(p *post.Post) {
	if t.isRepost() {
		p.Quoted = cmp.Or(t.Reposted.Text, t.Text)
		return
	}
	p.Text, p.Quoted = t.Text, t.Quoted.Text
	if t.RepliedTo.ID != "" {
		p.InReplyTo = Platform + ":" + t.RepliedTo.ID
	}
}

func (t *thread) media() []post.Media {
	var media []post.Media
	add := func(kind, address, alt string) {
		if address = piece.WebAddress(address); address != "" && len(media) < mostMedia {
			media = append(media, post.Media{Type: kind, URL: address, Alt: alt})
		}
	}
	if len(t.Children.Data) == 0 {
		add(t.mediaKind(), t.URL, t.AltText)
	}
	for n := range t.Children.Data {
		child := &t.Children.Data[n]
		add(child.mediaKind(), child.URL, child.AltText)
	}
	add("image", t.GIF, "")
	add("link", t.Link, "")
	return media
}

func (t *thread) mediaKind() string {
	switch strings.ToUpper(t.Type) {
	case "VIDEO":
		return "video"
	case "AUDIO":
		return "audio"
	default:
		return "image"
	}
}
