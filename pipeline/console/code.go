package console

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// The keys of a session whose password was right, but whose second factor is
// still to come.
const (
	sessionPending      = "pending"
	sessionPendingStamp = "pending_stamp"
	sessionPendingSince = "pending_since"
	sessionPendingNext  = "pending_next"
)

// codeWithin is how long somebody may take for the code.
const codeWithin = 5 * time.Minute

// codeView is what the page of the second factor shows.
type codeView struct {
	Error string
}

// askForCode remembers whose password was right, and asks for the second factor.
func (c *Console) askForCode(w http.ResponseWriter, r *http.Request, user state.User, next string) error {
	ctx := r.Context()
	if err := errors.Join(c.sessions.Clear(ctx), c.sessions.RenewToken(ctx)); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	c.sessions.Put(ctx, sessionPending, user.ID)
	c.sessions.Put(ctx, sessionPendingStamp, user.Stamp)
	c.sessions.Put(ctx, sessionPendingSince, c.deps.Now().Unix())
	c.sessions.Put(ctx, sessionPendingNext, next)
	http.Redirect(w, r, "/login/code", http.StatusSeeOther)
	return nil
}

// pending is the user whose second factor is awaited.
func (c *Console) pending(r *http.Request) (state.User, bool, error) {
	ctx := r.Context()
	id := c.sessions.GetInt64(ctx, sessionPending)
	since := time.Unix(c.sessions.GetInt64(ctx, sessionPendingSince), 0)
	if id == 0 || c.deps.Now().Sub(since) > codeWithin {
		return state.User{}, false, nil
	}
	user, err := c.state.User(ctx, id)
	if errors.Is(err, state.ErrNoUser) {
		return state.User{}, false, nil
	}
	ok := err == nil && !user.Disabled && !user.TOTPSince.IsZero() && user.Stamp == c.sessions.GetString(ctx, sessionPendingStamp)
	return user, ok, err
}

func (c *Console) codePage(w http.ResponseWriter, r *http.Request) error {
	_, ok, err := c.pending(r)
	if err != nil {
		return err
	}
	if !ok {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return nil
	}
	return c.render(w, r, http.StatusOK, "code", codeView{})
}

func (c *Console) code(w http.ResponseWriter, r *http.Request) error {
	user, ok, err := c.pending(r)
	if err != nil {
		return err
	}
	if !ok {
		http.Redirect(w, r, "/login?ended=1", http.StatusSeeOther)
		return nil
	}
	if wait := c.logins.waitForCode(user.Name); wait > 0 {
		return c.render(w, r, http.StatusTooManyRequests, "code", codeView{Error: c.limited(w, r, wait)})
	}
	err = c.state.CheckCode(r.Context(), user.ID, r.PostForm.Get("code"), func(tx *database.Tx, recovery bool) error {
		if !recovery {
			return nil
		}
		e := event(r, didRecovery, ofUser(user), nil)
		e.By = user.Viewer()
		return c.audit.Append(r.Context(), tx, e)
	})
	if errors.Is(err, state.ErrWrongCode) {
		c.metrics.logins.WithLabelValues("wrong").Inc()
		if err := c.audit.Tell(r.Context(), event(r, didLoginRefused, ofUser(user), map[string]string{"via": viaPassword, "why": "code"})); err != nil {
			return err
		}
		return c.render(w, r, http.StatusUnauthorized, "code", codeView{Error: c.pages.words(r).T("code.wrong")})
	}
	if err != nil {
		return fmt.Errorf("check a second factor: %w", err)
	}
	c.logins.codeSucceeded(user.Name)
	c.logins.succeeded(user.Name, c.clients.of(r))
	return c.enter(w, r, user, localPath(c.sessions.GetString(r.Context(), sessionPendingNext)), viaPassword)
}
