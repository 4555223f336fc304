package console

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/netra-id/netra/pipeline/console/state"
)

// The keys of a session, beside those of which state keeps columns.
const (
	sessionUser  = state.SessionUser
	sessionStamp = "stamp"
	sessionVia   = "via"
)

func (c *Console) newSessions() *scs.SessionManager {
	manager := scs.New()
	manager.Store = c.purge
	manager.Codec = state.Codec{}
	manager.IdleTimeout = c.config.Session.Idle
	manager.Lifetime = c.config.Session.Lifetime
	manager.HashTokenInStore = true
	manager.Cookie.Name = "netra_session"
	if c.config.secure() {
		manager.Cookie.Name = "__Host-netra_session"
	}
	manager.Cookie.Secure = c.config.secure()
	manager.Cookie.HttpOnly = true
	// Lax, so that a link to a post in a mail opens it; forms have their proof.
	manager.Cookie.SameSite = http.SameSiteLaxMode
	manager.Cookie.Persist = false
	manager.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			return // the reader has gone
		}
		c.metrics.errors.WithLabelValues("session").Inc()
		c.logger.Error("a session cannot be read or written", "request", of(r).id, "error", err)
		c.errorPage(w, r, failure{status: http.StatusInternalServerError})
	}
	return manager
}

// mostAgentBytes of what a browser says of itself are kept.
const mostAgentBytes = 200

// begin logs the user in under a new session, so that a token known before is
// worth nothing.
func (c *Console) begin(r *http.Request, user state.User, via string) error {
	if err := c.sessions.Clear(r.Context()); err != nil {
		return err
	}
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionUser, user.ID)
	c.sessions.Put(r.Context(), sessionStamp, user.Stamp)
	c.sessions.Put(r.Context(), sessionVia, via)
	c.sessions.Put(r.Context(), state.SessionAddress, c.clients.of(r))
	c.sessions.Put(r.Context(), state.SessionAgent, short(r.UserAgent(), mostAgentBytes))
	return nil
}

// sessionID is the ID of the session to which the request belongs.
func (c *Console) sessionID(r *http.Request) string {
	sum := sha256.Sum256([]byte(c.sessions.Token(r.Context())))
	return state.SessionID(base64.RawURLEncoding.EncodeToString(sum[:])) // as scs hashes it
}
