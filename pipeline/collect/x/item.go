package x

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/post"
)

// tweet is a post as X tells it.
type tweet struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	CreatedAt string `json:"created_at"`
	AuthorID  string `json:"author_id"`
	// Note is the whole text of a long post, of which Text is the beginning.
	Note struct {
		Text string `json:"text"`
	} `json:"note_tweet"`
	Referenced []struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"referenced_tweets"`
	Attachments struct {
		MediaKeys []string `json:"media_keys"`
	} `json:"attachments"`
	// History are the ids of the post's versions, the first one first.
	History []string `json:"edit_history_tweet_ids"`
}

type user struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

type media struct {
	Key     string `json:"media_key"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Preview string `json:"preview_image_url"`
	AltText string `json:"alt_text"`
}

const mostMedia = 20

// index makes what a page refers to findable.
func (t *timeline) index() {
	t.tweets, t.users, t.media = map[string]*tweet{}, map[string]user{}, map[string]media{}
	for n := range t.Includes.Tweets {
		t.tweets[t.Includes.Tweets[n].ID] = &t.Includes.Tweets[n]
	}
	for _, u := range t.Includes.Users {
		t.users[u.ID] = u
	}
	for _, m := range t.Includes.Media {
		t.media[m.Key] = m
	}
}

// itemOf makes a post of what X tells, or says why it is none.
func (t *timeline) itemOf(owner collect.Account, raw json.RawMessage) collect.Item {
	item := collect.Item{Position: "x " + owner.ID, Raw: raw}
	var tw tweet
	if err := json.Unmarshal(raw, &tw); err != nil || tw.ID == "" {
		item.Err = piece.Malformed("id", "a post with an id", err)
		return item
	}
	author := t.users[tw.AuthorID]
	item.Position = "https://x.com/" + cmp.Or(author.Username, "i") + "/status/" + tw.ID
	created, err := piece.Created("created_at", tw.CreatedAt)
	if err != nil {
		item.Err = err
		return item
	}
	item.Post = post.Post{
		ID: Platform + ":" + tw.firstID(), Platform: Platform, Account: accountOf(owner, &tw, author),
		URL: item.Position, Media: t.files(&tw), CreatedAt: created, RawSHA256: piece.Hash(raw),
	}
	t.texts(&tw, &item.Post)
	return item
}

// firstID is that of the post's first version, since an edited post is the same
// post.
func (tw *tweet) firstID() string {
	if len(tw.History) > 0 && tw.History[0] != "" {
		return tw.History[0]
	}
	return tw.ID
}

// accountOf returns the owner under the roster's id, unless the post is by
// another: then the roster is asked for that.
func accountOf(owner collect.Account, tw *tweet, author user) post.Account {
	if tw.AuthorID != "" && tw.AuthorID != owner.ID && numberForm.MatchString(owner.ID) {
		return post.Account{ID: tw.AuthorID, Name: author.Name}
	}
	account := post.Account{ID: owner.ID, Handle: owner.Handle, Name: cmp.Or(author.Name, owner.Name)}
	if author.Username != "" {
		account.Handle = "@" + author.Username
	}
	return account
}

// texts sets kind and texts, with those of others kept apart. A reply that also
// quotes is a reply.
func (t *timeline) texts(tw *tweet, p *post.Post) {
	p.Kind, p.Text = post.KindPost, tw.whole()
	for _, to := range tw.Referenced {
		switch to.Type {
		case "retweeted":
			p.Kind, p.Text = post.KindRepost, ""
			if p.Quoted = t.textOf(to.ID); p.Quoted == "" {
				p.Quoted = withoutRT(tw.whole())
			}
			return
		case "replied_to":
			p.Kind, p.InReplyTo = post.KindReply, Platform+":"+to.ID
		case "quoted":
			p.Quoted = t.textOf(to.ID)
			if p.Kind == post.KindPost {
				p.Kind = post.KindQuote
			}
		}
	}
}

// textOf returns the text of a post that another refers to, nothing where it may
// not be seen.
func (t *timeline) textOf(id string) string {
	if tw, ok := t.tweets[id]; ok {
		return tw.whole()
	}
	return ""
}

// whole returns the whole text as it was written; X writes &, < and > as HTML
// does.
func (tw *tweet) whole() string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(cmp.Or(tw.Note.Text, tw.Text))
}

// withoutRT takes off what X writes before the text of a repost: RT @name: .
func withoutRT(text string) string {
	if rest, ok := strings.CutPrefix(text, "RT @"); ok {
		if _, shared, ok := strings.Cut(rest, ": "); ok {
			return shared
		}
	}
	return text
}

func (t *timeline) files(tw *tweet) []post.Media {
	var files []post.Media
	for _, key := range tw.Attachments.MediaKeys {
		m, ok := t.media[key]
		if !ok || len(files) >= mostMedia {
			continue
		}
		kind := "image"
		if m.Type == "video" || m.Type == "animated_gif" {
			kind = "video"
		}
		files = append(files, post.Media{Type: kind, URL: piece.WebAddress(cmp.Or(m.URL, m.Preview)), Alt: m.AltText})
	}
	return files
}
