// Package fetch asks web servers for the collectors, safely: only configured
// hosts, no internal addresses, no redirects to either, bounded time and size,
// and failures as the kinds of errors on which the scheduler decides. It knows
// no platform; the packages of the platforms call it.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/version"
)

// Client asks for one source.
type Client struct {
	source  string
	cfg     Configuration
	http    *http.Client
	metrics *Metrics

	mu    sync.Mutex
	hosts map[string]chan struct{} // a place for each request that a host may have at once
}

// Answer is what a server said. A status other than 200 and 304 is an error
// instead.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// URL is where the answer came from, after redirects.
	URL *url.URL
	// Limit is what the answer said of the platform's budget.
	Limit collect.Limit
	// Exchange tells how it was fetched, without credentials.
	Exchange *collect.Exchange
}

const mostRedirects = 5

// New builds a client for the source of the given name.
func New(source string, cfg Configuration, metrics *Metrics) *Client {
	dialer := &net.Dialer{Timeout: min(cfg.Timeout, 10*time.Second), KeepAlive: 30 * time.Second}
	if !cfg.AllowPrivate {
		dialer.Control = onlyPublic
	}
	if base, err := url.Parse(cfg.BaseURL); err == nil && base.Hostname() != "" {
		cfg.Hosts = append(slices.Clone(cfg.Hosts), base.Hostname())
	}
	c := &Client{source: source, cfg: cfg, metrics: metrics, hosts: map[string]chan struct{}{}}
	c.http = &http.Client{
		Timeout:       cfg.Timeout,
		CheckRedirect: c.checkRedirect,
		// No proxy: behind one, onlyPublic would see the proxy's address only.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}
	return c
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get asks for an address, with further headers that may be nil.
func (c *Client) Get(ctx context.Context, address string, header http.Header) (*Answer, error) {
	return c.Do(ctx, Request{URL: address, Header: header})
}

// Do asks. Its error is a *collect.Error, with a *StatusError inside where the
// server answered with another status than 200 and 304. It waits for no budget;
// Ask does.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	request, address, err := c.newRequest(ctx, &r)
	if err != nil {
		return nil, err
	}
	leave, err := c.enter(ctx, request.URL.Host)
	if err != nil {
		return nil, err
	}
	defer leave()
	start := time.Now()
	answer, err := c.do(request)
	code := "error"
	if answer != nil {
		code = strconv.Itoa(answer.Status)
		c.metrics.bytes.WithLabelValues(c.source).Add(float64(len(answer.Body)))
	}
	c.metrics.requests.WithLabelValues(c.source, code).Observe(time.Since(start).Seconds())
	if err != nil {
		return nil, c.typed(ctx, err)
	}
	readLimit := r.Limit
	if readLimit == nil {
		readLimit = LimitOf
	}
	answer.Limit = readLimit(answer.Header, time.Now())
	if answer.Status != http.StatusOK && answer.Status != http.StatusNotModified {
		return nil, statusError(answer, time.Now())
	}
	if err := answer.checkType(r.ContentTypes); err != nil {
		return nil, err
	}
	answer.Exchange.Address, answer.Exchange.By = address.text, "netra "+version.Version+" collect "+c.source
	answer.Exchange.Credentials = address.secret
	if answer.URL.Host != request.URL.Host || answer.URL.Path != request.URL.Path {
		answer.Exchange.Answered = (&url.URL{Scheme: answer.URL.Scheme, Host: answer.URL.Host, Path: answer.URL.Path}).String()
	}
	return answer, nil
}

// enter waits for one of the places that the host has, which leave gives back.
func (c *Client) enter(ctx context.Context, host string) (leave func(), err error) {
	if c.cfg.PerHost <= 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	places, ok := c.hosts[host]
	if !ok {
		places = make(chan struct{}, c.cfg.PerHost)
		c.hosts[host] = places
	}
	c.mu.Unlock()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Client) do(request *http.Request) (_ *Answer, err error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, collect.Errorf(collect.KindMalformed, "answer of %s is packed with %q: allowed: gzip", request.URL.Host, encoding)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.cfg.MaxBodyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", request.URL.Host, err)
	}
	if int64(len(body)) > c.cfg.MaxBodyBytes {
		return nil, collect.Errorf(collect.KindMalformed, "answer of %s is too long: allowed: at most %d bytes", request.URL.Host, c.cfg.MaxBodyBytes)
	}
	return &Answer{
		Status: response.StatusCode, Header: response.Header, Body: body, URL: response.Request.URL, Exchange: ExchangeOf(response),
	}, nil
}

// withoutURL takes the address out of an error of net/http and net/url: its
// query may hold a token.
func withoutURL(err error) error {
	var wrapped *url.Error
	if !errors.As(err, &wrapped) {
		return err
	}
	host := ""
	if u, parseErr := url.Parse(wrapped.URL); parseErr == nil {
		host = " " + u.Host
	}
	return fmt.Errorf("%s%s: %w", strings.ToLower(wrapped.Op), host, wrapped.Err)
}

// refused is an address that our own rules do not allow.
type refused struct{ reason string }

func (e *refused) Error() string { return e.reason }

func (c *Client) checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return &refused{fmt.Sprintf("address with scheme %q and host %q: allowed: http and https", u.Scheme, u.Host)}
	}
	if !c.hostAllowed(u.Hostname()) {
		return &refused{fmt.Sprintf("host %q is not configured: allowed: %s", u.Hostname(), strings.Join(c.cfg.Hosts, ", "))}
	}
	return nil
}

func (c *Client) hostAllowed(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, allowed := range c.cfg.Hosts {
		allowed = strings.ToLower(allowed)
		if host == strings.TrimPrefix(allowed, ".") || strings.HasPrefix(allowed, ".") && strings.HasSuffix(host, allowed) {
			return true
		}
	}
	return false
}

func (c *Client) checkRedirect(request *http.Request, via []*http.Request) error {
	request.Header.Del("Referer") // it would hand the query on
	if request.Context().Value(authorized{}) != nil && request.URL.Host != via[0].URL.Host {
		return &refused{fmt.Sprintf("redirect to %q of a request with credentials: allowed: %s", request.URL.Host, via[0].URL.Host)}
	}
	if len(via) > mostRedirects {
		return &refused{fmt.Sprintf("more than %d redirects", mostRedirects)}
	}
	if via[len(via)-1].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return &refused{"redirect from https to " + request.URL.Scheme}
	}
	if err := c.checkURL(request.URL); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	return nil
}

// typed gives an error of the transport its kind.
func (c *Client) typed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	var already *collect.Error
	if errors.As(err, &already) {
		return already
	}
	var address *AddressError
	var rule *refused
	if errors.As(err, &address) || errors.As(err, &rule) {
		return collect.Errorf(collect.KindRefused, "%w", err)
	}
	return collect.Errorf(collect.KindTemporary, "%w", err)
}

// statusError gives a status its kind.
func statusError(answer *Answer, now time.Time) error {
	status := &StatusError{Status: answer.Status, Header: answer.Header, Body: answer.Body, Limit: answer.Limit, host: answer.URL.Host}
	e := &collect.Error{Kind: collect.KindRefused, Err: status}
	switch code := answer.Status; {
	case code == http.StatusTooManyRequests:
		e.Kind, e.RetryAfter = collect.KindRateLimited, retryAfter(answer.Header, now)
		if e.RetryAfter == 0 && !answer.Limit.Reset.IsZero() {
			e.RetryAfter = max(answer.Limit.Reset.Sub(now), 0)
		}
	case code == http.StatusGone:
		e.Kind = collect.KindGone
	case code >= 500, code == http.StatusNotFound, code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		// 404 is what a server says, too, while it is being moved or repaired.
		e.Kind, e.RetryAfter = collect.KindTemporary, retryAfter(answer.Header, now)
	}
	return e
}

// retryAfter reads the header Retry-After, seconds or a date (RFC 9110), up to
// a day; 0 where there is none.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	const most = 24 * time.Hour
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), most)
	}
	return 0
}
