package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// Request is one question to a platform. Only GET is asked: nothing that Netra
// does changes anything on a platform.
type Request struct {
	// URL is absolute, or begins with a slash and is joined to the client's
	// base_url.
	URL   string
	Query url.Values
	// Header holds further headers, such as If-None-Match.
	Header http.Header
	// Authorize adds credentials to the request; it may be nil. What it adds goes
	// to the host that is asked only: with it, redirects to another host are
	// refused. It is in no log and no error.
	Authorize func(*http.Request) error
	// Units is what the request costs of the daily quota; 0 stands for 1.
	Units int
	// ContentTypes are the media types of an acceptable answer, empty for any.
	ContentTypes []string
	// Limit reads the platform's budget from an answer's headers where it has
	// headers of its own; nil reads the common ones, see LimitOf.
	Limit func(header http.Header, now time.Time) collect.Limit
}

// Bearer is an Authorize that sends a token as OAuth 2.0 bearer tokens are sent
// (RFC 6750). The token is asked for at every request, so it may change; an
// empty one sends the request without.
func Bearer(token func() (string, error)) func(*http.Request) error {
	return func(request *http.Request) error { return setSecret(request, "Authorization", "Bearer ", token) }
}

// Key is an Authorize that sends a token as a header of the platform's own, such
// as X-Goog-Api-Key.
func Key(header string, token func() (string, error)) func(*http.Request) error {
	return func(request *http.Request) error { return setSecret(request, header, "", token) }
}

func setSecret(request *http.Request, header, before string, token func() (string, error)) error {
	value, err := token()
	if err != nil || value == "" {
		return err
	}
	request.Header.Set(header, before+value)
	return nil
}

// Ask waits until the sink's budget allows the request, asks, and tells the sink
// what the answer said of the budget.
func (c *Client) Ask(ctx context.Context, sink collect.Sink, r Request) (*Answer, error) {
	if err := sink.WaitFor(ctx, max(r.Units, 1)); err != nil {
		return nil, err
	}
	answer, err := c.Do(ctx, r)
	var status *StatusError
	switch {
	case answer != nil:
		sink.Limit(answer.Limit)
	case errors.As(err, &status):
		sink.Limit(status.Limit)
	}
	return answer, err
}

// AskJSON is Ask for an answer in JSON, which is decoded into into. An answer of
// 304 Not Modified leaves it as it is.
func (c *Client) AskJSON(ctx context.Context, sink collect.Sink, r Request, into any) (*Answer, error) {
	r.Header = withDefault(r.Header, "Accept", "application/json")
	answer, err := c.Ask(ctx, sink, r)
	if err != nil || answer.Status == http.StatusNotModified {
		return answer, err
	}
	return answer, answer.JSON(into)
}

func withDefault(header http.Header, key, value string) http.Header {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get(key) == "" {
		header.Set(key, value)
	}
	return header
}

// JSON decodes the answer's body. Its error is of KindMalformed and shows no
// more of the body than where it is wrong.
func (a *Answer) JSON(into any) error {
	err := json.Unmarshal(bytes.TrimPrefix(a.Body, []byte("\xef\xbb\xbf")), into)
	if err == nil {
		return nil
	}
	if kind := a.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
		return collect.Errorf(collect.KindMalformed, "%s answers with a page (%s) where JSON was asked for", a.URL.Host, kind)
	}
	return collect.Errorf(collect.KindMalformed, "answer of %s: %w", a.URL.Host, err)
}

// StatusError is an answer with another status than 200 and 304. It is inside
// the *collect.Error that Do returns, for platforms that say in the body what is
// wrong.
type StatusError struct {
	Status int
	Header http.Header
	Body   []byte
	Limit  collect.Limit
	host   string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answers %d %s", e.host, e.Status, http.StatusText(e.Status))
}

// JSON decodes the body of the error, false where it is not JSON of that form.
func (e *StatusError) JSON(into any) bool { return json.Unmarshal(e.Body, into) == nil }

// Status returns the StatusError inside err, nil where there is none.
func Status(err error) *StatusError {
	var status *StatusError
	if errors.As(err, &status) {
		return status
	}
	return nil
}

// authorized marks the context of a request that carries credentials.
type authorized struct{}

// asked is the address of a request as it may be told: as it was before any
// credentials were added. secret says that there were any.
type asked struct {
	text   string
	secret bool
}

// newRequest builds and checks the request.
func (c *Client) newRequest(ctx context.Context, r *Request) (*http.Request, asked, error) {
	address := r.URL
	if strings.HasPrefix(address, "/") {
		address = strings.TrimSuffix(c.cfg.BaseURL, "/") + address
	}
	if r.Authorize != nil {
		ctx = context.WithValue(ctx, authorized{}, true)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, asked{}, collect.Errorf(collect.KindRefused, "address: %w", withoutURL(err))
	}
	if err := c.checkURL(request.URL); err != nil {
		return nil, asked{}, collect.Errorf(collect.KindRefused, "%w", err)
	}
	if len(r.Query) > 0 {
		query := request.URL.Query()
		for key, values := range r.Query {
			query[key] = values
		}
		request.URL.RawQuery = query.Encode()
	}
	for key, values := range r.Header {
		request.Header[http.CanonicalHeaderKey(key)] = values
	}
	request.Header.Set("User-Agent", c.cfg.UserAgent)
	told, headers, query := asked{text: collect.Redacted(request.URL)}, len(request.Header), request.URL.RawQuery
	if r.Authorize != nil {
		if err := r.Authorize(request); err != nil {
			return nil, asked{}, collect.Errorf(collect.KindRefused, "credentials for %s: %w", request.URL.Host, err)
		}
	}
	told.secret = len(request.Header) != headers || request.URL.RawQuery != query || request.URL.User != nil
	return request, told, nil
}

// checkType refuses answers that are not of the types that were asked for.
func (a *Answer) checkType(allowed []string) error {
	if len(allowed) == 0 || a.Status != http.StatusOK {
		return nil
	}
	said := a.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(said)
	if err == nil && slices.Contains(allowed, kind) {
		return nil
	}
	return collect.Errorf(collect.KindMalformed, "%s answers with content type %q: allowed: %s", a.URL.Host, said, strings.Join(allowed, ", "))
}
