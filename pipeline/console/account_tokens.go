package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console/state"
)

// tokenDays are how long a token can be made to last.
var tokenDays = []int{7, 30, 90, 365}

// tokensView is the page of a person's tokens.
type tokensView struct {
	Tokens  []tokenView
	Days    []int
	Chosen  int
	Name    string
	Error   string
	Done    string
	Example string
}

type tokenView struct {
	ID                     int64
	Name                   string
	Created, Expires, Used timeView
	Valid                  bool
	State                  string // key of a text
}

func (c *Console) tokenViews(r *http.Request, user int64) ([]tokenView, error) {
	all, err := c.state.Tokens(r.Context(), user)
	if err != nil {
		return nil, err
	}
	see := c.viewer(r)
	views := make([]tokenView, len(all))
	for i, t := range all {
		views[i] = tokenView{
			ID: t.ID, Name: t.Name, Created: see.time(t.CreatedAt), Expires: see.time(t.ExpiresAt), Used: see.time(t.LastUsed),
			Valid: t.Valid(c.deps.Now()), State: "tokens.valid",
		}
		switch {
		case !t.Revoked.IsZero():
			views[i].State = "tokens.revoked"
		case !views[i].Valid:
			views[i].State = "tokens.expired"
		}
	}
	return views, nil
}

func (c *Console) tokensPage(w http.ResponseWriter, r *http.Request) error {
	return c.tokensForm(w, r, http.StatusOK, tokensView{Chosen: 90})
}

func (c *Console) tokensForm(w http.ResponseWriter, r *http.Request, status int, view tokensView) (err error) {
	if view.Tokens, err = c.tokenViews(r, of(r).user.ID); err != nil {
		return err
	}
	view.Days, view.Done = tokenDays, done(r)
	view.Example = strings.TrimSuffix(c.config.PublicURL, "/") + "/api/v1/me"
	if c.config.PublicURL == "" {
		view.Example = "http://" + r.Host + "/api/v1/me"
	}
	return c.render(w, r, status, "tokens", view)
}

func (c *Console) addToken(w http.ResponseWriter, r *http.Request) error {
	user, name := of(r).user, strings.TrimSpace(r.PostForm.Get("name"))
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	refuse := func(problem string) error {
		return c.tokensForm(w, r, http.StatusUnprocessableEntity, tokensView{Name: short(name, mostTokenNameBytes), Chosen: days, Error: c.pages.words(r).T(problem, "most", state.MostTokens)})
	}
	valid := time.Duration(days) * 24 * time.Hour
	if err != nil || valid <= 0 || valid > state.LongestToken {
		return refuse("tokens.bad.days")
	}
	token, err := c.state.AddToken(r.Context(), user.ID, name, valid, c.recorded(r, didAddToken, ofUser(user), map[string]string{"name": name, "days": strconv.Itoa(days)}))
	switch {
	case errors.Is(err, state.ErrTokenName):
		return refuse("tokens.bad.name")
	case errors.Is(err, state.ErrTooManyTokens):
		return refuse("tokens.bad.many")
	case err != nil:
		return err
	}
	return c.render(w, r, http.StatusOK, "secret", secretView{Kind: "token", For: name, Values: []string{token}, Next: "/account/tokens"})
}

const mostTokenNameBytes = 240

func (c *Console) revokeOwnToken(w http.ResponseWriter, r *http.Request) error {
	return c.revoking(w, r, of(r).user, "/account/tokens?done=token")
}

// revoking ends a token of a person.
func (c *Console) revoking(w http.ResponseWriter, r *http.Request, user state.User, next string) error {
	id, err := strconv.ParseInt(r.PathValue("token"), 10, 64)
	if err != nil {
		return failure{status: http.StatusNotFound}
	}
	err = c.state.RevokeToken(r.Context(), user.ID, id, c.recorded(r, didRevokeToken, ofUser(user), map[string]string{"token": strconv.FormatInt(id, 10)}))
	if errors.Is(err, state.ErrWrongToken) {
		return failure{status: http.StatusNotFound}
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}
