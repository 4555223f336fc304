package console

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/console/state"
)

// MaxFormBytes bounds the body of a request.
const maxFormBytes = 64 << 10

// request is what the guards learn of a request on its way in.
type request struct {
	id       string
	language string
	user     state.User // ID 0 where nobody is logged in
	// viewer is the user for all that is asked on their behalf.
	viewer access.Viewer
	// via is how they proved who they are.
	via string
}

type requestKey struct{}

// of returns what is known of the request; it never returns nil.
func of(r *http.Request) *request {
	if known, ok := r.Context().Value(requestKey{}).(*request); ok {
		return known
	}
	return &request{language: i18n.Indonesian}
}

// watched gives every request an id and a language, and turns a panic into an
// error page.
func (c *Console) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := &request{id: rand.Text()[:10]}
		ctx := audit.WithAddress(r.Context(), c.clients.of(r))
		r = r.WithContext(context.WithValue(ctx, requestKey{}, known))
		known.language = c.chooseLanguage(w, r)
		w.Header().Set("X-Request-Id", known.id)
		defer func() {
			if cause := recover(); cause != nil {
				if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
					panic(cause)
				}
				c.metrics.errors.WithLabelValues("panic").Inc()
				c.logger.Error("a page panicked", "request", known.id, "path", r.URL.Path, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				c.errorPage(w, r, failure{status: http.StatusInternalServerError})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// securityHeaders are the same for every answer. Referrers stay inside the
// console, so that a platform does not learn which post an analyst reads.
func (c *Console) securityHeaders(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
		"connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if c.config.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses state-changing requests that a browser says come from
// another site. Requests without a browser's word on that are left to proven.
func (c *Console) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(c.config.PublicURL); err == nil && u.Host != "" {
		if err := protection.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			c.logger.Warn("public_url is no origin", "error", err)
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.metrics.refused.WithLabelValues("origin").Inc()
		c.errorPage(w, r, failure{status: http.StatusForbidden})
	}))
	return protection.Handler(next)
}

// measured counts and times a route's answers.
func (c *Console) measured(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			c.metrics.duration.WithLabelValues(name).Observe(time.Since(began).Seconds())
			c.metrics.requests.WithLabelValues(name, strconv.Itoa(recorder.status)).Inc()
			c.logger.Debug("answered", "request", of(r).id, "route", name, "method", r.Method, "status", recorder.status, "took", time.Since(began))
		}()
		next.ServeHTTP(recorder, r)
	})
}

// statusRecorder keeps the status, and lets each answer say once how long it may
// be kept: the sessions add a weaker word to ours.
type statusRecorder struct {
	http.ResponseWriter
	status  int
	written bool
}

func (s *statusRecorder) WriteHeader(status int) {
	if !s.written {
		s.status, s.written = status, true
		if said := s.Header()["Cache-Control"]; len(said) > 1 {
			s.Header()["Cache-Control"] = said[:1]
		}
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Write(data []byte) (int, error) {
	if !s.written {
		s.WriteHeader(http.StatusOK)
	}
	return s.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the writer below.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// identified looks up who is logged in. A session whose user is gone,
// disabled or has another password since is over.
func (c *Console) identified(next http.Handler) http.Handler {
	return c.answered(func(w http.ResponseWriter, r *http.Request) error {
		id := c.sessions.GetInt64(r.Context(), sessionUser)
		if id == 0 {
			next.ServeHTTP(w, r)
			return nil
		}
		user, err := c.state.User(r.Context(), id)
		switch {
		case errors.Is(err, state.ErrNoUser) || err == nil && (user.Disabled || user.Stamp != c.sessions.GetString(r.Context(), sessionStamp)):
			if err := c.sessions.Destroy(r.Context()); err != nil {
				return fmt.Errorf("end a session that is over: %w", err)
			}
		case err != nil:
			return err
		default:
			of(r).user, of(r).viewer, of(r).via = user, user.Viewer(), c.sessions.GetString(r.Context(), sessionVia)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// loggedIn sends everybody else to the login, which leads back.
func (c *Console) loggedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if of(r).user.ID != 0 {
			next.ServeHTTP(w, r)
			return
		}
		query := url.Values{}
		if r.Method == http.MethodGet && r.URL.Path != "/" {
			query.Set("next", r.URL.RequestURI())
		}
		if _, err := r.Cookie(c.sessions.Cookie.Name); err == nil {
			query.Set("ended", "1")
		}
		sendTo(w, r, (&url.URL{Path: "/login", RawQuery: query.Encode()}).String())
	})
}

// sendTo leads to another page: the whole page, also where only a part of one
// was asked for.
func sendTo(w http.ResponseWriter, r *http.Request, target string) {
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// settled leads people who have to do something first, such as to choose a
// password of their own, to where they can.
func (c *Console) settled(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if target := c.unsettled(of(r)); target != "" {
			sendTo(w, r, target)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unsettled is the page of what a person has to do first, or empty.
func (c *Console) unsettled(known *request) string {
	switch {
	case known.via == viaOIDC: // the provider sees to it
		return ""
	case known.user.MustChange:
		return "/account/password"
	case known.user.TOTPSince.IsZero() && slices.Contains(c.config.Login.TOTPRoles, string(known.user.Role)):
		return "/account/totp"
	}
	return ""
}

// allowed refuses people whose role does not have the right.
func (c *Console) allowed(action access.Action, next http.Handler) http.Handler {
	return c.answered(func(w http.ResponseWriter, r *http.Request) error {
		if action != "" && !of(r).viewer.May(action) {
			c.metrics.refused.WithLabelValues("right").Inc()
			return failure{status: http.StatusForbidden, key: "forbidden"}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// proven lets a state-changing request through only with the proof that a page
// of the console gave to this browser.
func (c *Console) proven(most int64, next http.Handler) http.Handler {
	return c.answered(func(w http.ResponseWriter, r *http.Request) error {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			next.ServeHTTP(w, r)
			return nil
		}
		r.Body = http.MaxBytesReader(w, r.Body, max(most, maxFormBytes))
		if err := parseForm(r); err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return failure{status: http.StatusRequestEntityTooLarge}
			}
			return failure{status: http.StatusBadRequest}
		}
		if !c.forms.valid(r) {
			c.metrics.refused.WithLabelValues("token").Inc()
			return failure{status: http.StatusForbidden}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// parseForm reads a form, also one with a file, which stays in memory: a route
// bounds what is sent to it.
func parseForm(r *http.Request) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return r.ParseMultipartForm(2 * maxTuningBytes)
	}
	return r.ParseForm()
}
