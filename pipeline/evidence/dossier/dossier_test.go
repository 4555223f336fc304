package dossier_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

var (
	ani      = access.Viewer{ID: 1, Name: "ani", Role: access.Analyst}
	budi     = access.Viewer{ID: 2, Name: "budi", Role: access.Analyst}
	jatim    = access.Viewer{ID: 3, Name: "jaka", Role: access.Supervisor, Regions: []string{"35"}}
	operator = access.Viewer{ID: 4, Name: "oka", Role: access.Operator}
)

// kept are the flags, as the store has them.
type kept map[string]post.Flag

func (k kept) InsertedSince(context.Context, store.InsertCursor, int) ([]store.InsertCursor, error) {
	return nil, nil
}

func (k kept) FlagsByID(_ context.Context, ids []string) ([]post.Flag, error) {
	var found []post.Flag
	for _, id := range ids {
		if f, ok := k[id]; ok {
			found = append(found, f)
		}
	}
	return found, nil
}

func (k kept) Flag(_ context.Context, id string) (post.Flag, error) {
	if f, ok := k[id]; ok {
		return f, nil
	}
	return post.Flag{}, store.ErrNotFound
}

type bench struct {
	*dossier.Dossier
	t      *testing.T
	review *review.Review
	cases  *cases.Cases
	keeper *evidence.Keeper
	log    *seal.Log
	flags  kept
}

func newBench(t *testing.T, db *database.DB) *bench {
	t.Helper()
	ctx, folder := t.Context(), t.TempDir()
	b := &bench{t: t, flags: kept{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile, cfg.HeadFile = filepath.Join(folder, "key"), filepath.Join(folder, "head")
	var err error
	b.log, err = seal.New(ctx, cfg, seal.Dependencies{Database: db, Registerer: prometheus.NewRegistry()})
	must(err)
	log, err := audit.New(ctx, db, audit.Options{Registerer: prometheus.NewRegistry()})
	must(err)
	second := review.DefaultConfiguration()
	second.SecondShare = 1
	b.review, err = review.New(second, review.Dependencies{Database: db, Flags: b.flags, Audit: log, Seal: b.log, Registerer: prometheus.NewRegistry()})
	must(err)
	must(b.review.Migrate(ctx))
	must(cases.Migrate(ctx, db))
	b.cases, err = cases.New(cases.DefaultConfiguration(), cases.Dependencies{Database: db, Posts: b.review, Audit: log, Seal: b.log, Registerer: prometheus.NewRegistry()})
	must(err)
	files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(folder, "files")})
	must(err)
	must(evidence.Migrate(ctx, db))
	b.keeper, err = evidence.New(evidence.Dependencies{Database: db, Files: files, Log: b.log, Registerer: prometheus.NewRegistry()})
	must(err)
	b.Dossier, err = dossier.New(dossier.Dependencies{Review: b.review, Cases: b.cases, Pieces: b.keeper, Log: b.log, Audit: log, Version: "uji"})
	must(err)
	at := time.Date(2024, 11, 21, 1, 0, 0, 0, time.UTC)
	for id, region := range map[string]string{"mastodon:1": "61.08", "mastodon:10": "35.77"} {
		f := post.Flag{
			Post:      post.Post{ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "42", Handle: "@budi@contoh.id"}, Text: "Ayo coblos nomor 2 " + id, CreatedAt: at, CollectedAt: at},
			Person:    post.Person{PersonID: "p", Name: "Budi Santoso", Region: region},
			Verdict:   post.Verdict{ID: id, Flagged: true, Labels: []post.LabelScore{{Label: post.Support, Score: 0.9, Contestant: "landak-2"}}},
			FlaggedAt: at,
		}
		b.flags[id] = f
		must(b.review.TakeInFlags(ctx, []post.Flag{f}))
		record, err := json.Marshal(f.Post)
		must(err)
		_, err = b.keeper.Keep(ctx, []evidence.Draft{{Piece: evidence.Piece{Kind: evidence.Record, Post: id, Version: strings.Repeat("ab", 32), Type: "application/json", By: "netra collect", Occasion: evidence.Flagged, Public: evidence.PublicYes, Clock: "not checked"}, Bytes: record}})
		must(err)
	}
	return b
}

// export makes a pack and returns its files.
func (b *bench) export(viewer access.Viewer, q dossier.Request) map[string]string {
	b.t.Helper()
	var out bytes.Buffer
	made, err := b.Export(b.t.Context(), viewer, q, &out)
	if err != nil {
		b.t.Fatal(err)
	}
	key, err := seal.ParsePublicKey(b.PublicKey())
	if err != nil {
		b.t.Fatal(err)
	}
	result, err := pack.Verify(bytes.NewReader(out.Bytes()), int64(out.Len()), pack.Options{Keys: []note.Verifier{key}})
	if err != nil || result.Fault != nil || made.Size != int64(out.Len()) {
		b.t.Fatalf("the pack does not hold: %v, %v, %d of %d bytes", err, result.Fault, made.Size, out.Len())
	}
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		b.t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			b.t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			b.t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files
}

// statements are what a pack states of a kind.
func statements(t *testing.T, files map[string]string, kind seal.Kind) []string {
	t.Helper()
	var manifest pack.Manifest
	if err := json.Unmarshal([]byte(files["manifest.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, s := range manifest.Statements {
		if s.Kind == kind {
			found = append(found, files[s.Path])
		}
	}
	return found
}

func TestAPackTellsTheWholeWayOfACase(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		b := newBench(t, db)
		if _, err := b.review.Open(t.Context(), ani, "mastodon:1"); err != nil {
			t.Fatal(err)
		}
		c, err := b.cases.Create(t.Context(), ani, cases.Draft{Title: "Akun", Kind: cases.OfAccount, Posts: []string{"mastodon:1"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.review.Open(t.Context(), ani, "mastodon:10"); err != nil { // begins like the other, and is none of this
			t.Fatal(err)
		}
		files := b.export(ani, dossier.Request{Case: c.Number})
		for name, begin := range map[string]string{"laporan/Laporan.pdf": "%PDF", "laporan/Laporan.docx": "PK"} {
			if !strings.HasPrefix(files[name], begin) {
				t.Errorf("%s is %.20q", name, files[name])
			}
		}
		for _, want := range []string{"item.open", "case.created", dossier.Exported} {
			if !strings.Contains(files["custody.json"], want) {
				t.Errorf("the custody has no %q: %s", want, files["custody.json"])
			}
		}
		if strings.Contains(files["custody.json"], "mastodon:10") {
			t.Error("the custody tells of another post")
		}
		if got := statements(t, files, seal.KindCase); len(got) != 2 || !strings.Contains(got[0], c.Number) {
			t.Errorf("statements of the case %q", got)
		}
		if got := statements(t, files, seal.KindPiece); len(got) != 1 {
			t.Errorf("%d pieces", len(got))
		}
		line, err := b.cases.Timeline(t.Context(), ani, c.ID)
		if err != nil || line[len(line)-1].Change != cases.Exported || len(line[len(line)-1].SHA256) != 64 {
			t.Errorf("the case does not tell of its pack: %+v, %v", line, err)
		}
		if again := b.export(ani, dossier.Request{Case: c.ID}); len(statements(t, again, seal.KindCase)) != 3 {
			t.Error("the next pack does not tell of the one before")
		}
	})
}

func TestABlindSecondDecisionStaysBlindInAPack(t *testing.T) {
	b := newBench(t, databasetest.Open(t, databasetest.SQLite(t)))
	ctx := t.Context()
	item, err := b.review.Item(ctx, ani, "mastodon:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.review.Decide(ctx, ani, []review.Choice{{Item: item.ID, Revision: item.Revision}}, review.Decision{Verdict: review.Violation, Rule: "DS-2", Note: "RAHASIA"}); err != nil {
		t.Fatal(err)
	}
	q := dossier.Request{Posts: []string{"mastodon:1"}}
	if got := statements(t, b.export(ani, q), seal.KindDecision); len(got) != 1 || !strings.Contains(got[0], "RAHASIA") {
		t.Errorf("the own decision is not there: %q", got)
	}
	if got := statements(t, b.export(budi, q), seal.KindDecision); len(got) != 0 {
		t.Errorf("the second analyst gets the first decision: %q", got)
	}
	for viewer, want := range map[*access.Viewer]bool{&ani: true, &budi: false} {
		d, err := b.Document(ctx, *viewer, q)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(d.Blocks)
		if err != nil || strings.Contains(string(data), "RAHASIA") != want {
			t.Errorf("%s: the report tells of the decision: %t, %v", viewer.Name, !want, err)
		}
	}
}

func TestOnlyWhatAPersonSeesIsExported(t *testing.T) {
	b := newBench(t, databasetest.Open(t, databasetest.SQLite(t)))
	ctx := t.Context()
	c, err := b.cases.Create(ctx, ani, cases.Draft{Title: "Salinan", Kind: cases.OfCopies, Posts: []string{"mastodon:1", "mastodon:10"}})
	if err != nil {
		t.Fatal(err)
	}
	files := b.export(jatim, dossier.Request{Case: c.ID})
	var manifest pack.Manifest
	if err := json.Unmarshal([]byte(files["manifest.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(manifest.Posts, []string{"mastodon:10"}) || !strings.Contains(string(manifest.Case), `"elsewhere": 1`) && !strings.Contains(string(manifest.Case), `"elsewhere":1`) {
		t.Errorf("posts %v, case %s", manifest.Posts, manifest.Case)
	}
	for name, test := range map[string]struct {
		viewer access.Viewer
		q      dossier.Request
		want   error
	}{
		"an operator": {operator, dossier.Request{Case: c.ID}, dossier.ErrForbidden}, "nothing": {ani, dossier.Request{}, dossier.ErrEmpty},
		"no such case": {ani, dossier.Request{Case: "2024/61/0009"}, cases.ErrNotFound}, "a post elsewhere": {jatim, dossier.Request{Posts: []string{"mastodon:1"}}, review.ErrNotFound},
	} {
		if _, err := b.Export(ctx, test.viewer, test.q, io.Discard); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestAPostThatIsGoneFromTheStoreIsToldByItsEvidence(t *testing.T) {
	b := newBench(t, databasetest.Open(t, databasetest.SQLite(t)))
	delete(b.flags, "mastodon:1")
	d, err := b.Document(t.Context(), ani, dossier.Request{Posts: []string{"mastodon:1"}})
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, block := range d.Blocks {
		for _, span := range block.Spans {
			told = told || span.Text == "Ayo coblos nomor 2 mastodon:1"
		}
	}
	if !told {
		t.Error("the text that was kept is not in the report")
	}
}
