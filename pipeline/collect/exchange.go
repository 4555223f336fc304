package collect

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Exchange tells of the request by which something was fetched. It holds no
// credentials. Its JSON travels with the post and is kept as evidence.
type Exchange struct {
	// Address is what was asked for, without credentials.
	Address string `json:"address"`
	// Answered is where the answer came from, where redirects led elsewhere:
	// without its query.
	Answered string `json:"answered,omitempty"`
	// Status is that of the answer; 0 for what came by a stream.
	Status int `json:"status,omitempty"`
	// Headers are those of the answer that ExchangeHeaders lists.
	Headers map[string]string `json:"headers,omitempty"`
	TLS     *TLSExchange      `json:"tls,omitempty"`
	// FetchedAt is when the answer had come, by the clock of the machine that
	// asked, with its zone.
	FetchedAt time.Time `json:"fetched_at"`
	// Clock says how that clock was checked.
	Clock string `json:"clock,omitempty"`
	// By is what asked, such as "netra v1.2 collect mastodon".
	By string `json:"by"`
	// Credentials says that the request had credentials: not everybody may have
	// got this answer.
	Credentials bool `json:"credentials"`
}

// TLSExchange is the certificate that the server showed and that was checked.
type TLSExchange struct {
	Version string `json:"version"`
	// Certificate is the SHA-256 of the certificate, Subject and Issuer whose and
	// by whom it is.
	Certificate string    `json:"certificate_sha256"`
	Subject     string    `json:"subject"`
	Issuer      string    `json:"issuer"`
	NotAfter    time.Time `json:"not_after"`
}

// ExchangeHeaders are the headers of an answer that are kept. All others are left
// out: what a platform may put into them is not known.
var ExchangeHeaders = []string{
	"Age", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Length", "Content-Type", "Date", "Etag", "Expires",
	"Last-Modified", "Server", "Via", "X-Fb-Debug", "X-Fb-Trace-Id", "X-Request-Id", "X-Transaction-Id",
}

// mostHeaderBytes bounds one header.
const mostHeaderBytes = 256

// KeptHeaders returns what is kept of an answer's headers.
func KeptHeaders(header http.Header) map[string]string {
	kept := map[string]string{}
	for _, name := range ExchangeHeaders {
		if value := strings.ToValidUTF8(strings.Join(header.Values(name), ", "), "\uFFFD"); value != "" {
			kept[name] = strings.ToValidUTF8(value[:min(len(value), mostHeaderBytes)], "")
		}
	}
	return kept
}

// Redacted is an address without what may be a credential: a user, a fragment,
// and the values of parameters that are called like one.
func Redacted(u *url.URL) string {
	shown := *u
	shown.User, shown.Fragment, shown.RawFragment = nil, "", ""
	if shown.RawQuery == "" {
		return shown.String()
	}
	parts := strings.Split(shown.RawQuery, "&")
	for i, part := range parts {
		name, _, has := strings.Cut(part, "=")
		decoded, err := url.QueryUnescape(name)
		if has && (err != nil || secretName(decoded)) {
			parts[i] = name + "=" + hiddenValue
		}
	}
	shown.RawQuery = strings.Join(parts, "&")
	return shown.String()
}

const hiddenValue = "hidden"

// pagingNames are called like credentials and are none: they lead to a page.
var pagingNames = []string{"pagetoken", "page_token", "pagination_token", "next_token", "__paging_token"}

func secretName(name string) bool {
	name = strings.ToLower(name)
	if slices.Contains(pagingNames, name) {
		return false
	}
	for _, like := range []string{"token", "key", "secret", "pass", "pwd", "auth", "credential", "session", "proof", "jwt", "signature", "code"} {
		if strings.Contains(name, like) {
			return true
		}
	}
	return name == "sig" || name == "hash" || name == "hmac" || name == "sid"
}

// Of sets how items were fetched where that was not said.
func (e *Exchange) Of(items []Item) []Item {
	for i := range items {
		if items[i].Exchange == nil {
			items[i].Exchange = e
		}
	}
	return items
}
