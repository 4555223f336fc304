package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/console/state"
)

// apiPrefix begins the paths that programs ask for.
const apiPrefix = "/api/"

// bearer lets a program in that brings a token of a person, with that person's
// rights. Cookies are not looked at, so that no page of another site can make a
// browser ask.
func (c *Console) bearer(next http.Handler) http.Handler {
	return c.answered(func(w http.ResponseWriter, r *http.Request) error {
		c.speak(r)
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return unauthorized(w, "")
		}
		token = strings.TrimSpace(token)
		user, err := c.state.ByToken(r.Context(), token)
		if errors.Is(err, state.ErrWrongToken) {
			c.metrics.refused.WithLabelValues("bearer").Inc()
			return unauthorized(w, `, error="invalid_token"`)
		}
		if err != nil {
			return err
		}
		if wait := c.logins.waitForToken(token, c.config.API); wait > 0 {
			c.metrics.refused.WithLabelValues("rate").Inc()
			return tooMany(w, wait, c.config.API)
		}
		known := of(r)
		known.user, known.viewer, known.via = user, user.Viewer(), viaToken
		if c.unsettled(known) != "" {
			return failure{status: http.StatusForbidden, key: "unsettled"}
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostAPIBytes)
		next.ServeHTTP(w, r)
		return nil
	})
}

// speak answers a program in the language that it asks for, where the console
// knows it.
func (c *Console) speak(r *http.Request) {
	for wanted := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		if language, _, _ := strings.Cut(strings.ToLower(tag), "-"); i18n.Known(language) {
			of(r).language = language
			return
		}
	}
}

func unauthorized(w http.ResponseWriter, problem string) error {
	w.Header().Set("WWW-Authenticate", `Bearer realm="netra"`+problem)
	return failure{status: http.StatusUnauthorized}
}

// writeJSON answers a program.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // the reader may have gone
	return nil
}

// apiMe is who a token speaks for.
type apiMe struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	Role        string   `json:"role"`
	Regions     []string `json:"regions"`
	Actions     []string `json:"actions"`
}

func (c *Console) apiMe(w http.ResponseWriter, r *http.Request) error {
	user := of(r).user
	me := apiMe{Name: user.Name, DisplayName: user.Shown(), Role: string(user.Role), Regions: append([]string{}, user.Regions...), Actions: actionsOf(user.Role)}
	return writeJSON(w, http.StatusOK, me)
}
