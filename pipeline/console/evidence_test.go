package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	evidencecapture "github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// withEvidence lets a console keep evidence in its database.
func withEvidence(t testing.TB, c *console.Configuration, d *console.Dependencies) *evidence.Keeper {
	t.Helper()
	db, err := database.Open(t.Context(), c.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.Database = db
	files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(t.TempDir(), "files")})
	if err != nil {
		t.Fatal(err)
	}
	sealed := seal.DefaultConfiguration()
	sealed.KeyFile, sealed.HeadFile = filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "head")
	log, err := seal.New(t.Context(), sealed, seal.Dependencies{Database: db})
	if err != nil {
		t.Fatal(err)
	}
	if err := evidence.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := evidencecapture.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	keeper, err := evidence.New(evidence.Dependencies{Database: db, Files: files, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	q, err := queue.New(queue.DefaultConfiguration(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	flags, ok := d.Data.(*store.Store)
	if !ok {
		flags = newStore(t, nil)
	}
	worker, err := evidencecapture.New(evidencecapture.DefaultConfiguration(), evidencecapture.Dependencies{Database: db, Keeper: keeper, Flags: flags, Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	d.Evidence = &console.EvidenceParts{Keeper: keeper, Capture: worker}
	return keeper
}

// keptVersion keeps the record of a post as one version, with a page that runs
// scripts and a picture.
func keptVersion(t testing.TB, keeper *evidence.Keeper, p post.Post) []evidence.Stored {
	t.Helper()
	record, err := post.Encode(&p)
	if err != nil {
		t.Fatal(err)
	}
	of := func(kind evidence.Kind, media string) evidence.Piece {
		return evidence.Piece{
			Post: p.ID, Kind: kind, Version: sumOf(string(record)), Type: media, By: "netra uji", Occasion: evidence.Flagged, Public: evidence.PublicYes,
			CapturedAt: time.Date(2024, 11, 20, 9, 0, 0, 0, time.UTC), Clock: "ntp synchronised, ±4 ms", Address: "https://contoh.id/<script>",
		}
	}
	problem := of(evidence.Media, "")
	problem.Problem = "alamat <b>tidak</b> terjangkau"
	kept, err := keeper.Keep(t.Context(), []evidence.Draft{
		{Piece: of(evidence.Record, "application/json"), Bytes: record},
		{Piece: of(evidence.Page, "text/html"), Bytes: []byte("<html><script>alert(1)</script>")},
		{Piece: of(evidence.Screenshot, "image/png"), Bytes: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR picture")},
		{Piece: problem},
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestEvidenceIsShownToWhoMaySeeTheItem(t *testing.T) {
	var keeper *evidence.Keeper
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) { keeper = withEvidence(t, c, d) }})
	s.add(state.NewUser{Name: "jauh", Role: access.Analyst, Regions: []string{"35"}, Password: s.password})
	s.add(state.NewUser{Name: "tuti", Role: access.Analyst, Password: s.password})
	p := flags()[0].Post
	p.ID, p.Text = "mastodon:1093", "ayo coblos nomor 2 ya"
	first := keptVersion(t, keeper, p)
	p.Text = "ayo coblos nomor 3 ya"
	keptVersion(t, keeper, p)
	andi, far := s.visit(), s.visit()
	andi.login("tuti", s.password)
	far.login("jauh", s.password)

	item := andi.get("/items/mastodon:1093").body
	for _, want := range []string{`href="/items/mastodon:1093/evidence"`, "2 versi tersimpan", "Arsip halaman", first[1].SHA256, "tidak&lt;/b&gt; terjangkau"} {
		if !strings.Contains(item, want) {
			t.Errorf("the item's page does not have %q", want)
		}
	}
	page := andi.get("/items/mastodon:1093/evidence")
	for _, want := range []string{"<del>2</del><ins>3</ins>", "Versi 2", "Versi 1", "ntp synchronised", `name="csrf"`} {
		if page.status != http.StatusOK || !strings.Contains(page.body, want) {
			t.Errorf("the page of evidence (%d) does not have %q", page.status, want)
		}
	}
	if strings.Contains(page.body+item, "<script>alert") || strings.Contains(page.body, "<b>tidak") {
		t.Error("something of the evidence is markup of the page")
	}

	for n, want := range map[int]struct{ kind, disposition string }{
		0: {"application/octet-stream", "attachment"}, 1: {"application/octet-stream", "attachment"}, 2: {"image/png", "inline"},
	} {
		path := fmt.Sprintf("/items/mastodon:1093/evidence/%s", first[n].ID)
		got := andi.get(path)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != want.kind || !strings.HasPrefix(got.header.Get("Content-Disposition"), want.disposition) ||
			got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") || sumOf(got.body) != first[n].SHA256 {
			t.Errorf("%s: %d %v", first[n].Kind, got.status, got.header)
		}
		if got := far.get(path); got.status != http.StatusNotFound {
			t.Errorf("who may not see the item opens its evidence: %d", got.status)
		}
		if got := andi.get(strings.Replace(path, "mastodon:1093", "facebook:7001", 1)); got.status != http.StatusNotFound {
			t.Errorf("a piece opens under another item: %d", got.status)
		}
	}
	if got := andi.get("/items/mastodon:1093/evidence/" + first[3].ID); got.status != http.StatusNotFound {
		t.Errorf("a piece without a file: %d", got.status)
	}
	if got := far.get("/items/mastodon:1093/evidence"); got.status != http.StatusNotFound {
		t.Errorf("the page of evidence for who may not see the item: %d", got.status)
	}
	if _, err := s.Audit().Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	opened, err := s.Audit().List(t.Context(), audit.Filter{Action: "evidence.open"}, 10)
	if err != nil || len(opened) != 3 || !strings.Contains(opened[0].Detail, `"sha256"`) || opened[0].Actor != "tuti" {
		t.Errorf("recorded %+v, %v", opened, err)
	}
	if got := andi.submit("/items/mastodon:1093/evidence", "/items/mastodon:1093/evidence", nil); got.status != http.StatusSeeOther {
		t.Errorf("capture again: %d", got.status)
	}
	if page := andi.get("/items/mastodon:1093/evidence"); !strings.Contains(page.body, "1 tugas menunggu") {
		t.Error("the page does not say that something waits")
	}
}
