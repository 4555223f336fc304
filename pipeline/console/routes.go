package console

import (
	"net/http"
)

// access says who may use a route.
type access int

const (
	// anyone needs no login.
	anyone access = iota
	// users need to be logged in.
	users
)

// route is one thing that a browser can ask for. What a route is called is its
// name in metrics.
type route struct {
	name    string
	pattern string
	access  access
	// plain routes have no session and no pages: assets and health.
	plain  bool
	handle func(http.ResponseWriter, *http.Request) error
}

// routes lists everything that the console answers; the test of who may do what
// walks this list.
func (c *Console) routes() []route {
	return []route{
		{name: "home", pattern: "GET /{$}", access: users, handle: c.home},
		{name: "login", pattern: "GET /login", access: anyone, handle: c.loginPage},
		{name: "login", pattern: "POST /login", access: anyone, handle: c.login},
		{name: "logout", pattern: "POST /logout", access: users, handle: c.logout},
		{name: "posts", pattern: "GET /posts", access: users, handle: c.posts},
		{name: "post", pattern: "GET /posts/{id}", access: users, handle: c.post},
		{name: "post_text", pattern: "GET /posts/{id}/text", access: users, handle: c.postText},
		{name: "static", pattern: "GET /static/", access: anyone, plain: true, handle: c.static},
		{name: "healthz", pattern: "GET /healthz", access: anyone, plain: true, handle: c.healthz},
		{name: "readyz", pattern: "GET /readyz", access: anyone, plain: true, handle: c.readyz},
	}
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
	handler = c.proven(handler)
	if r.access == users {
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
