package console

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// uploadWithin bounds how long a capture may take to come in, from a telephone
	// with a weak signal.
	uploadWithin = 20 * time.Minute
	// maxCaptureFieldBytes bounds one text of a capture.
	maxCaptureFieldBytes = 256 << 10
)

type partsKey struct{}

// provenStream is proven for a form with large files: the proof must be its first
// field, and is checked before anything else is read. What follows is for the
// handler, part by part.
func (c *Console) provenStream(most int64, next http.Handler) http.Handler {
	return c.answered(func(w http.ResponseWriter, r *http.Request) error {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			c.proven(4*maxCaptureFieldBytes, next).ServeHTTP(w, r)
			return nil
		}
		r.Body = http.MaxBytesReader(w, r.Body, max(most, maxFormBytes))
		parts, err := r.MultipartReader()
		if err != nil {
			return failure{status: http.StatusBadRequest, cause: err}
		}
		first, err := parts.NextPart()
		if err != nil {
			return badUpload(err)
		}
		token, err := io.ReadAll(io.LimitReader(first, 1<<10))
		if err != nil {
			return badUpload(err)
		}
		r.PostForm = url.Values{first.FormName(): {string(token)}}
		if !c.forms.valid(r) {
			c.metrics.refused.WithLabelValues("token").Inc()
			return failure{status: http.StatusForbidden}
		}
		control := http.NewResponseController(w)
		deadline := time.Now().Add(uploadWithin)
		if err := errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline.Add(time.Minute))); err != nil {
			c.logger.Warn("a capture has no more time than any page", "error", err)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), partsKey{}, parts)))
		return nil
	})
}

// badUpload says what is wrong with a form that cannot be read.
func badUpload(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return failure{status: http.StatusRequestEntityTooLarge, cause: err, key: "413"}
	}
	return failure{status: http.StatusBadRequest, cause: err}
}

// partsOf are the rest of a form that provenStream began, nil where it was short.
func partsOf(r *http.Request) *multipart.Reader {
	parts, _ := r.Context().Value(partsKey{}).(*multipart.Reader)
	return parts
}
