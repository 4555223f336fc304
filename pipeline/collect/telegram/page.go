package telegram

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// preview is a channel's preview page, cut into its messages.
type preview struct {
	// pieces are the messages as they stand in the page, oldest first.
	pieces [][]byte
	// title is the page's, owner the channel's.
	title, owner string
	// channel says that the page is one of a channel's history.
	channel bool
	// older says that the page links to older messages.
	older bool
}

// readPreview cuts a page. It reads tokens and builds no tree, so that a message
// that is broken does not take the others with it.
func readPreview(body []byte) *preview {
	p := &preview{}
	tokens := html.NewTokenizer(bytes.NewReader(body))
	offset, start, depth := 0, -1, 0
	inTitle, ownerDepth := false, 0
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if start >= 0 {
				p.pieces = append(p.pieces, body[start:])
			}
			return p
		}
		before := offset
		offset += len(tokens.Raw())
		switch token := tokens.Token(); kind {
		case html.TextToken:
			switch {
			case inTitle:
				p.title += token.Data
			case ownerDepth > 0 && len(p.owner) < 512:
				p.owner += token.Data
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			class := strings.Fields(tokenAttribute(token, "class"))
			switch {
			case contains(class, "tgme_widget_message_wrap"):
				if start >= 0 {
					p.pieces = append(p.pieces, body[start:before])
				}
				start, depth = before, 0
			case start < 0:
				p.outside(token, class)
			}
			inTitle = token.DataAtom == atom.Title && p.title == ""
			if contains(class, "tgme_channel_info_header_title") && p.owner == "" {
				ownerDepth = 1
			}
			if token.DataAtom == atom.Div && kind == html.StartTagToken {
				depth++
			}
		case html.EndTagToken:
			inTitle = false
			if token.DataAtom == atom.Div {
				ownerDepth = 0
				if depth--; depth <= 0 && start >= 0 {
					p.pieces = append(p.pieces, body[start:offset])
					start = -1
				}
			}
		default:
		}
	}
}

// outside takes note of an element that is in no message.
func (p *preview) outside(token html.Token, class []string) {
	switch {
	case contains(class, "tgme_channel_info"), contains(class, "tgme_channel_history"):
		p.channel = true
	case contains(class, "tme_messages_more") && tokenAttribute(token, "data-before") != "":
		p.older = true
	case token.DataAtom == atom.Link && tokenAttribute(token, "rel") == "prev" && strings.Contains(tokenAttribute(token, "href"), "before="):
		p.older = true
	}
}

func tokenAttribute(token html.Token, key string) string {
	for _, a := range token.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func contains(class []string, name string) bool {
	for _, c := range class {
		if c == name {
			return true
		}
	}
	return false
}

// messageName reads "name/123", which names a message.
func messageName(s string) (channel string, id int64, ok bool) {
	channel, number, found := strings.Cut(s, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	return channel, id, found && err == nil && id > 0 && channel != ""
}

// channelID reads the number of the channel from a message's data-view, 0 where
// it is not there.
func channelID(view string) int64 {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(view, "="))
	if err != nil {
		return 0
	}
	var fields struct {
		C json.Number `json:"c"`
	}
	if json.Unmarshal(data, &fields) != nil {
		return 0
	}
	id, err := fields.C.Int64()
	if err != nil {
		return 0
	}
	return id
}
