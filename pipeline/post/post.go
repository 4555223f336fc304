// Package post holds what travels through Netra: the post itself, the person
// behind its account, the verdict on it and the flag that is stored, with their
// JSON. Every other package uses these types; this one imports nothing of ours
// and does no I/O.
package post

import "time"

// Kind says what an account did. Platforms have other names for these; a
// collector maps them.
type Kind string

// The kinds of a post.
const (
	KindPost    Kind = "post"
	KindReply   Kind = "reply"
	KindRepost  Kind = "repost"
	KindQuote   Kind = "quote"
	KindComment Kind = "comment"
	KindLike    Kind = "like"
	KindFollow  Kind = "follow"
)

// Kinds lists every kind, in the order in which they are shown.
var Kinds = []Kind{KindPost, KindReply, KindRepost, KindQuote, KindComment, KindLike, KindFollow}

// Platforms lists the platforms whose posts are accepted.
var Platforms = []string{
	"bluesky", "facebook", "instagram", "mastodon", "rss", "telegram",
	"threads", "tiktok", "web", "whatsapp", "x", "youtube",
}

// Post is one public post, as a collector saw it. Its JSON is the value of a
// record in the posts topic.
type Post struct {
	// ID is unique over all platforms: "platform:native id". A post collected
	// twice, or edited, keeps its ID.
	ID       string  `json:"id"`
	Platform string  `json:"platform"`
	Kind     Kind    `json:"kind"`
	Account  Account `json:"account"`
	URL      string  `json:"url,omitempty"`
	// Text is what the author wrote, verbatim, UTF-8. Spans of a verdict are
	// byte offsets into it.
	Text string `json:"text"`
	// Quoted is the text of others that the post quotes or shares.
	Quoted      string    `json:"quoted,omitempty"`
	InReplyTo   string    `json:"in_reply_to,omitempty"`
	Media       []Media   `json:"media,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	CollectedAt time.Time `json:"collected_at,omitzero"`
	// Source is the name of the collector's source that brought it.
	Source    string `json:"source,omitempty"`
	RawSHA256 string `json:"raw_sha256,omitempty"`
}

// Account is the account that posted, as the platform names it.
type Account struct {
	ID     string `json:"id"`
	Handle string `json:"handle,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Media is one attachment.
type Media struct {
	Type   string `json:"type"`
	URL    string `json:"url,omitempty"`
	Alt    string `json:"alt,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// Key is the Kafka key of the post: "platform:account id", so that the posts of
// one account stay in one partition, in order.
func (p *Post) Key() string { return AccountKey(p.Platform, p.Account.ID) }

// AccountKey joins a platform and an account id into the key by which an
// account is known everywhere.
func AccountKey(platform, accountID string) string { return platform + ":" + accountID }
