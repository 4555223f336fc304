package console

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// The ways by which a request is somebody's.
const (
	viaPassword = "password"
	viaOIDC     = "oidc"
	viaToken    = "token"
)

// loginView is what the login page shows.
type loginView struct {
	User   string
	Next   string
	Notice string // key of a text
	Error  string // a text
	// SSO is the name of the provider of logins, SSOURL leads to it.
	SSO, SSOURL string
}

// refusals are the reasons that the login page has words for.
var refusals = []string{"state", "provider", "token", "role", "region", "taken", "last", "disabled"}

func (c *Console) newLoginView(user, next string) loginView {
	view := loginView{User: user, Next: localPath(next)}
	if c.oidc != nil {
		view.SSO = c.config.OIDC.Name
		view.SSOURL = (&url.URL{Path: "/login/oidc", RawQuery: url.Values{"next": {view.Next}}.Encode()}).String()
	}
	return view
}

func (c *Console) loginPage(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	view := c.newLoginView("", query.Get("next"))
	if of(r).user.ID != 0 {
		http.Redirect(w, r, view.Next, http.StatusSeeOther)
		return nil
	}
	switch why := query.Get("refused"); {
	case slices.Contains(refusals, why):
		view.Error = c.pages.words(r).T("login.refused." + why)
	case query.Has("ended"):
		view.Notice = "login.ended"
	case query.Has("out"):
		view.Notice = "login.out"
	}
	return c.render(w, r, http.StatusOK, "login", view)
}

func (c *Console) login(w http.ResponseWriter, r *http.Request) error {
	name, password := strings.TrimSpace(r.PostForm.Get("user")), r.PostForm.Get("password")
	view := c.newLoginView(name, r.PostForm.Get("next"))
	words := c.pages.words(r)
	if name == "" || password == "" {
		view.Error = words.T("login.empty")
		return c.render(w, r, http.StatusUnprocessableEntity, "login", view)
	}
	address := c.clients.of(r)
	if wait := c.logins.wait(name, address); wait > 0 {
		view.Error = c.limited(w, r, wait)
		return c.render(w, r, http.StatusTooManyRequests, "login", view)
	}
	user, err := c.checkPassword(r, name, password)
	switch {
	case errors.Is(err, state.ErrWrongLogin):
		view.Error = words.T("login.wrong")
		return c.loginRefused(w, r, view, "password")
	case errors.Is(err, state.ErrDisabled):
		view.Error = words.T("login.refused.disabled")
		return c.loginRefused(w, r, view, "disabled")
	case err != nil:
		c.metrics.logins.WithLabelValues("error").Inc()
		return fmt.Errorf("log in: %w", err)
	}
	if !user.TOTPSince.IsZero() {
		return c.askForCode(w, r, user, view.Next)
	}
	c.logins.succeeded(name, address)
	return c.enter(w, r, user, view.Next, viaPassword)
}

// limited says how long somebody has to wait who tried too often.
func (c *Console) limited(w http.ResponseWriter, r *http.Request, wait time.Duration) string {
	c.metrics.logins.WithLabelValues("limited").Inc()
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return c.pages.words(r).T("login.limited", "seconds", seconds)
}

// loginRefused records an attempt that failed. A name that is nobody's is not
// kept: people type passwords into the wrong field.
func (c *Console) loginRefused(w http.ResponseWriter, r *http.Request, view loginView, why string) error {
	c.metrics.logins.WithLabelValues("wrong").Inc()
	c.logger.Warn("login refused", "request", of(r).id, "address", c.clients.of(r))
	subject := subjectOfNobody
	if user, err := c.state.UserNamed(r.Context(), view.User); err == nil {
		subject = ofUser(user)
	}
	if err := c.audit.Tell(r.Context(), event(r, didLoginRefused, subject, map[string]string{"via": viaPassword, "why": why})); err != nil {
		return err
	}
	return c.render(w, r, http.StatusUnauthorized, "login", view)
}

// enter logs somebody in who has proven who they are, and leads on.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, user state.User, next, via string) error {
	err := c.db.Write(r.Context(), func(tx *database.Tx) error {
		e := event(r, didLogin, ofUser(user), map[string]string{"via": via})
		e.By = user.Viewer()
		return errors.Join(c.state.LoggedIn(r.Context(), tx, user.ID), c.audit.Append(r.Context(), tx, e))
	})
	if err == nil {
		err = c.begin(r, user, via)
	}
	if err != nil {
		c.metrics.logins.WithLabelValues("error").Inc()
		return fmt.Errorf("log in: %w", err)
	}
	c.metrics.logins.WithLabelValues("ok").Inc()
	c.logger.Info("logged in", "request", of(r).id, "user", user.Name, "via", via, "address", c.clients.of(r))
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// checkPassword compares at most a few passwords at a time: each takes a lot of
// memory by intent.
func (c *Console) checkPassword(r *http.Request, name, password string) (state.User, error) {
	select {
	case c.logins.hashing <- struct{}{}:
	case <-r.Context().Done():
		return state.User{}, r.Context().Err()
	}
	defer func() { <-c.logins.hashing }()
	return c.state.Login(r.Context(), name, password)
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request) error {
	if err := c.audit.Tell(r.Context(), event(r, didLogout, ofUser(of(r).user), nil)); err != nil {
		return err
	}
	if err := c.sessions.Destroy(r.Context()); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	c.logger.Info("logged out", "request", of(r).id, "user", of(r).user.Name)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/login?out=1", http.StatusSeeOther)
	return nil
}

// localPath returns a path of this console, never another site's address.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") ||
		strings.HasPrefix(u.Path, "//") || u.Path == "/login" || strings.HasPrefix(u.Path, "/login/") || u.Path == "/logout" {
		return "/"
	}
	return u.RequestURI()
}

// home leads to the page with which a role's day begins.
func (c *Console) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, beginning(of(r).viewer), http.StatusSeeOther)
	return nil
}

func beginning(viewer access.Viewer) string {
	switch {
	case viewer.May(access.Read):
		return "/queue"
	case viewer.May(access.Administer):
		return "/people"
	}
	return "/account"
}
