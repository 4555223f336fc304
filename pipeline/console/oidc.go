package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The keys of a session that is on its way through the provider.
const (
	sessionOIDCState    = "oidc_state"
	sessionOIDCNonce    = "oidc_nonce"
	sessionOIDCVerifier = "oidc_verifier"
	sessionOIDCNext     = "oidc_next"
	sessionOIDCSince    = "oidc_since"
)

const (
	// providerWithin bounds each question to the provider.
	providerWithin = 10 * time.Second
	// oidcWithin is how long somebody may take at the provider.
	oidcWithin = 10 * time.Minute
	// mostAnswerBytes bounds what is read of a provider's answer.
	mostAnswerBytes = 1 << 20
)

var errNoProvider = errors.New("the provider of logins does not answer")

// provider is where people log in by OpenID Connect: authorization code with
// PKCE (RFC 7636), state and nonce.
type provider struct {
	config   OIDCConfiguration
	redirect string
	client   *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier // nil before the discovery
	oauth    oauth2.Config
}

func newProvider(config Configuration) *provider {
	return &provider{
		config: config.OIDC, redirect: strings.TrimSuffix(config.PublicURL, "/") + "/login/oidc/callback",
		client: &http.Client{Timeout: providerWithin, Transport: bounded{http.DefaultTransport}},
	}
}

// bounded cuts off answers that are too long.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, mostAnswerBytes)
	}
	return response, err
}

// discover asks the provider for its addresses, once it answers. Its keys are
// fetched, and fetched anew, by the verifier.
func (p *provider) discover(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verifier != nil {
		return nil
	}
	// The provider keeps this context for its later questions.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.config.Issuer)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoProvider, err)
	}
	p.oauth = oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: p.redirect, Scopes: p.config.Scopes,
	}
	p.verifier = found.Verifier(&oidc.Config{ClientID: p.config.ClientID})
	return nil
}

// identity is what the provider says of a person.
type identity struct {
	subject string // issuer and subject
	claims  map[string]any
}

// exchange gives the code back for the provider's word on who it is.
func (p *provider) exchange(ctx context.Context, code, verifier, nonce string) (identity, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), 2*providerWithin)
	defer cancel()
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return identity{}, fmt.Errorf("exchange the code: %w", withoutBody(err))
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return identity{}, errors.New("the provider gave no ID token")
	}
	verified, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return identity{}, fmt.Errorf("verify the ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(nonce)) != 1 {
		return identity{}, errors.New("the ID token is of another login: its nonce is not ours")
	}
	who := identity{subject: verified.Issuer + " " + verified.Subject}
	if err := verified.Claims(&who.claims); err != nil {
		return identity{}, fmt.Errorf("read the ID token: %w", err)
	}
	return who, nil
}

// withoutBody leaves the provider's answer out of an error, which may hold what
// it was asked with.
func withoutBody(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("the provider answers %d %s", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}

// oidcStart sends somebody to the provider.
func (c *Console) oidcStart(w http.ResponseWriter, r *http.Request) error {
	if c.oidc == nil {
		return failure{status: http.StatusNotFound}
	}
	if err := c.oidc.discover(r.Context()); err != nil {
		c.metrics.logins.WithLabelValues("error").Inc()
		return failure{status: http.StatusServiceUnavailable, key: "provider", cause: err}
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	ctx := r.Context()
	c.sessions.Put(ctx, sessionOIDCState, state)
	c.sessions.Put(ctx, sessionOIDCNonce, nonce)
	c.sessions.Put(ctx, sessionOIDCVerifier, verifier)
	c.sessions.Put(ctx, sessionOIDCNext, localPath(r.URL.Query().Get("next")))
	c.sessions.Put(ctx, sessionOIDCSince, c.deps.Now().Unix())
	http.Redirect(w, r, c.oidc.oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	return nil
}

// oidcCallback is where the provider sends them back to.
func (c *Console) oidcCallback(w http.ResponseWriter, r *http.Request) error {
	if c.oidc == nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, query := r.Context(), r.URL.Query()
	state, nonce := c.sessions.PopString(ctx, sessionOIDCState), c.sessions.PopString(ctx, sessionOIDCNonce)
	verifier, next := c.sessions.PopString(ctx, sessionOIDCVerifier), c.sessions.PopString(ctx, sessionOIDCNext)
	since := time.Unix(c.sessions.GetInt64(ctx, sessionOIDCSince), 0)
	switch {
	case state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(query.Get("state"))) != 1 || c.deps.Now().Sub(since) > oidcWithin:
		return c.oidcRefused(w, r, "state", errors.New("the answer does not belong to a login of this browser"))
	case query.Get("error") != "":
		return c.oidcRefused(w, r, "provider", fmt.Errorf("the provider says %q", short(query.Get("error"), mostWordBytes)))
	}
	if err := c.oidc.discover(ctx); err != nil {
		return failure{status: http.StatusServiceUnavailable, key: "provider", cause: err}
	}
	who, err := c.oidc.exchange(ctx, query.Get("code"), verifier, nonce)
	if err != nil {
		return c.oidcRefused(w, r, "token", err)
	}
	user, err := c.admit(r, who)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return c.oidcRefused(w, r, refused.why, err)
	case err != nil:
		return err
	}
	return c.enter(w, r, user, localPath(next), viaOIDC)
}

// oidcRefused leads back to the login, with the reason in words.
func (c *Console) oidcRefused(w http.ResponseWriter, r *http.Request, why string, cause error) error {
	c.metrics.logins.WithLabelValues("refused").Inc()
	c.logger.Warn("login by OpenID Connect refused", "request", of(r).id, "why", why, "error", cause)
	if err := c.audit.Tell(r.Context(), event(r, didLoginRefused, subjectOfNobody, map[string]string{"via": viaOIDC, "why": why})); err != nil {
		return err
	}
	http.Redirect(w, r, (&url.URL{Path: "/login", RawQuery: url.Values{"refused": {why}}.Encode()}).String(), http.StatusSeeOther)
	return nil
}
