package pack_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/evidence/stamp/stamptest"
	"github.com/netra-id/netra/pipeline/review"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// office is a console's evidence with its log, its storage and an authority.
type office struct {
	t         testing.TB
	db        *database.DB
	dir       string
	log       *seal.Log
	keeper    *evidence.Keeper
	store     *blobs.Store
	authority *stamptest.Authority
	now       time.Time
	contents  pack.Contents
}

var started = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// Now is the office's clock.
func (o *office) Now() (time.Time, string) { return o.now, "ntp synchronised, ±4 ms" }

func newOffice(t testing.TB, address string, stamped bool) *office {
	t.Helper()
	o := &office{t: t, db: databasetest.Open(t, address), dir: t.TempDir(), now: started}
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile, cfg.HeadFile = filepath.Join(o.dir, "key"), filepath.Join(o.dir, "head")
	var err error
	if o.authority, err = stamptest.New(); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return o.now }
	o.authority.At(clock)
	if stamped {
		server := httptest.NewServer(o.authority)
		t.Cleanup(server.Close)
		cfg.Stamp.URLs = []string{server.URL}
	}
	if o.log, err = seal.New(t.Context(), cfg, seal.Dependencies{Database: o.db, Now: clock}); err != nil {
		t.Fatal(err)
	}
	if o.store, err = blobs.New(blobs.Configuration{Dir: filepath.Join(o.dir, "files")}); err != nil {
		t.Fatal(err)
	}
	if err := evidence.Migrate(t.Context(), o.db); err != nil {
		t.Fatal(err)
	}
	if o.keeper, err = evidence.New(evidence.Dependencies{Database: o.db, Files: o.store, Log: o.log, Clock: o}); err != nil {
		t.Fatal(err)
	}
	o.contents = pack.Contents{Case: json.RawMessage(`{"number":"2026/61/0001","title":"a <b> & c"}`), By: "rina", Netra: "test"}
	return o
}

// piece keeps a piece of a post and adds it to the contents.
func (o *office) piece(post string, kind evidence.Kind, data string, change func(*evidence.Piece)) {
	o.t.Helper()
	p := evidence.Piece{Kind: kind, Post: post, Version: strings.Repeat("ab", 32), By: "netra test", Occasion: evidence.Flagged, Public: evidence.PublicYes, Type: "application/json"}
	if change != nil {
		change(&p)
	}
	draft := evidence.Draft{Piece: p, Bytes: []byte(data)}
	if p.Problem != "" {
		draft.Bytes = nil
	}
	stored, err := o.keeper.Keep(o.t.Context(), []evidence.Draft{draft})
	if err != nil {
		o.t.Fatal(err)
	}
	o.contents.Statements = append(o.contents.Statements, pack.Statement{Kind: seal.KindPiece, Post: post, Bytes: stored[0].Statement})
}

// statement adds a statement of another kind.
func (o *office) statement(kind seal.Kind, post string, value any) {
	o.t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		o.t.Fatal(err)
	}
	err = o.db.Write(o.t.Context(), func(tx *database.Tx) error { return o.log.Add(o.t.Context(), tx, kind, data) })
	if err != nil {
		o.t.Fatal(err)
	}
	o.contents.Statements = append(o.contents.Statements, pack.Statement{Kind: kind, Post: post, Bytes: data})
}

func (o *office) decision(post string, verdict review.Verdict) {
	o.t.Helper()
	o.statement(seal.KindDecision, post, review.Statement{Format: 1, ID: fmt.Sprint(len(o.contents.Statements)), Post: post, Edition: 1, Verdict: verdict, By: "rina", At: o.now, Round: 1, Salt: "00"})
}

func (o *office) stamp() {
	o.t.Helper()
	if _, err := o.log.Seal(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.log.Stamp(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// filled is an office with two posts, of which things happened over half an hour.
func filled(t testing.TB, address string, stamped bool) *office {
	t.Helper()
	o := newOffice(t, address, stamped)
	step := func() {
		if stamped {
			o.stamp()
		}
		o.now = o.now.Add(10 * time.Minute)
	}
	o.statement(seal.KindCase, "", map[string]any{"at": o.now, "change": "created"})
	step()
	for i, post := range []string{"mastodon:1", "x:2"} {
		o.contents.Posts = append(o.contents.Posts, post)
		o.piece(post, evidence.Record, fmt.Sprintf(`{"id":%q}`, post), nil)
		o.piece(post, evidence.Raw, strings.Repeat("raw answer ", 50+i), func(p *evidence.Piece) {
			p.CapturedAt, p.Clock = o.now.Add(-30*time.Hour), evidence.NotChecked
		})
		o.piece(post, evidence.Screenshot, "\x89PNG\r\n\x1a\n the same picture", func(p *evidence.Piece) { p.Type = "image/png" })
		o.piece(post, evidence.Page, "", func(p *evidence.Piece) { p.Problem = "the page asks for a login" })
		step()
	}
	o.decision("mastodon:1", review.Violation)
	o.decision("x:2", review.NoViolation)
	step()
	o.contents.Reports = []pack.Report{{Name: "Laporan.pdf", Bytes: []byte("%PDF-1.7 x")}}
	o.contents.Custody = []pack.Custody{{Number: 1, At: o.now, By: "rina", Role: "analyst", Action: "item.open", Subject: "x:2", Hash: strings.Repeat("0", 64)}}
	return o
}

func (o *office) write() []byte {
	o.t.Helper()
	var out bytes.Buffer
	made, err := pack.Write(context.Background(), &out, o.contents, pack.Dependencies{Log: o.log, Files: o.keeper, Now: o.Now})
	if err != nil {
		o.t.Fatal(err)
	}
	if made.Size != int64(out.Len()) || made.Unstamped != nil {
		o.t.Errorf("made %+v of %d bytes", made, out.Len())
	}
	return out.Bytes()
}

func key(t testing.TB, text string) []note.Verifier {
	t.Helper()
	k, err := seal.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return []note.Verifier{k}
}

func (o *office) options() pack.Options {
	o.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(o.authority.Root)
	return pack.Options{Keys: key(o.t, o.log.PublicKey()), Roots: roots}
}

func verify(t testing.TB, data []byte, options pack.Options) pack.Result {
	t.Helper()
	result, err := pack.Verify(bytes.NewReader(data), int64(len(data)), options)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// holds wants a pack to hold.
func holds(t testing.TB, data []byte, options pack.Options) pack.Result {
	t.Helper()
	result := verify(t, data, options)
	if !result.Holds {
		t.Fatalf("it does not hold: %v", result.Fault)
	}
	return result
}

// fails wants it not to hold, and to say which thing and something of why.
func fails(t testing.TB, data []byte, options pack.Options, what, why string) {
	t.Helper()
	result := verify(t, data, options)
	if result.Holds || !strings.Contains(result.Fault.What, what) || !strings.Contains(result.Fault.Why, why) {
		t.Errorf("got %v, want %q of %q", result.Fault, why, what)
	}
}

func TestAPackHolds(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		o := filled(t, address, true)
		result := holds(t, o.write(), o.options())
		if result.Pieces != 8 || result.Problems != 2 || result.Decisions != 2 || result.Others != 1 || result.Files != 5 || len(result.Stamps) != 5 || result.Times.Claimed != 2 || result.Times.Stated != 11 {
			t.Errorf("%+v", result)
		}
		if notes := strings.Join(result.Notes(), "\n"); !strings.Contains(notes, "2 statements tell of a time more than 1h0m0s before") || strings.Contains(notes, "not asked") {
			t.Errorf("notes %s", notes)
		}
	})
}

func TestAPackWithoutTimeStampsHoldsAndSaysSo(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), false)
	result := holds(t, o.write(), o.options())
	if notes := strings.Join(result.Notes(), "\n"); !strings.Contains(notes, "no time stamping authority") {
		t.Errorf("notes %s", notes)
	}
}

func TestAPackIsMadeWhileTheAuthorityIsAway(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	o.authority.Twist(func(a *stamptest.Answer) { a.HTTP = 503 })
	var out bytes.Buffer
	made, err := pack.Write(t.Context(), &out, o.contents, pack.Dependencies{Log: o.log, Files: o.keeper, Now: o.Now})
	if err != nil || made.Stamped || made.Unstamped == nil {
		t.Fatal(made, err)
	}
	if result := holds(t, out.Bytes(), o.options()); len(result.Stamps) != 4 {
		t.Errorf("%d time stamps, want those from before", len(result.Stamps))
	}
}

func TestNoPackOfWhatIsMissingOrDamaged(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), false)
	o.contents.Statements = append(o.contents.Statements, pack.Statement{Kind: seal.KindPiece, Bytes: []byte(`{"format":1}`)})
	if _, err := pack.Write(t.Context(), &bytes.Buffer{}, o.contents, pack.Dependencies{Log: o.log, Files: o.keeper, Now: o.Now}); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("a statement that is not sealed: %v", err)
	}
	o.contents.Statements = o.contents.Statements[:len(o.contents.Statements)-1]
	empty, err := blobs.New(blobs.Configuration{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Write(t.Context(), &bytes.Buffer{}, o.contents, pack.Dependencies{Log: o.log, Files: empty, Now: o.Now}); !errors.Is(err, blobs.ErrNotFound) || !strings.Contains(err.Error(), "mastodon:1") {
		t.Errorf("a file that is missing: %v", err)
	}
}
