package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/store"
)

// failure is an error that is answered with a status of its own.
type failure struct {
	status int
	cause  error
	// key names the words of the page, where the status does not.
	key string
	// word and fields are what a program is told besides.
	word   string
	fields []fieldProblem
}

func (f failure) Error() string {
	if f.cause == nil {
		return http.StatusText(f.status)
	}
	return f.cause.Error()
}

func (f failure) Unwrap() error { return f.cause }

// unreachable says that the posts cannot be had at the moment.
func unreachable(doing string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return err
	}
	return failure{status: http.StatusServiceUnavailable, cause: fmt.Errorf("%s: %w", doing, err)}
}

// answered runs what a route does and answers its error with a page.
func (c *Console) answered(handle func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			c.fail(w, r, err)
		}
	})
}

func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	var f failure
	switch {
	case errors.As(err, &f):
	case errors.Is(err, store.ErrNotFound):
		f = failure{status: http.StatusNotFound, cause: err}
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the reader has gone
	default:
		f = failure{status: http.StatusInternalServerError, cause: err}
	}
	if f.status >= http.StatusInternalServerError {
		c.metrics.errors.WithLabelValues("page").Inc()
		c.logger.Error("a page failed", "request", of(r).id, "path", r.URL.Path, "error", err)
	}
	c.errorPage(w, r, f)
}

// errorView is what an error page shows.
type errorView struct {
	Status  int
	Key     string
	Request string
}

// errorPage answers with a page that says what happened, in the reader's words,
// and nothing of the cause.
func (c *Console) errorPage(w http.ResponseWriter, r *http.Request, f failure) {
	if strings.HasPrefix(r.URL.Path, apiPrefix) {
		c.apiFailure(w, r, f)
		return
	}
	view := errorView{Status: f.status, Key: f.key, Request: of(r).id}
	if view.Key == "" {
		view.Key = strconv.Itoa(f.status)
	}
	if err := c.render(w, r, f.status, "error", view); err != nil {
		c.logger.Error("the error page failed", "request", of(r).id, "error", err)
		http.Error(w, http.StatusText(f.status), f.status)
	}
}
