package console

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/capture"
)

// hookFailure is the answer to a request of a partner's system that is not taken.
type hookFailure struct {
	Error   string `json:"error"`
	Message string `json:"message"`
	Request string `json:"request"`
	*capture.Receipt
}

// hookPosts takes posts of a partner's system. It knows neither cookies nor forms:
// the signature is the proof.
func (c *Console) hookPosts(w http.ResponseWriter, r *http.Request) error {
	if !c.capture.HooksOpen() {
		return failure{status: http.StatusNotFound}
	}
	refuse := func(status int, word, message string, receipt *capture.Receipt) error {
		return writeJSON(w, status, hookFailure{Error: word, Message: message, Request: of(r).id, Receipt: receipt})
	}
	most := c.capture.Configuration().Hooks.MaxBytes
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse(http.StatusRequestEntityTooLarge, "too_large", "the body is too large: allowed: at most "+strconv.FormatInt(most, 10)+" bytes", nil)
	case err != nil:
		return refuse(http.StatusBadRequest, "body", "the body ended early", nil)
	}
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		c.logger.Warn("a partner's request has no more time than any page", "error", err)
	}
	receipt, err := c.capture.Receive(r.Context(), capture.Delivery{
		Partner: r.Header.Get("X-Netra-Partner"), Timestamp: r.Header.Get("X-Netra-Timestamp"), Signature: r.Header.Get("X-Netra-Signature"),
		Body: body, Address: c.clients.of(r),
	})
	var refused *capture.HookError
	switch {
	case err == nil:
		return writeJSON(w, http.StatusOK, receipt)
	case !errors.As(err, &refused):
		c.metrics.errors.WithLabelValues("page").Inc()
		c.logger.Error("a partner's posts were not taken", "request", of(r).id, "error", err)
		return refuse(http.StatusInternalServerError, "internal", "an error of ours; send the same posts again later", nil)
	}
	if refused.Wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(refused.Wait)))
	}
	status := map[string]int{
		"signature": http.StatusUnauthorized, "time": http.StatusUnauthorized, "replay": http.StatusConflict,
		"often": http.StatusTooManyRequests, "body": http.StatusBadRequest, "away": http.StatusServiceUnavailable,
	}[refused.Why]
	if refused.Why == "away" {
		return refuse(status, refused.Why, refused.Message, &receipt)
	}
	return refuse(status, refused.Why, refused.Message, nil)
}
