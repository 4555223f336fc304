package console

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
)

// loginView is what the login page shows.
type loginView struct {
	User   string
	Next   string
	Notice string // key of a text
	Error  string // a text
}

func (c *Console) loginPage(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	next := localPath(query.Get("next"))
	if of(r).user.ID != 0 {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	view := loginView{Next: next}
	switch {
	case query.Has("ended"):
		view.Notice = "login.ended"
	case query.Has("out"):
		view.Notice = "login.out"
	}
	return c.render(w, r, http.StatusOK, "login", view)
}

func (c *Console) login(w http.ResponseWriter, r *http.Request) error {
	name, password := strings.TrimSpace(r.PostForm.Get("user")), r.PostForm.Get("password")
	view := loginView{User: name, Next: localPath(r.PostForm.Get("next"))}
	words := c.pages.words(r)
	if name == "" || password == "" {
		view.Error = words.T("login.empty")
		return c.render(w, r, http.StatusUnprocessableEntity, "login", view)
	}
	address := c.clients.of(r)
	if wait := c.logins.wait(name, address); wait > 0 {
		c.metrics.logins.WithLabelValues("limited").Inc()
		seconds := int(math.Ceil(wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		view.Error = words.T("login.limited", "seconds", seconds)
		return c.render(w, r, http.StatusTooManyRequests, "login", view)
	}
	user, err := c.checkPassword(r, name, password)
	if errors.Is(err, state.ErrWrongLogin) {
		c.metrics.logins.WithLabelValues("wrong").Inc()
		c.logger.Warn("login refused", "request", of(r).id, "address", address)
		view.Error = words.T("login.wrong")
		return c.render(w, r, http.StatusUnauthorized, "login", view)
	}
	if err == nil {
		err = c.begin(r, user)
	}
	if err != nil {
		c.metrics.logins.WithLabelValues("error").Inc()
		return fmt.Errorf("log in: %w", err)
	}
	c.logins.succeeded(name, address)
	c.metrics.logins.WithLabelValues("ok").Inc()
	c.logger.Info("logged in", "request", of(r).id, "user", user.Name, "address", address)
	http.Redirect(w, r, view.Next, http.StatusSeeOther)
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
		strings.HasPrefix(u.Path, "//") || u.Path == "/login" || u.Path == "/logout" {
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
	if viewer.May(access.Read) {
		return "/posts"
	}
	return "/account"
}
