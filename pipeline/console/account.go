package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// accountView is a person's own page.
type accountView struct {
	Facts       []fieldView
	HasPassword bool
	HasTOTP     bool
	Sessions    []sessionView
	Done        string // key of a text
}

// sessionView is one place where somebody is logged in.
type sessionView struct {
	ID      string
	Agent   string
	Address string
	Since   timeView
	Seen    timeView
	Current bool
}

// dones are the things that a page can say were done.
var dones = map[string]bool{"password": true, "totp": true, "sessions": true, "token": true, "saved": true, "verified": true}

// done is the key of the words for what the page before did.
func done(r *http.Request) string {
	if what := r.URL.Query().Get("done"); dones[what] {
		return "done." + what
	}
	return ""
}

func (c *Console) account(w http.ResponseWriter, r *http.Request) error {
	user, see := of(r).user, c.viewer(r)
	sessions, err := c.sessionViews(r, user.ID)
	if err != nil {
		return err
	}
	view := accountView{HasPassword: user.HasPassword, HasTOTP: !user.TOTPSince.IsZero(), Sessions: sessions, Done: done(r)}
	t := see.words.T
	view.Facts = []fieldView{
		{Title: t("people.name"), Text: user.Name}, {Title: t("people.display_name"), Text: user.Shown()},
		{Title: t("people.role"), Text: t("role." + string(user.Role))}, {Title: t("people.regions"), Text: see.regionNames(user.Regions)},
		{Title: t("account.actions"), Text: see.actions(user.Role)},
		{Title: t("people.totp"), Text: see.since("account.totp.on", "account.totp.off", user.TOTPSince)},
	}
	return c.render(w, r, http.StatusOK, "account", view)
}

func (c *Console) sessionViews(r *http.Request, user int64) ([]sessionView, error) {
	all, err := c.purge.Of(r.Context(), user)
	if err != nil {
		return nil, err
	}
	see, own := c.viewer(r), c.sessionID(r)
	views := make([]sessionView, len(all))
	for i, s := range all {
		views[i] = sessionView{ID: s.ID, Agent: agentName(s.Agent), Address: s.Address, Since: see.time(s.CreatedAt), Seen: see.time(s.SeenAt), Current: s.ID == own}
	}
	return views, nil
}

func (c *Console) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	return c.endingSessions(w, r, of(r).user, "/account?done=sessions", func(tx *database.Tx) (int64, error) {
		return c.state.EndSessions(r.Context(), tx, of(r).user.ID, c.sessionID(r))
	})
}

func (c *Console) endOwnSession(w http.ResponseWriter, r *http.Request) error {
	return c.endingSessions(w, r, of(r).user, "/account?done=sessions", func(tx *database.Tx) (int64, error) {
		return c.state.EndSession(r.Context(), tx, of(r).user.ID, r.PathValue("session"))
	})
}

// endingSessions ends sessions of a person and records how many.
func (c *Console) endingSessions(w http.ResponseWriter, r *http.Request, user state.User, next string, end func(*database.Tx) (int64, error)) error {
	err := c.db.Write(r.Context(), func(tx *database.Tx) error {
		n, err := end(tx)
		if err != nil || n == 0 {
			return err
		}
		return c.recorded(r, didEndSessions, ofUser(user), count(n))(tx)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// passwordView is the page on which a person chooses a password.
type passwordView struct {
	Must        bool
	Error       string
	Least, Most int
}

func (c *Console) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return c.passwordForm(w, r, http.StatusOK, "")
}

func (c *Console) passwordForm(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	user := of(r).user
	if !user.HasPassword {
		return failure{status: http.StatusNotFound}
	}
	view := passwordView{Must: user.MustChange, Least: state.MinPassword, Most: state.MaxPassword}
	if problem != "" {
		view.Error = c.pages.words(r).T(problem, "least", state.MinPassword, "most", state.MaxPassword)
	}
	return c.render(w, r, status, "password", view)
}

// changePassword asks for the old password: an open browser is not enough.
func (c *Console) changePassword(w http.ResponseWriter, r *http.Request) error {
	user, form := of(r).user, r.PostForm
	if !user.HasPassword {
		return failure{status: http.StatusNotFound}
	}
	if form.Get("new") != form.Get("again") {
		return c.passwordForm(w, r, http.StatusUnprocessableEntity, "password.differ")
	}
	if form.Get("new") == form.Get("old") {
		return c.passwordForm(w, r, http.StatusUnprocessableEntity, "password.same")
	}
	ok, err := c.confirmed(w, r, form.Get("old"), func(status int, problem string) error { return c.passwordForm(w, r, status, problem) })
	if !ok || err != nil {
		return err
	}
	err = c.state.SetPassword(r.Context(), user.Name, form.Get("new"), false, c.recorded(r, didPassword, ofUser(user), nil))
	if problem := weakness(err); problem != "" {
		return c.passwordForm(w, r, http.StatusUnprocessableEntity, problem)
	}
	if err != nil {
		return err
	}
	// The stamp changed, which ends all sessions; this one begins anew.
	fresh, err := c.state.User(r.Context(), user.ID)
	if err != nil {
		return err
	}
	if err := c.begin(r, fresh, of(r).via); err != nil {
		return err
	}
	http.Redirect(w, r, "/account?done=password", http.StatusSeeOther)
	return nil
}

// confirmed says whether a person's password is right, within the limits of the
// login; where it is not, refuse answers.
func (c *Console) confirmed(w http.ResponseWriter, r *http.Request, password string, refuse func(status int, problem string) error) (bool, error) {
	user, address := of(r).user, c.clients.of(r)
	if wait := c.logins.wait(user.Name, address); wait > 0 {
		_ = c.limited(w, r, wait) // it sets Retry-After
		return false, refuse(http.StatusTooManyRequests, "password.limited")
	}
	_, err := c.checkPassword(r, user.Name, password)
	if errors.Is(err, state.ErrWrongLogin) {
		return false, refuse(http.StatusUnprocessableEntity, "password.wrong")
	}
	if err != nil {
		return false, err
	}
	c.logins.succeeded(user.Name, address)
	return true, nil
}

// weakness is the key of the words for why a password is refused, or empty.
func weakness(err error) string {
	switch {
	case errors.Is(err, state.ErrPasswordLength):
		return "password.length"
	case errors.Is(err, state.ErrPasswordName):
		return "password.name"
	case errors.Is(err, state.ErrPasswordCommon):
		return "password.common"
	}
	return ""
}

// since says since when something is so, or that it is not.
func (v viewer) since(on, off string, t time.Time) string {
	if t.IsZero() {
		return v.words.T(off)
	}
	return v.words.T(on, "date", v.words.Date(t.In(v.zone)))
}

// actions says in words what a role may do.
func (v viewer) actions(role access.Role) string {
	return v.list(actionsOf(role), func(action string) string { return v.words.T("action." + action) })
}

func actionsOf(role access.Role) []string {
	actions := []string{}
	for _, action := range access.Actions {
		if role.May(action) {
			actions = append(actions, string(action))
		}
	}
	return actions
}
