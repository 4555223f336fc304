package dossier

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/report"
)

// Exported is the action in the audit log.
const Exported = "evidence.export"

// record writes into the audit log that something is exported: once for the case
// and once for each post, so that each one's custody tells of it.
func (d *Dossier) record(ctx context.Context, viewer access.Viewer, g *gathered) error {
	if d.deps.Audit == nil {
		return nil
	}
	detail := map[string]string{"posts": strconv.Itoa(len(g.facts.Posts)), "case": g.facts.Case.Number}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce) // the log commits together what comes at the same time
	for _, subject := range g.subjects() {
		group.Go(func() error {
			return d.deps.Audit.Tell(ctx, audit.Event{By: viewer, Action: Exported, Subject: subject, Detail: detail})
		})
	}
	return group.Wait()
}

// atOnce bounds how many events are recorded at the same time.
const atOnce = 32

// subjects are what the audit log calls what is exported.
func (g *gathered) subjects() []string {
	var subjects []string
	if number := g.facts.Case.Number; number != "" {
		subjects = append(subjects, "case "+number)
	}
	return append(subjects, g.posts()...)
}

// mostEntries bounds how much of the audit log is read of one subject.
const mostEntries = 5000

// custody is who saw, opened, decided and exported, oldest first.
func (d *Dossier) custody(ctx context.Context, g *gathered) ([]pack.Custody, error) {
	if d.deps.Audit == nil {
		return nil, nil
	}
	if _, err := d.deps.Audit.Seal(ctx); err != nil { // what waits gets its number
		return nil, err
	}
	var all []pack.Custody
	for _, subject := range g.subjects() {
		entries, err := d.deps.Audit.List(ctx, audit.Filter{Subject: subject}, mostEntries)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			e := &entries[i]
			if e.Subject != subject { // it only begins like it
				continue
			}
			one := pack.Custody{Number: e.Number, At: e.At.UTC(), By: e.Actor, Role: e.Role, Action: e.Action, Subject: e.Subject, Hash: e.Hash}
			if err := json.Unmarshal([]byte(e.Detail), &one.Detail); err != nil {
				return nil, fmt.Errorf("read entry %d of the audit log: %w", e.Number, err)
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b pack.Custody) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

// The names of the reports in a pack.
const (
	pdfName  = "Laporan.pdf"
	docxName = "Laporan.docx"
)

func (d *Dossier) document(g *gathered) (*report.Document, error) {
	text, err := d.deps.Report.Text()
	if err != nil {
		return nil, fmt.Errorf("read the report's template: %w", err)
	}
	return report.Fill(g.facts, text)
}

func (d *Dossier) reports(g *gathered) ([]pack.Report, error) {
	document, err := d.document(g)
	if err != nil {
		return nil, err
	}
	var pdf, docx bytes.Buffer
	if err := document.PDF(&pdf); err != nil {
		return nil, fmt.Errorf("draw the report: %w", err)
	}
	if err := document.DOCX(&docx); err != nil {
		return nil, fmt.Errorf("draw the report: %w", err)
	}
	return []pack.Report{{Name: pdfName, Bytes: pdf.Bytes()}, {Name: docxName, Bytes: docx.Bytes()}}, nil
}
