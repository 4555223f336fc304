package console

import (
	"net/http"
	"slices"

	"github.com/netra-id/netra/pipeline/access"
)

// route is one thing that a browser can ask for. What a route is called is its
// name in metrics.
type route struct {
	name    string
	pattern string
	// open routes need no login; all others do.
	open bool
	// action is the right that the route needs; empty is any person's.
	action access.Action
	// plain routes have no session and no pages: assets and health.
	plain bool
	// early routes are open to people who have to do something else first.
	early bool
	// api routes are for programs: with a token, without cookies and forms, and
	// answered in JSON. Their paths begin with apiPrefix.
	api bool
	// hook routes are for partners' systems: each request is signed, and there are
	// no cookies and no forms.
	hook bool
	// streams routes read large files themselves, part by part.
	streams bool
	// mostBytes bounds what is sent to it, where that is more than a form.
	mostBytes int64
	handle    func(http.ResponseWriter, *http.Request) error
}

// routes lists everything that the console answers, area by area: each has its
// list in routes_AREA.go. The test of who may do what walks this list.
func (c *Console) routes() []route {
	return slices.Concat(c.baseRoutes(), c.reviewRoutes(), c.accountRoutes(), c.peopleRoutes(), c.tuningRoutes(), c.superviseRoutes(), c.captureRoutes(), c.coordinatedRoutes(), c.retentionRoutes(), c.casesRoutes(), c.apiRoutes())
}

// newHandler puts the routes behind what guards all of them, outermost first.
func (c *Console) newHandler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range c.routes() {
		mux.Handle(r.pattern, c.measured(r.name, c.guarded(r)))
	}
	handler := c.orErrorPage(mux)
	handler = c.sameOrigin(handler)
	handler = c.securityHeaders(handler)
	return c.watched(handler)
}

// guarded gives a route its session, its language, its login and its proof
// against forged requests.
func (c *Console) guarded(r route) http.Handler {
	handler := c.answered(r.handle)
	if r.plain {
		return handler
	}
	if r.api {
		return c.bearer(c.allowed(r.action, handler))
	}
	if r.hook {
		return handler
	}
	if r.streams {
		handler = c.provenStream(r.mostBytes, handler)
	} else {
		handler = c.proven(r.mostBytes, handler)
	}
	if !r.open {
		handler = c.allowed(r.action, handler)
		if !r.early {
			handler = c.settled(handler)
		}
		handler = c.loggedIn(handler)
	}
	return c.sessions.LoadAndSave(c.identified(handler))
}

// orErrorPage answers what no route knows with a page in the reader's language.
func (c *Console) orErrorPage(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refusal := &headerOnly{header: http.Header{}}
		handler.ServeHTTP(refusal, r)
		status := http.StatusNotFound
		if refusal.status == http.StatusMethodNotAllowed {
			status = refusal.status
			w.Header().Set("Allow", refusal.header.Get("Allow"))
		}
		unknown := c.answered(func(http.ResponseWriter, *http.Request) error { return failure{status: status} })
		c.measured("unknown", c.sessions.LoadAndSave(c.identified(unknown))).ServeHTTP(w, r)
	})
}

// headerOnly keeps a response's status and head and drops its body.
type headerOnly struct {
	header http.Header
	status int
}

func (h *headerOnly) Header() http.Header         { return h.header }
func (h *headerOnly) WriteHeader(status int)      { h.status = status }
func (h *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
