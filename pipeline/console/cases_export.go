package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
	"github.com/netra-id/netra/pipeline/evidence/report"
)

// packWithin bounds the time that a pack may take.
const packWithin = 30 * time.Minute

func (c *Console) casePack(w http.ResponseWriter, r *http.Request) error {
	return c.pack(w, r, dossier.Request{Case: r.PathValue("case")}, casePath(r.PathValue("case")))
}

func (c *Console) itemPack(w http.ResponseWriter, r *http.Request) error {
	return c.pack(w, r, dossier.Request{Posts: []string{r.PathValue("id")}}, itemPath(r.PathValue("id")))
}

// pack sends a pack. All that can hinder it is found before its first byte, but
// for a storage that fails while it is read: then the download breaks off, so that
// nothing that is cut off looks whole.
func (c *Console) pack(w http.ResponseWriter, r *http.Request, q dossier.Request, back string) error {
	if c.casework.Dossier == nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, cancel := context.WithTimeout(r.Context(), packWithin)
	defer cancel()
	if err := c.noHurry(w, packWithin); err != nil {
		return err
	}
	prepared, err := c.casework.Dossier.Prepare(ctx, of(r).viewer, q)
	if err != nil {
		return c.packRefused(w, r, err, back)
	}
	late := &lateWriter{ResponseWriter: w, begin: func() {
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": prepared.Name}))
		c.begun(w, r)
	}}
	made, err := prepared.Write(ctx, late)
	if err != nil && !late.begun {
		return c.packRefused(w, r, err, back)
	}
	if err != nil {
		c.metrics.errors.WithLabelValues("pack").Inc()
		c.logger.ErrorContext(ctx, "a pack broke off", "request", of(r).id, "pack", prepared.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	c.logger.InfoContext(ctx, "a pack was exported", "request", of(r).id, "pack", prepared.Name, "pieces", prepared.Pieces, "bytes", made.Size, "sha256", made.SHA256)
	return nil
}

// packRefused says why there is no pack.
func (c *Console) packRefused(w http.ResponseWriter, r *http.Request, err error, back string) error {
	if absent(err) || errors.Is(err, cases.ErrNotFound) {
		return failure{status: http.StatusNotFound, cause: err}
	}
	if errors.Is(err, dossier.ErrForbidden) || errors.Is(err, cases.ErrForbidden) {
		return failure{status: http.StatusForbidden, cause: err, key: "forbidden"}
	}
	if r.Context().Err() != nil {
		return err
	}
	key := "cases.pack.failed"
	switch {
	case errors.Is(err, dossier.ErrNoKey):
		key = "cases.pack.no_key"
	case errors.Is(err, dossier.ErrEmpty):
		key = "cases.pack.empty"
	}
	c.metrics.errors.WithLabelValues("pack").Inc()
	c.logger.ErrorContext(r.Context(), "a pack could not be made", "request", of(r).id, "error", err)
	c.later(r, flash{Text: c.pages.words(r).T(key, "request", of(r).id), Bad: true})
	seeOther(w, r, back)
	return nil
}

// noHurry gives an answer more time than others have.
func (c *Console) noHurry(w http.ResponseWriter, within time.Duration) error {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(within)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("give an export its time: %w", err)
	}
	return nil
}

// exportMark is what a page's script names an export by.
var exportMark = regexp.MustCompile(`^[a-z0-9]{8,32}$`)

// exportCookie tells the page's script that the export that it asked for has
// begun to come.
const exportCookie = "netra_export"

func (c *Console) begun(w http.ResponseWriter, r *http.Request) {
	if mark := r.PostForm.Get("mark"); exportMark.MatchString(mark) {
		http.SetCookie(w, &http.Cookie{Name: exportCookie, Value: mark, Path: "/", MaxAge: 60, Secure: c.config.secure(), SameSite: http.SameSiteStrictMode}) //nolint:gosec // the script reads it, and it is worth nothing
	}
}

// caseReport gives the report of a case alone, to read or to edit.
func (c *Console) caseReport(w http.ResponseWriter, r *http.Request) error {
	back := casePath(r.PathValue("case"))
	if c.casework.Dossier == nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, cancel := context.WithTimeout(r.Context(), packWithin)
	defer cancel()
	if err := c.noHurry(w, packWithin); err != nil {
		return err
	}
	document, err := c.casework.Dossier.Document(ctx, of(r).viewer, dossier.Request{Case: r.PathValue("case")})
	if err != nil {
		return c.packRefused(w, r, err, back)
	}
	var body bytes.Buffer
	kind, name := "application/pdf", "Laporan.pdf"
	draw := (*report.Document).PDF
	if r.PostForm.Get("format") == "docx" {
		kind, name = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Laporan.docx"
		draw = (*report.Document).DOCX
	}
	if err := draw(document, &body); err != nil {
		return c.packRefused(w, r, err, back)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	c.begun(w, r)
	_, _ = w.Write(body.Bytes()) // the reader may have gone
	return nil
}
