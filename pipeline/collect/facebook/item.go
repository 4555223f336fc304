package facebook

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/post"
)

// pagePost is a Page's post, as the Graph API tells it.
type pagePost struct {
	ID          string `json:"id"`
	CreatedTime string `json:"created_time"`
	// Message is what the Page wrote, Story what Facebook says of it.
	Message    string `json:"message"`
	Story      string `json:"story"`
	StatusType string `json:"status_type"`
	Permalink  string `json:"permalink_url"`
	// ParentID is the post that was shared.
	ParentID    string `json:"parent_id"`
	From        entity `json:"from"`
	Attachments struct {
		Data []attachment `json:"data"`
	} `json:"attachments"`
}

type entity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type attachment struct {
	Type        string `json:"type"`
	MediaType   string `json:"media_type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Media       struct {
		Image struct {
			Src string `json:"src"`
		} `json:"image"`
		Source string `json:"source"`
	} `json:"media"`
	Subattachments struct {
		Data []attachment `json:"data"`
	} `json:"subattachments"`
}

const mostMedia = 20

// itemOf makes a post of what the API tells, or says why it is none.
func itemOf(owner collect.Account, raw json.RawMessage) collect.Item {
	item := collect.Item{Position: "facebook " + owner.ID, Raw: raw}
	var p pagePost
	if err := json.Unmarshal(raw, &p); err != nil || p.ID == "" {
		item.Err = piece.Malformed("id", "a post with an id", err)
		return item
	}
	item.Position = cmp.Or(p.Permalink, "facebook "+p.ID)
	created, err := piece.Created("created_time", p.CreatedTime)
	if err != nil {
		item.Err = err
		return item
	}
	item.Post = post.Post{
		ID: Platform + ":" + p.ID, Platform: Platform, Account: accountOf(owner, p.From), URL: piece.WebAddress(p.Permalink),
		Text: p.Message, Quoted: p.quoted(), Media: p.media(), CreatedAt: created, RawSHA256: piece.Hash(raw),
	}
	item.Post.Kind = p.kind()
	if item.Post.Text == "" && item.Post.Quoted == "" && len(item.Post.Media) == 0 && p.ParentID == "" {
		// A life event, a changed cover: what Facebook tells of it is not the
		// Page's own word, and there is nothing else.
		item.Post.Quoted = p.Story
	}
	return item
}

// accountOf returns the owner, under the roster's id, unless the post is by
// another Page: then the roster is asked for that.
func accountOf(owner collect.Account, from entity) post.Account {
	if from.ID != "" && from.ID != owner.ID && isNumber(owner.ID) {
		return post.Account{ID: from.ID, Name: from.Name}
	}
	return post.Account{ID: owner.ID, Handle: owner.Handle, Name: cmp.Or(from.Name, owner.Name)}
}

func isNumber(id string) bool {
	return id != "" && strings.Trim(id, "0123456789") == ""
}

// kind tells a share from a post of one's own: a share with a word is a quote.
func (p *pagePost) kind() post.Kind {
	switch {
	case p.ParentID == "":
		return post.KindPost
	case strings.TrimSpace(p.Message) == "":
		return post.KindRepost
	default:
		return post.KindQuote
	}
}

// quoted returns the texts of others: of what was shared, and the title and
// description of a link. What an attachment repeats of the message is left out.
func (p *pagePost) quoted() string {
	var parts []string
	add := func(text string) {
		text = strings.TrimSpace(text)
		if text == "" || strings.Contains(p.Message, text) {
			return
		}
		for _, part := range parts {
			if strings.Contains(part, text) {
				return
			}
		}
		parts = append(parts, text)
	}
	for _, a := range p.Attachments.Data {
		if p.ParentID == "" && a.kind() != "link" {
			continue // a caption of its own photo or video
		}
		add(a.Title)
		add(a.Description)
		for _, sub := range a.Subattachments.Data {
			if p.ParentID != "" {
				add(sub.Description)
			}
		}
	}
	return strings.Join(parts, "\n\n")
}

func (p *pagePost) media() []post.Media {
	var media []post.Media
	add := func(a *attachment) {
		m := post.Media{Type: a.kind(), URL: piece.WebAddress(a.address())}
		if m.URL == "" || len(media) >= mostMedia {
			return
		}
		if m.Type == "link" {
			m.Alt = a.Title
		}
		media = append(media, m)
	}
	for n := range p.Attachments.Data {
		a := &p.Attachments.Data[n]
		if len(a.Subattachments.Data) == 0 {
			add(a)
			continue
		}
		for s := range a.Subattachments.Data {
			add(&a.Subattachments.Data[s])
		}
	}
	return media
}

// kind is image, video or link.
func (a *attachment) kind() string {
	switch kind := strings.ToLower(a.MediaType + " " + a.Type); {
	case strings.Contains(kind, "video"):
		return "video"
	case strings.Contains(kind, "photo"), strings.Contains(kind, "image"), strings.Contains(kind, "album"):
		return "image"
	default:
		return "link"
	}
}

// address is that of the file, else of the page on which it is shown.
func (a *attachment) address() string {
	switch a.kind() {
	case "video":
		return cmp.Or(a.Media.Source, a.URL, a.Media.Image.Src)
	case "image":
		return cmp.Or(a.Media.Image.Src, a.URL)
	default:
		return a.URL
	}
}
