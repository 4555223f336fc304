package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// personView is the page of one person, for administrators.
type personView struct {
	URL      string
	Shown    string
	Self     bool
	Form     rightsForm
	Facts    []fieldView
	Password bool
	TOTP     bool
	Sessions []sessionView
	Tokens   []tokenView
	AuditURL string
	Done     string
}

func (c *Console) newPerson(w http.ResponseWriter, r *http.Request) error {
	form := c.viewer(r).rightsForm(rightsForm{Role: "analyst"})
	return c.render(w, r, http.StatusOK, "person-new", form)
}

// addPerson makes a user with a password that is shown this once, and that the
// person has to change.
func (c *Console) addPerson(w http.ResponseWriter, r *http.Request) error {
	see, form := c.viewer(r), readRights(r)
	refuse := func(problem string) error {
		form.Error = problem
		return c.render(w, r, http.StatusUnprocessableEntity, "person-new", see.rightsForm(form))
	}
	rights, problem := see.rights(form)
	if problem != "" {
		return refuse(problem)
	}
	n := state.NewUser{
		Name: form.Name, DisplayName: rights.DisplayName, Role: rights.Role, Regions: rights.Regions, Password: state.RandomPassword(), MustChange: true,
	}
	_, err := c.state.AddUser(r.Context(), n, c.recorded(r, didAddUser, "user "+n.Name, rightsDetail(rights)))
	switch {
	case errors.Is(err, state.ErrUserExists):
		return refuse(see.words.T("people.bad.taken", "value", n.Name))
	case errors.Is(err, state.ErrUserName):
		return refuse(see.words.T("people.bad.name"))
	case err != nil:
		return err
	}
	c.logger.Info("user added", "request", of(r).id, "user", n.Name, "by", of(r).user.Name)
	return c.render(w, r, http.StatusOK, "secret", secretView{Kind: "password", For: n.Name, Values: []string{n.Password}, Next: "/people"})
}

func (c *Console) person(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	form := rightsForm{Name: user.Name, DisplayName: user.DisplayName, Role: string(user.Role), Disabled: user.Disabled}
	if len(user.Regions) > 0 {
		form.Regions = strings.Join(user.Regions, ", ")
	}
	return c.personPage(w, r, http.StatusOK, user, form)
}

func (c *Console) personPage(w http.ResponseWriter, r *http.Request, status int, user state.User, form rightsForm) error {
	see := c.viewer(r)
	view := personView{
		URL: personURL(user), Shown: user.Shown(), Self: user.ID == of(r).user.ID, Form: see.rightsForm(form), Password: user.HasPassword,
		TOTP: !user.TOTPSince.IsZero(), AuditURL: auditFilter{actor: user.Name}.url(0), Done: done(r),
	}
	t := see.words.T
	seen := see.time(user.LastLogin)
	view.Facts = []fieldView{
		{Title: t("people.name"), Text: user.Name}, {Title: t("people.regions"), Text: see.regionNames(user.Regions)},
		{Title: t("people.created"), Text: see.time(user.CreatedAt).Text, Time: see.time(user.CreatedAt).Machine},
		{Title: t("people.seen"), Text: seen.Text, Time: seen.Machine},
		{Title: t("people.totp"), Text: see.since("account.totp.on", "account.totp.off", user.TOTPSince)},
	}
	if user.LastLogin.IsZero() {
		view.Facts[3].Text = t("people.seen.never")
	}
	if user.Identity != "" {
		view.Facts = append(view.Facts, fieldView{Title: t("people.identity"), Text: user.Identity, Code: true})
	}
	var err error
	if view.Sessions, err = c.sessionViews(r, user.ID); err != nil {
		return err
	}
	if view.Tokens, err = c.tokenViews(r, user.ID); err != nil {
		return err
	}
	return c.render(w, r, status, "person", view)
}

func (c *Console) changePerson(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	see, form := c.viewer(r), readRights(r)
	form.Name = user.Name
	refuse := func(problem string) error {
		form.Error = problem
		return c.personPage(w, r, http.StatusUnprocessableEntity, user, form)
	}
	rights, problem := see.rights(form)
	if problem != "" {
		return refuse(problem)
	}
	err = c.state.SetRights(r.Context(), user.ID, rights, func(tx *database.Tx, before state.User) error {
		if rights.Equal(before.Rights()) {
			return nil
		}
		return c.audit.Append(r.Context(), tx, event(r, didRights, ofUser(user), changes(before.Rights(), rights)))
	})
	if errors.Is(err, state.ErrLastAdministrator) {
		return refuse(see.words.T("people.bad.last"))
	}
	if err != nil {
		return err
	}
	c.logger.Info("rights changed", "request", of(r).id, "user", user.Name, "by", of(r).user.Name)
	if user.ID == of(r).user.ID && !rights.Role.May("administer") {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, personURL(user)+"?done=saved", http.StatusSeeOther)
	return nil
}

// resetPassword gives a person a password that is shown this once, and that they
// have to change. Their sessions end.
func (c *Console) resetPassword(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	if !user.HasPassword {
		return failure{status: http.StatusNotFound}
	}
	password := state.RandomPassword()
	if err := c.state.SetPassword(r.Context(), user.Name, password, true, c.recorded(r, didPassword, ofUser(user), map[string]string{"must_change": "true"})); err != nil {
		return err
	}
	c.logger.Info("password reset", "request", of(r).id, "user", user.Name, "by", of(r).user.Name)
	next := personURL(user)
	return c.render(w, r, http.StatusOK, "secret", secretView{Kind: "password", For: user.Name, Values: []string{password}, Next: next})
}

func (c *Console) resetTOTP(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	if err := c.state.ClearTOTP(r.Context(), user.ID, c.recorded(r, didClearTOTP, ofUser(user), nil)); err != nil {
		return err
	}
	c.logger.Info("second factor taken away", "request", of(r).id, "user", user.Name, "by", of(r).user.Name)
	http.Redirect(w, r, personURL(user)+"?done=totp", http.StatusSeeOther)
	return nil
}

func (c *Console) endSessions(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	except := ""
	if user.ID == of(r).user.ID {
		except = c.sessionID(r)
	}
	return c.endingSessions(w, r, user, personURL(user)+"?done=sessions", func(tx *database.Tx) (int64, error) {
		return c.state.EndSessions(r.Context(), tx, user.ID, except)
	})
}

func (c *Console) endSession(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	return c.endingSessions(w, r, user, personURL(user)+"?done=sessions", func(tx *database.Tx) (int64, error) {
		return c.state.EndSession(r.Context(), tx, user.ID, r.PathValue("session"))
	})
}

func (c *Console) revokeToken(w http.ResponseWriter, r *http.Request) error {
	user, err := c.personOf(r)
	if err != nil {
		return err
	}
	return c.revoking(w, r, user, personURL(user)+"?done=token")
}
