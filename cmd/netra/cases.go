package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
	"github.com/netra-id/netra/pipeline/version"
)

// casesOf builds what cases are worked on with, as a part of the road.
func (a *app) casesOf(r *road, contestants console.Contestants, region func(code string) string) func(context.Context, console.CaseParts) (*console.Casework, error) {
	return func(ctx context.Context, parts console.CaseParts) (*console.Casework, error) {
		if err := cases.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		deps := cases.Dependencies{
			Database: parts.Database, Posts: parts.Review, Audit: parts.Audit, Person: parts.Person, Logger: a.log, Registerer: a.registry,
		}
		if r.seal != nil {
			deps.Seal = r.seal
		}
		all, err := cases.New(a.cfg.Cases, deps)
		if err != nil {
			return nil, usage(fmt.Errorf("cases: %w", err))
		}
		r.parts = append(r.parts, part{name: "cases", run: all.Run})
		work := &console.Casework{Cases: all}
		reviewed, ok := parts.Review.(dossier.Review)
		if !ok || r.keeper == nil || r.seal == nil {
			return work, nil
		}
		work.Dossier, err = a.newDossier(r, all, reviewed, parts.Audit, contestants, region)
		return work, err
	}
}

// newDossier builds what gathers the evidence of cases and posts for an export.
func (a *app) newDossier(r *road, all *cases.Cases, reviewed dossier.Review, log *audit.Log, contestants console.Contestants, region func(code string) string) (*dossier.Dossier, error) {
	return dossier.New(dossier.Dependencies{
		Review: reviewed, Cases: all, Pieces: r.keeper, Log: r.seal, Audit: log, Report: a.cfg.Evidence.Report, Region: region,
		Contestant: func(id string) string { return contestantInWords(contestants, id) },
		Stage: func(id string, at time.Time) string {
			if known, ok := contestants.Contestant(id); ok && known.StageAt != nil {
				return known.StageAt(at)
			}
			return ""
		},
		Version: version.Version,
	})
}

// contestantInWords names a contestant as reports do; empty where it is not known.
func contestantInWords(contestants console.Contestants, id string) string {
	known, ok := contestants.Contestant(id)
	if !ok {
		return ""
	}
	name := strings.Join(known.Names, " – ")
	if known.Number > 0 {
		name = "nomor " + strconv.Itoa(known.Number) + ", " + name
	}
	if known.Election != "" {
		name += " (" + known.Election + ")"
	}
	return name
}
