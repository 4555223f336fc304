package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/netra-id/netra/pipeline/post"
)

// MaxLinkBytes bounds a link.
const MaxLinkBytes = 4096

// Link is an address that somebody gave. It is never fetched.
type Link struct {
	// Text is the link as it was given, without what surrounds it.
	Text string
	// Key is the same for links that lead to the same post, as far as that can be
	// told without following them; empty for an empty link.
	Key string
	// Web says whether it is an address of the web.
	Web bool
	// Platform and ID are the post's where the link tells them, as the collectors
	// name it; Handle is the account's.
	Platform, ID, Handle string
}

// ParseLink reads a link. Whatever is no address of the web is kept as text.
func ParseLink(text string) Link {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	l := Link{Text: text}
	if text == "" {
		return l
	}
	u, ok := webAddress(text)
	if !ok {
		l.Key = sumOf("text", text)
		return l
	}
	l.Web = true
	l.Key = sumOf("link", l.read(u))
	return l
}

func sumOf(kind, text string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + text))
	return hex.EncodeToString(sum[:16])
}

func webAddress(text string) (*url.URL, bool) {
	if len(text) > MaxLinkBytes || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return nil, false
	}
	if !strings.Contains(text, "://") && bareAddress.MatchString(text) {
		text = "https://" + text // as people copy it
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	return u, true
}

var bareAddress = regexp.MustCompile(`^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+(/|$)`)

// sameHosts are names of one place.
var sameHosts = map[string]string{
	"twitter.com": "x.com", "fb.com": "facebook.com", "threads.net": "threads.com", "telegram.me": "t.me",
	"youtube-nocookie.com": "youtube.com",
}

// noise are parameters that say how somebody came to a link, not where it leads.
var noise = []string{
	"fbclid", "gclid", "igsh", "igshid", "mibextid", "si", "feature", "ref", "ref_src", "ref_url", "refsrc", "_rdr", "_rdc", "hl", "lang",
	"locale", "is_from_webapp", "sender_device", "sender_web_id", "share_id", "xmt", "slof", "rdid", "paipv", "eav", "app",
	"__cft__[0]", "__tn__", "__xts__[0]", "pp", "is_copy_url",
}

// read returns the address in the form that all links to the same post have.
func (l *Link) read(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, front := range []string{"www.", "m.", "mobile.", "web.", "mbasic.", "touch.", "id-id.", "old."} {
		host = strings.TrimPrefix(host, front)
	}
	if same, ok := sameHosts[host]; ok {
		host = same
	}
	path := strings.Trim(strings.ReplaceAll(u.Path, "//", "/"), "/")
	query := u.Query()
	for name := range query {
		if strings.HasPrefix(name, "utm_") || slices.Contains(noise, name) {
			query.Del(name)
		}
	}
	if known := l.platform(host, strings.Split(path, "/"), query); known != "" {
		return known
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host + "/" + path + "?" + query.Encode()
}

var number = regexp.MustCompile(`^[0-9]+$`)

// platform reads the addresses of the platforms that say which post they lead to;
// empty where this one does not.
func (l *Link) platform(host string, path []string, query url.Values) string {
	at := func(i int) string {
		if i < len(path) {
			return path[i]
		}
		return ""
	}
	switch host {
	case "x.com":
		l.Platform, l.Handle = "x", at(0)
		if at(1) == "status" && number.MatchString(at(2)) {
			return l.post(at(2))
		}
	case "youtu.be":
		l.Platform = "youtube"
		return l.post(at(0))
	case "youtube.com":
		l.Platform = "youtube"
		switch at(0) {
		case "watch":
			return l.post(query.Get("v"))
		case "shorts", "live", "embed":
			return l.post(at(1))
		case "channel", "c", "user":
			l.Handle = at(1)
		default:
			l.Handle = at(0)
		}
	case "t.me":
		l.Platform = "telegram"
		if at(0) == "s" {
			path = path[1:]
		}
		l.Handle = at(0)
		if number.MatchString(at(1)) {
			return l.post(strings.ToLower(at(0)) + "/" + at(1))
		}
	case "instagram.com":
		return l.instagram(path)
	case "tiktok.com":
		l.Platform, l.Handle = "tiktok", at(0)
		if (at(1) == "video" || at(1) == "photo") && number.MatchString(at(2)) {
			return l.post(at(2))
		}
	case "facebook.com":
		l.facebook(path)
	case "threads.com":
		l.Platform, l.Handle = "threads", at(0)
	case "bsky.app":
		l.Platform = "bluesky"
		if at(0) == "profile" {
			l.Handle = at(1)
		}
	case "vt.tiktok.com", "vm.tiktok.com":
		l.Platform = "tiktok" // which post it is, only they know
	case "fb.watch":
		l.Platform = "facebook"
	case "wa.me", "whatsapp.com", "chat.whatsapp.com":
		l.Platform = "whatsapp"
	default:
		if strings.HasPrefix(at(0), "@") && number.MatchString(at(1)) { // as Mastodon's are
			l.Platform, l.Handle = "mastodon", at(0)+"@"+host
			return l.post(host + "/" + at(1))
		}
	}
	return ""
}

func (l *Link) post(id string) string {
	if id == "" {
		return ""
	}
	l.ID = l.Platform + ":" + id
	return "post " + l.ID
}

// instagram reads /p/CODE, /reel/CODE and /NAME/p/CODE. The platform's interface
// names posts otherwise, so that this is an id of its own.
func (l *Link) instagram(path []string) string {
	l.Platform = "instagram"
	for i, part := range path {
		if (part == "p" || part == "reel" || part == "reels" || part == "tv") && i+1 < len(path) {
			if i == 1 {
				l.Handle = path[0]
			}
			return l.post("p/" + path[i+1])
		}
	}
	if path[0] == "stories" && len(path) > 1 {
		l.Handle = path[1]
		return ""
	}
	l.Handle = path[0]
	return ""
}

// facebook tells whose page it is where the address says so.
func (l *Link) facebook(path []string) {
	l.Platform = "facebook"
	switch path[0] {
	case "", "story.php", "permalink.php", "photo.php", "photo", "watch", "groups", "share", "reel", "profile.php", "events", "hashtag", "sharer":
	default:
		l.Handle = path[0]
	}
}

// postID is the id of a captured post.
func (l Link) postID(platform string, text string, account string) string {
	switch {
	case l.ID != "" && l.Platform == platform:
		return l.ID
	case l.Key != "":
		return platform + ":capture/" + l.Key
	default: // without a link the same words of the same account are the same post
		return platform + ":capture/" + sumOf("words", account+"\x00"+text)
	}
}

// Guess is the platform that a link is of, as far as it can be told.
func (l Link) Guess() string {
	if l.Platform == "" && l.Web {
		return "web"
	}
	if slices.Contains(post.Platforms, l.Platform) {
		return l.Platform
	}
	return ""
}
