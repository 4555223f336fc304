package main

import (
	"context"
	"fmt"
	"io"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/evidence"
	evidencecapture "github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/clock"
)

// openEvidence opens what keeps evidence in the road's database, and adds the part
// that captures it. A console that knows no queue shows what there is, and
// captures nothing.
func (a *app) openEvidence(ctx context.Context, r *road) (err error) {
	if r.keeper, err = a.newKeeper(ctx, r); err != nil {
		return err
	}
	if r.queue == nil {
		a.log.Warn("no evidence is captured in this console: it knows no Kafka")
		return nil
	}
	if err := evidencecapture.Migrate(ctx, r.database); err != nil {
		return err
	}
	r.evidence, err = evidencecapture.New(a.cfg.Evidence.Capture, evidencecapture.Dependencies{
		Database: r.database, Keeper: r.keeper, Flags: roadFlags{r.store, r}, Edits: r.store, Queue: r.queue, Handed: handedFiles{r},
		Logger: a.log, Registerer: a.registry,
	})
	if err != nil {
		return usage(fmt.Errorf("evidence.capture: %w", err))
	}
	r.parts = append(r.parts, part{name: "evidence", run: r.evidence.Run})
	return nil
}

// newKeeper opens the keeper of pieces in the road's database.
func (a *app) newKeeper(ctx context.Context, r *road) (*evidence.Keeper, error) {
	files, err := blobs.New(a.evidenceFiles())
	if err != nil {
		return nil, usage(fmt.Errorf("key evidence.files: %w", err))
	}
	if err := evidence.Migrate(ctx, r.database); err != nil {
		return nil, err
	}
	return evidence.New(evidence.Dependencies{
		Database: r.database, Files: files, Log: r.seal, Clock: clock.New(), Logger: a.log, Registerer: a.registry,
	})
}

// evidenceFiles is where files of evidence are: where those are that people hand
// in, unless it is said.
func (a *app) evidenceFiles() blobs.Configuration {
	cfg := a.cfg.Evidence.Files
	if cfg.Dir == "" && cfg.S3.Endpoint == "" {
		cfg = a.cfg.Capture.Files
	}
	if cfg.Dir == "" {
		cfg.Dir = a.cfg.Path("files")
	}
	return cfg
}

// handedFiles opens what people handed in at the road's desk.
type handedFiles struct{ road *road }

func (h handedFiles) Handed(ctx context.Context, sha256 string) (io.ReadCloser, evidencecapture.HandedFile, error) {
	if h.road.desk == nil {
		return nil, evidencecapture.HandedFile{}, fmt.Errorf("nothing is handed in at this console: %w", blobs.ErrNotFound)
	}
	var file capture.HandedIn
	file, err := h.road.desk.Handed(ctx, sha256)
	if err != nil {
		return nil, evidencecapture.HandedFile{}, err
	}
	return file, evidencecapture.HandedFile{By: file.By, Name: file.Name, At: file.At}, nil
}
