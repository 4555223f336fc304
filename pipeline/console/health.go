package console

import (
	"context"
	"io"
	"net/http"
	"time"
)

func (c *Console) healthz(w http.ResponseWriter, _ *http.Request) error {
	return plainText(w, http.StatusOK, "ok\n")
}

func (c *Console) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		c.logger.Warn("console is not ready", "error", err)
		return plainText(w, http.StatusServiceUnavailable, "not ready\n")
	}
	return plainText(w, http.StatusOK, "ok\n")
}

func plainText(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the reader may have gone
	return nil
}
