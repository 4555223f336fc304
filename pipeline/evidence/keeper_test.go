package evidence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

func TestMain(m *testing.M) {
	child() // it does not return where this process is the one that is killed
	databasetest.Main(m)
}

// desk is a keeper with what is around it.
type desk struct {
	*evidence.Keeper
	db  *database.DB
	log *seal.Log
	dir string
}

func open(ctx context.Context, db *database.DB, dir string) (*desk, error) {
	files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(dir, "files")})
	if err != nil {
		return nil, err
	}
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile, cfg.HeadFile = filepath.Join(dir, "evidence.key"), filepath.Join(dir, "evidence.head")
	log, err := seal.New(ctx, cfg, seal.Dependencies{Database: db})
	if err != nil {
		return nil, err
	}
	if err := evidence.Migrate(ctx, db); err != nil {
		return nil, err
	}
	keeper, err := evidence.New(evidence.Dependencies{Database: db, Files: files, Log: log})
	return &desk{keeper, db, log, dir}, err
}

func each(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		d, err := open(t.Context(), db, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, d)
	})
}

var version = strings.Repeat("ab", 32)

func draft(kind evidence.Kind, content string) evidence.Draft {
	return evidence.Draft{
		Piece: evidence.Piece{Post: "mastodon:1", Version: version, Kind: kind, By: "netra test", Occasion: evidence.Flagged},
		Bytes: []byte(content),
	}
}

// sealed counts the leaves of the log after what waits was sealed.
func (d *desk) sealed(t testing.TB) int64 {
	t.Helper()
	if _, err := d.log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	head, err := d.log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head.Size
}

func TestAPieceIsKeptWithItsStatementAndItsLeaf(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		at := time.Date(2024, 11, 20, 8, 0, 0, 123456789, time.FixedZone("WITA", 8*3600))
		raw := draft(evidence.Raw, `{"id":1}`)
		raw.CapturedAt, raw.Clock, raw.Type, raw.Address, raw.Public = at, "ntp synchronised, ±4 ms", "application/json", "https://contoh.id/a?b=<c>", evidence.PublicYes
		gone := draft(evidence.Page, "")
		gone.Problem = "the page was not reached"
		kept, err := d.Keep(t.Context(), []evidence.Draft{raw, gone})
		if err != nil {
			t.Fatal(err)
		}
		pieces, err := d.OfPost(t.Context(), "mastodon:1")
		if err != nil || len(pieces) != 2 {
			t.Fatal(pieces, err)
		}
		for i, p := range pieces {
			if !bytes.Equal(p.Statement, kept[i].Statement) || p.ID != kept[i].ID || len(p.Salt) != 32 || p.Format != 1 {
				t.Errorf("read %s, kept %s", p.Statement, kept[i].Statement)
			}
			var anew evidence.Piece
			if err := json.Unmarshal(p.Statement, &anew); err != nil || anew.Kind != p.Kind {
				t.Error(err)
			}
		}
		if p := pieces[0]; !p.CapturedAt.Equal(at) || !strings.Contains(string(p.Statement), `"captured_at":"2024-11-20T08:00:00.123456789+08:00"`) || p.Clock != raw.Clock || p.Size != 8 || p.Type != "application/json" {
			t.Errorf("statement %s", p.Statement)
		}
		if p := pieces[1]; p.SHA256 != "" || p.Size != 0 || p.Type != "" || p.Problem == "" || p.Clock != evidence.NotChecked || time.Since(p.CapturedAt).Abs() > time.Hour {
			t.Errorf("statement %s", p.Statement)
		}
		blob, err := d.Open(t.Context(), pieces[0].SHA256)
		if err != nil {
			t.Fatal(err)
		}
		_ = blob.Close()
		if n := d.sealed(t); n != 2 {
			t.Errorf("%d leaves, want 2", n)
		}
		if one, err := d.Piece(t.Context(), pieces[1].ID); err != nil || one.ID != pieces[1].ID {
			t.Error(one, err)
		}
		if _, err := d.Piece(t.Context(), "none"); !errors.Is(err, evidence.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestNothingIsKeptOfWhatFails(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		broken := errors.New("broken off")
		tests := map[string]func() error{
			"in the transaction": func() error {
				_, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "a")}, func(*database.Tx) error { return broken })
				return err
			},
			"an empty file": func() error {
				_, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "a"), draft(evidence.Record, "")})
				return err
			},
			"no version": func() error {
				one := draft(evidence.Raw, "a")
				one.Version = "x"
				_, err := d.Keep(t.Context(), []evidence.Draft{one})
				return err
			},
			"unknown kind": func() error {
				_, err := d.Keep(t.Context(), []evidence.Draft{draft("opinion", "a")})
				return err
			},
		}
		for name, try := range tests {
			if err := try(); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if has, err := d.Has(t.Context(), "mastodon:1"); err != nil || has || d.sealed(t) != 0 {
			t.Errorf("something was kept: %v %v", has, err)
		}
	})
}

// TestAStorageThatLiesIsNoticed alters and removes files behind the keeper.
func TestAStorageThatLiesIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		kept, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "what was said")})
		if err != nil {
			t.Fatal(err)
		}
		sum := kept[0].SHA256
		path := filepath.Join(d.dir, "files", sum[:2], sum[2:4], sum)
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("what was sajd"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Open(t.Context(), sum); !errors.Is(err, blobs.ErrDamaged) {
			t.Errorf("altered: %v", err)
		}
		if _, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "what was said")}); err != nil { // it is put right
			t.Fatal(err)
		}
		if blob, err := d.Open(t.Context(), sum); err != nil {
			t.Error(err)
		} else {
			_ = blob.Close()
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Open(t.Context(), sum); !errors.Is(err, blobs.ErrNotFound) {
			t.Errorf("removed: %v", err)
		}
	})
}

func TestPurgedFilesGoWhenNoPieceIsAboutThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		kept, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "shared"), draft(evidence.Media, "shared"), draft(evidence.Record, "alone")})
		if err != nil {
			t.Fatal(err)
		}
		purge := func(ids ...string) {
			t.Helper()
			if err := d.db.Write(t.Context(), func(tx *database.Tx) error {
				purged, err := d.Purge(t.Context(), tx, ids)
				if err == nil && len(purged) == 0 {
					t.Error("nothing was purged")
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		var removed []string
		remove := func(_ context.Context, sum string) error {
			removed = append(removed, sum)
			return os.Remove(filepath.Join(d.dir, "files", sum[:2], sum[2:4], sum))
		}
		run := func(want ...string) {
			t.Helper()
			removed = nil
			if n, err := d.RemoveFiles(t.Context(), nil, remove); err != nil || n != len(want) || len(removed) != len(want) || len(want) > 0 && removed[0] != want[0] {
				t.Errorf("removed %v, %v; want %v", removed, err, want)
			}
		}
		purge(kept[0].ID, kept[2].ID, "none")
		run(kept[2].SHA256)
		run()
		purge(kept[1].ID)
		if _, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Gone, "shared")}); err != nil { // it is needed again
			t.Fatal(err)
		}
		run()
		if _, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Record, "alone")}); err != nil { // and so is one that was removed
			t.Fatal(err)
		}
		for _, sum := range []string{kept[0].SHA256, kept[2].SHA256} {
			blob, err := d.Open(t.Context(), sum)
			if err != nil {
				t.Fatal(err)
			}
			_ = blob.Close()
		}
		if n := d.sealed(t); n != 5 {
			t.Errorf("%d leaves, want 5: a purge takes none away", n)
		}
	})
}

// TestNoFileIsLostBetweenKeepingAndPurging keeps, purges and removes the same file
// all at once: whatever piece is left has its file.
func TestNoFileIsLostBetweenKeepingAndPurging(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		remove := func(_ context.Context, sum string) error {
			err := os.Remove(filepath.Join(d.dir, "files", sum[:2], sum[2:4], sum))
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			return err
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 15 {
					kept, err := d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "one file")})
					if errors.Is(err, evidence.ErrAgain) || errors.Is(err, blobs.ErrNotFound) {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					if err := d.db.Write(t.Context(), func(tx *database.Tx) error { _, err := d.Purge(t.Context(), tx, []string{kept[0].ID}); return err }); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				for range 15 {
					if _, err := d.RemoveFiles(t.Context(), nil, remove); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var last []evidence.Stored
		for try := 0; last == nil; try++ {
			var err error
			if last, err = d.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "one file")}); err != nil && try > 100 {
				t.Fatal(err)
			}
		}
		if _, err := d.RemoveFiles(t.Context(), nil, remove); err != nil {
			t.Fatal(err)
		}
		blob, err := d.Open(t.Context(), last[0].SHA256)
		if err != nil {
			t.Fatalf("a piece without its file: %v", err)
		}
		_ = blob.Close()
	})
}
