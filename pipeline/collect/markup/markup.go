// Package markup reads the HTML of posts down to its words. Nothing of it is
// ever shown or run: it is for the texts that are classified. The packages of
// the feeds and of the platforms call it.
package markup

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/netra-id/netra/pipeline/post"
)

// MostImages bounds the images of one post.
const MostImages = 20

// Content is what is left of markup.
type Content struct {
	Text string
	// Quoted is the text of block quotes.
	Quoted string
	Images []post.Media
}

// Read reads HTML down to its words: blocks become lines, block quotes
// are kept apart, and what is not shown is left out, as is the link with which
// Mastodon stands in for a quoted post where it cannot be shown (a paragraph of
// the class quote-inline). It reads tokens and builds no tree, so deeply nested
// markup costs nothing.
func Read(markup string) Content {
	tokens := html.NewTokenizer(strings.NewReader(markup))
	var r reader
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end; a tokenizer accepts anything before it
			return Content{Text: r.text.finish(), Quoted: r.quoted.finish(), Images: r.images}
		case html.TextToken:
			if r.hidden == 0 && !r.standIn {
				r.target().write(tokens.Token().Data, r.preformatted > 0)
			}
		case html.StartTagToken:
			r.start(tokens.Token(), false)
		case html.SelfClosingTagToken:
			r.start(tokens.Token(), true)
		case html.EndTagToken:
			r.end(tokens.Token().DataAtom)
		}
	}
}

type reader struct {
	text, quoted                 lines
	images                       []post.Media
	quotes, hidden, preformatted int
	standIn                      bool // in a paragraph of the class quote-inline
}

func (r *reader) target() *lines {
	if r.quotes > 0 {
		return &r.quoted
	}
	return &r.text
}

func (r *reader) start(token html.Token, selfClosing bool) {
	if token.DataAtom == atom.P {
		r.standIn = hasClass(token, "quote-inline")
	}
	switch token.DataAtom {
	case atom.Img:
		r.image(token)
	case atom.Br:
		r.target().newline()
	}
	if isBlock(token.DataAtom) {
		r.target().newline()
	}
	if selfClosing {
		return
	}
	switch {
	case token.DataAtom == atom.Blockquote:
		r.quotes++
	case token.DataAtom == atom.Pre:
		r.preformatted++
	case isHidden(token.DataAtom):
		r.hidden++
	}
}

func (r *reader) end(tag atom.Atom) {
	switch {
	case tag == atom.Blockquote:
		r.quoted.newline()
		r.quotes = max(r.quotes-1, 0)
	case tag == atom.P:
		r.standIn = false
	case tag == atom.Pre:
		r.preformatted = max(r.preformatted-1, 0)
	case isHidden(tag):
		r.hidden = max(r.hidden-1, 0)
	}
	if isBlock(tag) {
		r.target().newline()
	}
}

func (r *reader) image(token html.Token) {
	media := post.Media{Type: "image"}
	for _, attribute := range token.Attr {
		switch attribute.Key {
		case "src":
			media.URL = attribute.Val
		case "alt":
			media.Alt = attribute.Val
		}
	}
	if media.URL != "" && len(r.images) < MostImages {
		r.images = append(r.images, media)
	}
}

func hasClass(token html.Token, class string) bool {
	for _, attribute := range token.Attr {
		if attribute.Key == "class" && slices.Contains(strings.Fields(attribute.Val), class) {
			return true
		}
	}
	return false
}

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Tr, atom.Table, atom.Blockquote,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Hr, atom.Article, atom.Section, atom.Figure,
		atom.Figcaption, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Details, atom.Summary, atom.Address:
		return true
	default:
		return false
	}
}

func isHidden(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Title, atom.Select, atom.Textarea:
		return true
	default:
		return false
	}
}

// lines gathers words into lines.
type lines struct {
	builder strings.Builder
	space   bool // before the next word
	broken  bool // the next word begins a line
}

func (l *lines) write(text string, keepSpace bool) {
	if keepSpace {
		l.separate()
		l.builder.WriteString(text)
		return
	}
	for n, word := range strings.Fields(text) {
		if n > 0 || startsWithSpace(text) {
			l.space = true
		}
		l.separate()
		l.builder.WriteString(word)
	}
	if text != "" && (endsWithSpace(text) || strings.TrimSpace(text) == "") {
		l.space = true
	}
}

// separate writes what stands between the last word and the next.
func (l *lines) separate() {
	if l.builder.Len() > 0 {
		switch {
		case l.broken:
			l.builder.WriteByte('\n')
		case l.space:
			l.builder.WriteByte(' ')
		}
	}
	l.space, l.broken = false, false
}

func (l *lines) newline() { l.broken = true }

func (l *lines) finish() string { return strings.TrimSpace(l.builder.String()) }

func startsWithSpace(s string) bool {
	return strings.TrimLeft(s[:1], " \t\r\n\f") == "" || strings.HasPrefix(s, "\u00a0")
}

func endsWithSpace(s string) bool {
	return strings.TrimRight(s[len(s)-1:], " \t\r\n\f") == "" || strings.HasSuffix(s, "\u00a0")
}
