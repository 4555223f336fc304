package collect

import (
	"net/url"
	"slices"
	"strings"
)

// accountName is what a person calls an account by: its id, its handle or its
// address, reduced to what they have in common.
type accountName struct {
	// platform is empty where the name does not tell it.
	platform string
	// name is without @ and in small letters; for Mastodon it is name@domain.
	name string
}

// platformHosts are the hosts of the addresses of accounts. Every other host is
// taken for an instance of Mastodon where the address is of its form.
var platformHosts = map[string]string{
	"t.me": "telegram", "telegram.me": "telegram", "bsky.app": "bluesky", "youtube.com": "youtube", "instagram.com": "instagram",
	"threads.net": "threads", "threads.com": "threads", "x.com": "x", "twitter.com": "x", "facebook.com": "facebook", "fb.com": "facebook",
	"tiktok.com": "tiktok",
}

// readAccountName reads an id, a handle, or an address such as
// https://t.me/humas_budi or bsky.app/profile/budi.example.
func readAccountName(text string) accountName {
	text = strings.TrimSpace(text)
	address := text
	if !strings.Contains(address, "://") {
		host, _, found := strings.Cut(address, "/")
		if !found || !strings.Contains(host, ".") {
			return accountName{name: plainName(text)}
		}
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return accountName{name: plainName(text)}
	}
	host := strings.ToLower(u.Hostname())
	for _, before := range []string{"www.", "m.", "mobile.", "web."} {
		host = strings.TrimPrefix(host, before)
	}
	segments := slices.DeleteFunc(strings.Split(u.Path, "/"), func(s string) bool { return s == "" })
	platform, known := platformHosts[host]
	switch {
	case known && u.Query().Get("id") != "":
		return accountName{platform, plainName(u.Query().Get("id"))} // facebook.com/profile.php?id=
	case known:
		if len(segments) > 1 && slices.Contains([]string{"s", "profile", "channel", "c", "user"}, segments[0]) {
			segments = segments[1:]
		}
		if len(segments) > 0 {
			return accountName{platform, plainName(segments[0])}
		}
	case len(segments) == 1 && strings.HasPrefix(segments[0], "@"):
		name := plainName(segments[0])
		if !strings.Contains(name, "@") {
			name += "@" + host
		}
		return accountName{"mastodon", name}
	}
	return accountName{name: plainName(text)}
}

func plainName(s string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "@"))
}

// isAccount says whether the target is the account that somebody has named.
func isAccount(t *Target, name string) bool {
	platform, id, _ := strings.Cut(t.Account, ":")
	if t.ID == name || t.Account == name || id == name || t.Owner.ID == name {
		return name != ""
	}
	wanted := readAccountName(name)
	if wanted.name == "" || wanted.platform != "" && platform != "" && wanted.platform != platform {
		return false
	}
	// A name that is only an id was compared above, as it is: of some platforms
	// ids have capital letters.
	for _, own := range []string{t.Owner.Handle, t.ID, t.Owner.ID} {
		has := readAccountName(own)
		if has.name == wanted.name && (own == t.Owner.Handle || wanted.platform != "" || has.platform != "") {
			return true
		}
	}
	return false
}
