package console_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
)

// archive is what a console's cases are worked on with, in the tests.
type archive struct {
	log    *seal.Log
	keeper *evidence.Keeper
	cases  *cases.Cases
}

// withCases builds the real cases, evidence and sealed log for a console.
func withCases(t testing.TB, a *archive) func(context.Context, console.CaseParts) (*console.Casework, error) {
	t.Helper()
	folder := t.TempDir()
	return func(ctx context.Context, parts console.CaseParts) (*console.Casework, error) {
		cfg := seal.DefaultConfiguration()
		cfg.KeyFile, cfg.HeadFile = filepath.Join(folder, "evidence.key"), filepath.Join(folder, "evidence.head")
		var err error
		if a.log, err = seal.New(ctx, cfg, seal.Dependencies{Database: parts.Database, Registerer: prometheus.NewRegistry()}); err != nil {
			return nil, err
		}
		files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(folder, "files")})
		if err != nil {
			return nil, err
		}
		if err := evidence.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		if a.keeper, err = evidence.New(evidence.Dependencies{Database: parts.Database, Files: files, Log: a.log}); err != nil {
			return nil, err
		}
		if err := cases.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		a.cases, err = cases.New(cases.DefaultConfiguration(), cases.Dependencies{
			Database: parts.Database, Posts: parts.Review, Audit: parts.Audit, Seal: a.log, Person: parts.Person, Registerer: prometheus.NewRegistry(),
		})
		if err != nil {
			return nil, err
		}
		out, err := dossier.New(dossier.Dependencies{
			Review: parts.Review.(dossier.Review), Cases: a.cases, Pieces: a.keeper, Log: a.log, Audit: parts.Audit, Version: "uji",
			Region: func(code string) string { return regionNames[code] }, Contestant: func(id string) string { return strings.Join(pairs[id].Names, " – ") },
		})
		return &console.Casework{Cases: a.cases, Dossier: out}, err
	}
}

// picture is a screenshot for the tests.
func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 360, 480))
	for y := range 480 {
		for x := range 360 {
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(x / 2), G: uint8(y / 3), B: 120, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// keepEvidence keeps a record and a screenshot of each flag.
func (a *archive) keepEvidence(t testing.TB, stored []post.Flag) {
	t.Helper()
	for i := range stored {
		record := []byte(`{"id":"` + stored[i].Post.ID + `"}`)
		_, err := a.keeper.Keep(t.Context(), []evidence.Draft{
			{Piece: evidence.Piece{Kind: evidence.Record, Post: stored[i].Post.ID, Version: strings.Repeat("ab", 32), Type: "application/json", By: "netra collect", Occasion: evidence.Flagged, Public: evidence.PublicYes, Clock: "not checked"}, Bytes: record},
			{Piece: evidence.Piece{Kind: evidence.Screenshot, Post: stored[i].Post.ID, Version: strings.Repeat("ab", 32), Type: "image/png", By: "netra capture", Occasion: evidence.Flagged, Public: evidence.PublicYes, Clock: "not checked", Address: stored[i].Post.URL}, Bytes: picture(t)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// caseSite is a console with flags, their evidence, people and cases.
func caseSite(t testing.TB, stored []post.Flag) (*site, *archive) {
	t.Helper()
	a := &archive{}
	s := newSite(t, options{stored: stored, change: func(_ *console.Configuration, d *console.Dependencies) { d.Cases = withCases(t, a) }})
	s.addPeople()
	for _, user := range []state.NewUser{
		{Name: "bos", Role: access.Supervisor}, {Name: "jatim", Role: access.Supervisor, Regions: []string{"35"}}, {Name: "landak", Role: access.Supervisor, Regions: []string{"61.08"}},
	} {
		user.Password = secret
		s.add(user)
	}
	a.keepEvidence(t, stored)
	return s, a
}
