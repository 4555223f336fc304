package mastodon

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/markup"
	"github.com/netra-id/netra/pipeline/post"
)

// status is the part of the entity Status of Mastodon's API that is read.
type status struct {
	ID          string          `json:"id"`
	URL         string          `json:"url"`
	URI         string          `json:"uri"`
	CreatedAt   string          `json:"created_at"`
	EditedAt    string          `json:"edited_at"`
	Account     account         `json:"account"`
	InReplyToID string          `json:"in_reply_to_id"`
	Visibility  string          `json:"visibility"`
	SpoilerText string          `json:"spoiler_text"`
	Content     string          `json:"content"`
	Reblog      *status         `json:"reblog"`
	Quote       json.RawMessage `json:"quote"`
	Media       []attachment    `json:"media_attachments"`
	Poll        *poll           `json:"poll"`
}

// account is the part of the entity Account that is read.
type account struct {
	ID          string   `json:"id"`
	Username    string   `json:"username"`
	Acct        string   `json:"acct"`
	DisplayName string   `json:"display_name"`
	Suspended   bool     `json:"suspended"`
	Moved       *account `json:"moved"`
}

type attachment struct {
	Type        string `json:"type"`
	URL         string `json:"url"`
	RemoteURL   string `json:"remote_url"`
	Description string `json:"description"`
}

type poll struct {
	Options []struct {
		Title string `json:"title"`
	} `json:"options"`
}

// reader makes posts of an account's statuses.
type reader struct {
	domain string
	owner  collect.Account
	// native is the account's id on the instance.
	native string
}

// item makes a post of a status. It is not ok where the status is not public,
// which happens where the token's own account may see it.
func (r *reader) item(raw json.RawMessage) (_ collect.Item, ok bool) {
	item := collect.Item{Position: r.domain, Raw: raw}
	malformed := func(err error) (collect.Item, bool) {
		item.Err = &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		return item, true
	}
	var s status
	if err := json.Unmarshal(raw, &s); err != nil {
		return malformed(fmt.Errorf("status: %w", err))
	}
	item.Position = r.domain + " " + s.ID
	if s.ID == "" {
		return malformed(&post.FieldError{Key: "id", Value: "missing", Allowed: "the id of the status"})
	}
	if s.Account.ID != r.native {
		item.Raw = nil // what a stranger wrote is not kept
		return malformed(&post.FieldError{Key: "account.id", Value: strconv.Quote(s.Account.ID), Allowed: "the account that was asked for, " + r.native})
	}
	if s.Visibility != "" && s.Visibility != "public" && s.Visibility != "unlisted" {
		return collect.Item{}, false
	}
	created, err := time.Parse(time.RFC3339, s.CreatedAt)
	if err != nil {
		item.Err = &collect.ItemError{Cause: collect.CauseNoDate, Err: &post.FieldError{Key: "created_at", Value: strconv.Quote(s.CreatedAt), Allowed: "a date after RFC 3339"}}
		return item, true
	}
	sum := sha256.Sum256(raw)
	item.Post = post.Post{
		ID: r.id(s.ID), Platform: platform, Kind: post.KindPost, Account: r.account(&s.Account),
		URL: webAddress(s.URL, s.URI), CreatedAt: created, RawSHA256: hex.EncodeToString(sum[:]),
	}
	r.fill(&item.Post, &s)
	return item, true
}

// fill sets the kind, the texts and the media.
func (r *reader) fill(p *post.Post, s *status) {
	if s.Reblog != nil {
		p.Kind = post.KindRepost
		text, quoted := textsOf(s.Reblog)
		p.Quoted, p.Media = join(text, quoted), mediaOf(s.Reblog)
		if p.URL == "" {
			p.URL = webAddress(s.Reblog.URL, s.Reblog.URI)
		}
		return
	}
	p.Text, p.Quoted = textsOf(s)
	p.Media = mediaOf(s)
	if s.InReplyToID != "" {
		p.Kind, p.InReplyTo = post.KindReply, r.id(s.InReplyToID)
	}
	if isQuote(s.Quote) {
		p.Kind = post.KindQuote
	}
}

// id makes an id that is unique over all instances, whose own are not.
func (r *reader) id(native string) string { return platform + ":" + r.domain + "/" + native }

func (r *reader) account(a *account) post.Account {
	known := post.Account{ID: r.owner.ID, Handle: r.owner.Handle, Name: r.owner.Name}
	if a.Acct != "" {
		known.Handle = handleOf(a.Acct, r.domain)
	}
	if a.DisplayName != "" {
		known.Name = a.DisplayName
	}
	return known
}

// handleOf makes @name@domain of an acct, which has no domain where the account
// is the instance's own.
func handleOf(acct, domain string) string {
	if !strings.Contains(acct, "@") {
		acct += "@" + domain
	}
	return "@" + acct
}

// textsOf returns what the status's author wrote, with content warning and the
// options of a poll, and what is quoted in it.
func textsOf(s *status) (text, quoted string) {
	content := markup.Read(s.Content)
	text = join(strings.TrimSpace(s.SpoilerText), content.Text)
	if s.Poll != nil {
		var options []string
		for _, option := range s.Poll.Options {
			options = append(options, "- "+strings.TrimSpace(option.Title))
		}
		text = join(text, strings.Join(options, "\n"))
	}
	return text, join(content.Quoted, quotedText(s.Quote))
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

// isQuote says whether the status quotes another, be it shown or not.
func isQuote(raw json.RawMessage) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal(raw, &object) == nil && len(object) > 0
}

// quotedText is the text of the quoted status where the answer has it: inside
// the entity Quote (Mastodon 4.4 and later), or as a status itself (software
// that is compatible with it).
func quotedText(raw json.RawMessage) string {
	var quote struct {
		State        string  `json:"state"`
		QuotedStatus *status `json:"quoted_status"`
		status
	}
	if json.Unmarshal(raw, &quote) != nil {
		return ""
	}
	quoted := &quote.status
	switch {
	case quote.QuotedStatus != nil && quote.State == "accepted":
		quoted = quote.QuotedStatus
	case quote.QuotedStatus != nil || quote.State != "":
		return "" // the quoted author does not want it shown here
	}
	content := markup.Read(quoted.Content)
	return join(join(strings.TrimSpace(quoted.SpoilerText), content.Text), content.Quoted)
}

func mediaOf(s *status) []post.Media {
	var media []post.Media
	for _, a := range s.Media {
		m := post.Media{Type: mediaType(a.Type), URL: webAddress(a.URL, a.RemoteURL), Alt: a.Description}
		if m.URL != "" && len(media) < markup.MostImages {
			media = append(media, m)
		}
	}
	return media
}

func mediaType(kind string) string {
	switch kind {
	case "image", "video", "audio":
		return kind
	case "gifv":
		return "video"
	default:
		return "link"
	}
}

// webAddress returns the first of the addresses that is one of the web.
func webAddress(addresses ...string) string {
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
			return u.String()
		}
	}
	return ""
}
