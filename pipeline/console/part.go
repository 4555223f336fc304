package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// renderPart writes one named part of a page, for scripts that put it in place.
func (c *Console) renderPart(w http.ResponseWriter, r *http.Request, status int, name, part string, data any) error {
	tmpl, ok := c.pages.templates[of(r).language+"/"+name]
	if !ok {
		return fmt.Errorf("no template %s in %s", name, of(r).language)
	}
	var body bytes.Buffer
	if err := tmpl.ExecuteTemplate(&body, part, data); err != nil {
		return fmt.Errorf("fill the part %s of the page %s: %w", part, name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader may have gone
	return nil
}
