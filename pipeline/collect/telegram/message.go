package telegram

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/markup"
	"github.com/netra-id/netra/pipeline/post"
)

// message is a message of a preview page.
type message struct {
	item collect.Item
	id   int64
	// number is the channel's, 0 where the page does not tell.
	number int64
	// named is the channel's name as the message has it.
	named string
	// service says that it is a notice of Telegram, such as of a pinned message.
	service bool
}

// reader makes posts of a channel's messages.
type reader struct {
	channel string
	base    string
	owner   collect.Account
	// title is the channel's name for people.
	title string
}

// message reads one message.
func (r *reader) message(piece []byte) message {
	sum := sha256.Sum256(piece)
	m := message{item: collect.Item{Position: r.base + "/s/" + r.channel, Raw: piece}}
	malformed := func(err error) message {
		m.item.Err = &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		return m
	}
	tree, err := html.Parse(bytes.NewReader(piece))
	if err != nil {
		return malformed(fmt.Errorf("message: %w", err))
	}
	root := find(tree, "tgme_widget_message")
	if root == nil {
		return malformed(&post.FieldError{Key: "message", Value: "missing", Allowed: "an element of the class tgme_widget_message"})
	}
	if m.service = hasClass(root, "service_message"); m.service {
		_, m.id, _ = messageName(attribute(root, "data-post"))
		return m
	}
	var ok bool
	m.named, m.id, ok = messageName(attribute(root, "data-post"))
	if !ok {
		return malformed(&post.FieldError{Key: "data-post", Value: strconv.Quote(attribute(root, "data-post")), Allowed: "a channel's name and a message's number"})
	}
	m.number = channelID(attribute(root, "data-view"))
	m.item.Position = r.base + "/" + r.channel + "/" + strconv.FormatInt(m.id, 10)
	created, dateErr := dateOf(root)
	if dateErr != nil {
		m.item.Err = dateErr
		return m
	}
	m.item.Post = post.Post{
		ID: r.id(r.channel, m.id), Platform: platform, Kind: post.KindPost, CreatedAt: created,
		Account:   post.Account{ID: r.owner.ID, Handle: "@" + r.channel, Name: orElse(r.title, r.owner.Name)},
		URL:       "https://t.me/" + r.channel + "/" + strconv.FormatInt(m.id, 10),
		RawSHA256: hex.EncodeToString(sum[:]),
	}
	r.fill(&m.item.Post, root)
	return m
}

func (r *reader) id(channel string, id int64) string {
	return platform + ":" + strings.ToLower(channel) + "/" + strconv.FormatInt(id, 10)
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// dateOf returns when the message was posted. A video has a time, too: its
// length, so only the one inside the link to the message counts.
func dateOf(root *html.Node) (time.Time, *collect.ItemError) {
	value := ""
	if link := find(root, "tgme_widget_message_date"); link != nil {
		all(link, func(n *html.Node) {
			if n.DataAtom == atom.Time && value == "" {
				value = attribute(n, "datetime")
			}
		})
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, &collect.ItemError{Cause: collect.CauseNoDate, Err: &post.FieldError{Key: "datetime", Value: strconv.Quote(value), Allowed: "a date after RFC 3339"}}
	}
	return at, nil
}

const reply = "tgme_widget_message_reply"

// fill sets the kind, the texts and the media.
func (r *reader) fill(p *post.Post, root *html.Node) {
	content := read(find(root, "js-message_text", reply))
	p.Text, p.Quoted = join(content.Text, pollOf(root)), content.Quoted
	p.Media = mediaOf(root)
	if replied := find(root, reply); replied != nil {
		p.Kind = post.KindReply
		p.InReplyTo = r.replied(attribute(replied, "href"))
		p.Quoted = join(repliedText(replied), p.Quoted)
	}
	if find(root, "tgme_widget_message_forwarded_from", reply) != nil || find(root, "tgme_widget_message_forwarded_from_name", reply) != nil {
		p.Kind, p.InReplyTo = post.KindRepost, ""
		p.Text, p.Quoted = "", join(p.Text, p.Quoted)
	}
	if p.Text == "" && p.Quoted == "" && len(p.Media) == 0 {
		p.Media = []post.Media{{Type: "link", URL: p.URL}} // the preview does not show what it is
	}
}

// replied makes an id of the address of the message that was replied to.
func (r *reader) replied(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	channel, id, ok := messageName(strings.TrimPrefix(strings.TrimPrefix(u.Path, "/"), "s/"))
	if !ok {
		return ""
	}
	return r.id(channel, id)
}

// repliedText is what the preview shows of the message that was replied to.
func repliedText(replied *html.Node) string {
	for _, class := range []string{"js-message_reply_text", "tgme_widget_message_text", "tgme_widget_message_metatext"} {
		if n := find(replied, class); n != nil {
			content := read(n)
			return join(content.Text, content.Quoted)
		}
	}
	return ""
}

// pollOf returns a poll's question and options.
func pollOf(root *html.Node) string {
	poll := find(root, "tgme_widget_message_poll", reply)
	if poll == nil {
		return ""
	}
	lines := []string{read(find(poll, "tgme_widget_message_poll_question")).Text}
	all(poll, func(n *html.Node) {
		if hasClass(n, "tgme_widget_message_poll_option_text") {
			lines = append(lines, "- "+read(n).Text)
		}
	})
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

// mediaOf gathers what is attached: pictures, videos, recordings, documents,
// stickers, places and the preview of a link.
func mediaOf(root *html.Node) []post.Media {
	var media []post.Media
	add := func(kind, address, alt string) {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || len(media) >= markup.MostImages {
			return
		}
		if u.Scheme == "" && u.Host != "" {
			u.Scheme = "https"
		}
		if u.Scheme == "http" || u.Scheme == "https" {
			media = append(media, post.Media{Type: kind, URL: u.String(), Alt: alt})
		}
	}
	all(root, func(n *html.Node) {
		switch {
		case hasClass(n, "tgme_widget_message_photo_wrap"):
			add("image", backgroundOf(n), "")
		case hasClass(n, "tgme_widget_message_sticker"):
			add("image", orElse(attribute(n, "data-webp"), backgroundOf(n)), "")
		case hasClass(n, "tgme_widget_message_video_player") && !hasVideo(n):
			add("video", attribute(n, "href"), "") // one that is too big for the preview
		case n.DataAtom == atom.Video:
			add("video", attribute(n, "src"), "")
		case n.DataAtom == atom.Audio:
			add("audio", attribute(n, "src"), "")
		case hasClass(n, "tgme_widget_message_document_wrap"):
			add("link", attribute(n, "href"), read(find(n, "tgme_widget_message_document_title")).Text)
		case hasClass(n, "tgme_widget_message_location_wrap"):
			add("link", attribute(n, "href"), "")
		case hasClass(n, "tgme_widget_message_link_preview"):
			add("link", attribute(n, "href"), read(find(n, "link_preview_title")).Text)
		}
	})
	return media
}

func hasVideo(n *html.Node) bool {
	found := false
	all(n, func(n *html.Node) { found = found || n.DataAtom == atom.Video && attribute(n, "src") != "" })
	return found
}
