// Package graph asks Meta's Graph API for the sources of Facebook Pages,
// Instagram and Threads: credentials, versions, paging cursors, the errors that
// Meta puts into bodies, and the usage that it tells of in headers. It makes no
// posts; the packages facebook, instagram and threads do and call it.
package graph

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Client asks the Graph API for one source.
type Client struct {
	cfg       Configuration
	fetch     *fetch.Client
	token     *secret.Secret
	appSecret *secret.Secret
}

// New builds a client; cfg has been validated. It fails where the token is not
// there.
func New(source string, cfg Configuration, metrics *fetch.Metrics) (*Client, error) {
	token, err := cfg.Open()
	if err != nil {
		return nil, err
	}
	appSecret, err := secret.Open("app_secret", cfg.AppSecretEnv, cfg.AppSecretFile)
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, fetch: fetch.New(source, cfg.Fetch, metrics), token: token, appSecret: appSecret}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.fetch.Close() }

// Ask asks for a path below the version, decodes the answer, and tells how it was
// fetched.
func (c *Client) Ask(ctx context.Context, sink collect.Sink, path string, query url.Values, into any) (*collect.Exchange, error) {
	answer, err := c.fetch.Ask(ctx, sink, fetch.Request{
		URL: "/" + c.cfg.Version + path, Query: query, Authorize: c.authorize, Limit: limitOf,
		Header: http.Header{"Accept": {"application/json"}},
	})
	if err != nil {
		return nil, c.typed(err)
	}
	var inside struct {
		Error *apiError `json:"error"`
	}
	if err := answer.JSON(&inside); err != nil {
		return nil, err
	}
	if inside.Error != nil {
		return nil, c.apiError(inside.Error, answer.Header, nil)
	}
	return answer.Exchange, answer.JSON(into)
}

// authorize adds the credentials to a request.
func (c *Client) authorize(request *http.Request) error {
	token, err := c.token.Value()
	if err != nil {
		return err
	}
	query := request.URL.Query()
	if c.cfg.TokenIn == TokenInQuery {
		query.Set("access_token", token)
	} else {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if c.appSecret.Set() {
		value, err := c.appSecret.Value()
		if err != nil {
			return err
		}
		mac := hmac.New(sha256.New, []byte(value))
		mac.Write([]byte(token))
		query.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
	}
	request.URL.RawQuery = query.Encode()
	return nil
}

// Edge is a list of things with the cursors to go on.
type Edge struct {
	Data   piece.List `json:"data"`
	Paging Paging     `json:"paging"`
	// Exchange tells how it was fetched.
	Exchange *collect.Exchange `json:"-"`
}

// Check fails where an answer that should have a list has none.
func (e *Edge) Check() error {
	if e.Data == nil {
		return collect.Errorf(collect.KindMalformed, "the answer has no data")
	}
	return nil
}

// Paging says whether there is more. The addresses in it hold the token, so only
// the cursors are used.
type Paging struct {
	Cursors struct {
		After string `json:"after"`
	} `json:"cursors"`
	Next string `json:"next"`
}

// pagingKeys are the parameters that lead to the next page of edges that page by
// time.
var pagingKeys = []string{"after", "until", "__paging_token"}

// Token returns what leads to the next page, empty on the last one: the cursor,
// or for edges that page by time, of the address of the next page the parameters
// for it. Nothing else of that address is used.
func (p *Paging) Token() string {
	if p.Next == "" {
		return ""
	}
	if p.Cursors.After != "" {
		return p.Cursors.After
	}
	next, err := url.Parse(p.Next)
	if err != nil {
		return ""
	}
	keep := url.Values{}
	for _, key := range pagingKeys {
		if value := next.Query().Get(key); value != "" {
			keep.Set(key, value)
		}
	}
	if len(keep) == 0 {
		return ""
	}
	return "?" + keep.Encode()
}

// SetToken makes a query ask for the page of a token.
func SetToken(query url.Values, token string) {
	parameters, byTime := strings.CutPrefix(token, "?")
	if !byTime {
		query.Set("after", token)
		return
	}
	values, err := url.ParseQuery(parameters)
	if err != nil {
		return // cannot be: Token has made it
	}
	for _, key := range pagingKeys {
		if value := values.Get(key); value != "" {
			query.Set(key, value)
		}
	}
}

// Account says how accounts are swept.
func (c *Client) Account(owner collect.Account, page func(context.Context, sweep.Ask) (sweep.Page, error)) sweep.Listing {
	since := time.Now().Add(-c.cfg.History)
	if owner.From.After(since) {
		since = owner.From
	}
	return sweep.Listing{Page: page, Overlap: c.cfg.Recheck, Since: since, MostPages: c.cfg.MaxPages}
}

// Fields joins the fields that are asked for with the configured further ones.
func (c *Client) Fields(fields ...string) string {
	return strings.Join(append(fields, c.cfg.MoreFields...), ",")
}

// PageSize is how many posts are asked for at once.
func (c *Client) PageSize() int { return c.cfg.PageSize }

// Segment makes an id a part of a path, whatever it holds.
func Segment(id string) string { return "/" + url.PathEscape(strings.TrimSpace(id)) }

// Username returns the handle by which an account is asked for: the roster's, or
// its id where that is no number.
func Username(owner collect.Account) (string, error) {
	name := strings.TrimPrefix(strings.TrimSpace(owner.Handle), "@")
	if name == "" && strings.Trim(owner.ID, "0123456789") != "" {
		name = strings.TrimPrefix(strings.TrimSpace(owner.ID), "@")
	}
	if !usernameForm.MatchString(name) {
		return "", collect.Errorf(collect.KindRefused, "account %s: handle %q: allowed: the account's name on the platform in the roster's column handle", owner.ID, name)
	}
	return name, nil
}

// usernameForm is what Instagram and Threads allow. It is checked, since a name
// is asked for inside an expression.
var usernameForm = regexp.MustCompile(`^[A-Za-z0-9._]{1,30}$`)
