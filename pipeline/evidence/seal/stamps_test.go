package seal_test

import (
	"context"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/evidence/stamp/stamptest"
)

func authority(t testing.TB) (*stamptest.Authority, string) {
	t.Helper()
	a, err := stamptest.New()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return a, server.URL
}

// stampedBy is a configuration with an authority whose root is trusted.
func stampedBy(t testing.TB, a *stamptest.Authority, urls ...string) seal.Configuration {
	t.Helper()
	cfg := configured(t.TempDir())
	cfg.Stamp.URLs, cfg.Stamp.Roots = urls, filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(cfg.Stamp.Roots, a.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestACheckpointIsStampedOnce(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		a, url := authority(t)
		log := open(t, db, stampedBy(t, a, url))
		if s, err := log.Stamp(t.Context()); err != nil || s.Size != 0 || a.Asked() != 0 {
			t.Errorf("an empty log: %+v, %v", s, err)
		}
		filled(t, db, log, 0, 3)
		for range 2 {
			s, err := log.Stamp(t.Context())
			if err != nil || s.Size != 3 || len(s.Response) == 0 {
				t.Errorf("%+v, %v", s, err)
			}
		}
		if a.Asked() != 1 {
			t.Errorf("the authority was asked %d times", a.Asked())
		}
		last, err := log.Last(t.Context())
		if err != nil || last.Size != 3 || len(last.Response) == 0 {
			t.Errorf("%+v, %v", last, err)
		}
		if _, who, err := last.Says(); err != nil || who != stamptest.Name {
			t.Errorf("%s, %v", who, err)
		}
	})
}

func TestNoTimeStampIsTakenThatIsNotOne(t *testing.T) {
	stranger, _ := authority(t)
	for name, test := range map[string]struct {
		twist func(*stamptest.Answer)
		trust *stamptest.Authority
	}{
		"the authority is away":       {twist: func(a *stamptest.Answer) { a.HTTP = http.StatusBadGateway }},
		"it refuses":                  {twist: func(a *stamptest.Answer) { a.PKI = 2 }},
		"it stamps something else":    {twist: func(a *stamptest.Answer) { a.Sum = make([]byte, 32) }},
		"it answers an older request": {twist: func(a *stamptest.Answer) { a.Nonce = big.NewInt(7) }},
		"it is not the trusted one":   {trust: stranger},
	} {
		t.Run(name, func(t *testing.T) {
			db := databasetest.Open(t, databasetest.SQLite(t))
			a, url := authority(t)
			a.Twist(test.twist)
			trusted := a
			if test.trust != nil {
				trusted = test.trust
			}
			log := open(t, db, stampedBy(t, trusted, url))
			filled(t, db, log, 0, 3)
			if s, err := log.Stamp(t.Context()); err == nil {
				t.Errorf("%+v", s)
			}
			if last, err := log.Last(t.Context()); err != nil || last.Response != nil {
				t.Errorf("it was kept: %v", err)
			}
			if test.twist == nil {
				return
			}
			a.Twist(nil)
			if s, err := log.Stamp(t.Context()); err != nil || len(s.Response) == 0 {
				t.Errorf("when it is back: %v", err)
			}
		})
	}
}

func TestTheNextAuthorityIsAskedWhereOneIsAway(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	a, url := authority(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	log := open(t, db, stampedBy(t, a, gone.URL, url))
	filled(t, db, log, 0, 1)
	if s, err := log.Stamp(t.Context()); err != nil || len(s.Response) == 0 {
		t.Errorf("%v", err)
	}
}

func TestStatementsAreSealedWhileTheAuthorityHangs(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	a, _ := authority(t)
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	cfg := stampedBy(t, a, server.URL)
	cfg.Every, cfg.Stamp.Every = 10*time.Millisecond, 10*time.Millisecond
	log := open(t, db, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	for i := range 3 {
		add(t, db, log, i, i+1)
		until(t, func() bool { return head(t, log).Size == int64(i+1) })
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRunStampsWhenTheAuthorityIsBack(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	a, url := authority(t)
	a.Twist(func(a *stamptest.Answer) { a.HTTP = http.StatusServiceUnavailable })
	cfg := stampedBy(t, a, url)
	cfg.Every, cfg.Stamp.Every = 10*time.Millisecond, 10*time.Millisecond
	log := open(t, db, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	add(t, db, log, 0, 3)
	until(t, func() bool { return a.Asked() > 2 })
	a.Twist(nil)
	until(t, func() bool { last, err := log.Last(t.Context()); return err == nil && last.Response != nil })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func until(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
	}
}

func TestWhatIsInTheLogIsProved(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		a, url := authority(t)
		log := open(t, db, stampedBy(t, a, url))
		for i := range 5 { // time stamps at 3, 6, 9, 12 and 15 leaves
			filled(t, db, log, 3*i, 3*i+3)
			if _, err := log.Stamp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		filled(t, db, log, 15, 17)
		last, err := log.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		prover, err := log.Prover(t.Context(), last.Note)
		if err != nil {
			t.Fatal(err)
		}
		leaves, err := log.Leaves(t.Context(), []seal.Statement{{Kind: seal.KindPiece, Bytes: statement(7)}, {Kind: seal.KindPiece, Bytes: statement(0)}, {Kind: seal.KindPiece, Bytes: statement(16)}})
		if err != nil || leaves[0].Number != 7 || leaves[1].Number != 0 || leaves[2].Number != 16 {
			t.Fatal(leaves, err)
		}
		for _, leaf := range leaves {
			proof, err := prover.Leaf(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proof, 17, prover.Signed.Hash, leaf.Number, leaf.Hash()); err != nil {
				t.Error(err)
			}
		}
		around, err := log.Around(t.Context(), leaves)
		var sizes []int64
		for _, s := range around {
			sizes = append(sizes, s.Size)
		}
		if err != nil || len(sizes) != 4 || sizes[0] != 3 || sizes[1] != 6 || sizes[2] != 9 || sizes[3] != 15 {
			t.Errorf("time stamps around leaves 0, 7 and 16: %v, %v", sizes, err)
		}
		if _, err := log.Leaves(t.Context(), []seal.Statement{{Kind: seal.KindPiece, Bytes: statement(99)}}); !errors.Is(err, seal.ErrNotSealed) {
			t.Errorf("what is not there: %v", err)
		}
	})
}

func TestTheKeyFileIsTheOwnersAndChecked(t *testing.T) {
	cfg := configured(t.TempDir())
	log := open(t, databasetest.Open(t, databasetest.SQLite(t)), cfg)
	info, err := os.Stat(cfg.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := seal.MakeKey(cfg.KeyFile, cfg.Origin); err == nil {
		t.Error("a key was written over another")
	}
	if key, err := seal.OpenKey(cfg.KeyFile, cfg.Origin); err != nil || key.Public() != log.PublicKey() {
		t.Errorf("%v", err)
	}
	if _, err := seal.OpenKey(cfg.KeyFile, "another"); err == nil || !strings.Contains(err.Error(), "evidence.seal.origin") {
		t.Errorf("of another log: %v", err)
	}
	if _, err := log.Sign(seal.Checkpoint{Origin: "x", Tree: tlog.Tree{N: 1}}.Text()); err == nil {
		t.Error("a checkpoint was signed that is none")
	}
	data, err := os.ReadFile(cfg.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "half": string(data[:40]), "without the public one": strings.Split(string(data), "\n")[0], "changed": strings.Replace(string(data), "+A", "+B", 1)} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenKey(path, cfg.Origin); err == nil || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("netra-evidence\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
	f.Add(seal.Leaf{Kind: seal.KindPiece}.Data())
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := seal.ParseCheckpoint(string(data)); err == nil && c.Text() != string(data) {
			t.Errorf("checkpoint %q is read as %q", data, c.Text())
		}
		if l, err := seal.ParseLeaf(1, data); err == nil && string(l.Data()) != string(data) {
			t.Errorf("leaf %q is read as %q", data, l.Data())
		}
		if text, err := seal.NoteText(data); err == nil && !strings.HasPrefix(string(data), text) {
			t.Errorf("note %q has the text %q", data, text)
		}
	})
}
