package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/reviewtest"
)

// casework makes a console's database with a case of one confirmed post, and
// returns the case's number and the post's id.
func casework(t *testing.T) (number, id string) {
	t.Helper()
	t.Setenv("NETRA_DATA_DIR", filepath.Join(t.TempDir(), "data"))
	cfg, err := config.Load("", os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, errOut: io.Discard, cfg: cfg, log: newLogger(cfg.Log, io.Discard), registry: prometheus.NewRegistry()}
	err = a.withDatabase(t.Context(), func(db *database.DB) error {
		number, id, err = a.decided(t.Context(), db)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return number, id
}

// decided has a flag opened and confirmed, kept as evidence and made a case.
func (a *app) decided(ctx context.Context, db *database.DB) (number, id string, err error) {
	r := &road{database: db}
	if r.seal, err = a.newSeal(ctx, db); err != nil {
		return "", "", err
	}
	if r.keeper, err = a.newKeeper(ctx, r); err != nil {
		return "", "", err
	}
	work, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: db, Seal: r.seal})
	if err != nil {
		return "", "", err
	}
	all, err := cases.New(cases.DefaultConfiguration(), cases.Dependencies{Database: db, Posts: work, Seal: r.seal})
	if err != nil {
		return "", "", err
	}
	flag := reviewtest.Flag(1, time.Now())
	rina := access.Viewer{ID: 1, Name: "rina", Role: access.Supervisor}
	err = errors.Join(review.Migrate(ctx, db), cases.Migrate(ctx, db), work.TakeInFlags(ctx, []post.Flag{flag}))
	if err != nil {
		return "", "", err
	}
	id = flag.Post.ID
	item, err := work.Open(ctx, rina, id)
	if err != nil {
		return "", "", err
	}
	if _, err := work.Decide(ctx, rina, []review.Choice{{Item: id, Revision: item.Revision}}, review.Decision{Verdict: review.Violation, Rule: "KE-2"}); err != nil {
		return "", "", err
	}
	record, err := json.Marshal(flag.Post)
	if err != nil {
		return "", "", err
	}
	piece := evidence.Piece{Post: id, Version: strings.Repeat("ab", 32), By: "netra test", Kind: evidence.Record, Occasion: evidence.Flagged, Type: "application/json"}
	if _, err := r.keeper.Keep(ctx, []evidence.Draft{{Piece: piece, Bytes: record}}); err != nil {
		return "", "", err
	}
	c, err := all.Create(ctx, rina, cases.Draft{Title: "Dugaan dukungan", Kind: cases.OfAccount, Posts: []string{id}})
	return c.Number, id, err
}

// TestAStrangerVerifiesAPack exports a case by command and verifies it with the
// public key alone, by both verifiers.
func TestAStrangerVerifiesAPack(t *testing.T) {
	number, id := casework(t)
	dir := t.TempDir()
	packed, key := filepath.Join(dir, "kasus.zip"), filepath.Join(dir, "kunci.txt")
	netra(t, nil, "evidence", "export", "--case", number, "-o", packed).expect(t, exitDone, "without a time stamp", "netra evidence verify")
	netra(t, nil, "evidence", "export", "--case", number, "-o", packed).expect(t, exitUsage, "there is such a file already")
	netra(t, nil, "evidence", "export", "--post", id, "-o", filepath.Join(dir, "pos.zip")).expect(t, exitDone, "SHA-256")
	netra(t, nil, "evidence", "export", "--case", "2001/61/0001", "-o", filepath.Join(dir, "x.zip")).expect(t, exitUsage, "2001/61/0001")
	if err := os.WriteFile(key, []byte(netra(t, nil, "evidence", "key").out), 0o600); err != nil {
		t.Fatal(err)
	}
	netra(t, nil, "evidence", "check").expect(t, exitDone, "sealed log: ", "hold; 0 statements wait")
	netra(t, nil, "audit", "verify").expect(t, exitDone)

	t.Setenv("NETRA_DATA_DIR", filepath.Join(t.TempDir(), "elsewhere")) // another machine
	for _, name := range []string{packed, filepath.Join(dir, "pos.zip")} {
		netra(t, nil, "evidence", "verify", name, "--key", key).expect(t, exitDone, "HOLDS", "key with the fingerprint", "1 pieces of evidence with 1 files, 1 decisions", "no time stamping authority")
	}
	var result pack.Result
	if err := json.Unmarshal([]byte(netra(t, nil, "evidence", "verify", packed, "--key", key, "--json").out), &result); err != nil || !result.Holds || result.MadeBy == "" {
		t.Errorf("%+v, %v", result, err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is not installed: apt-get install python3")
	}
	out, err := exec.CommandContext(t.Context(), python, "-B", "../../pipeline/evidence/pack/netra_verify.py", packed, key).CombinedOutput() //nolint:gosec // it is ours
	if err != nil || !strings.HasPrefix(string(out), "HOLDS") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(os.Getenv("NETRA_DATA_DIR")); !errors.Is(err, os.ErrNotExist) {
		t.Error("verify made a data directory")
	}
	data, err := os.ReadFile(packed) //nolint:gosec // it is ours
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	changed := write(t, dir, "changed.zip", string(data))
	netra(t, nil, "evidence", "verify", changed, "--key", key).expect(t, exitFails, "DOES NOT HOLD", "it was changed")
	netra(t, nil, "evidence", "verify", changed, "--key", key, "--json").expect(t, exitFails, `"holds": false`, `"what": "`)
}

func TestARewrittenLogIsFoundByCommand(t *testing.T) {
	number, _ := casework(t)
	dir := t.TempDir()
	head := write(t, dir, "head.txt", "")
	netra(t, nil, "evidence", "export", "--case", number, "-o", filepath.Join(dir, "kasus.zip")).expect(t, exitDone)
	if err := os.WriteFile(head, []byte(netra(t, nil, "evidence", "head").out), 0o600); err != nil {
		t.Fatal(err)
	}
	netra(t, nil, "evidence", "check", "--head", head).expect(t, exitDone, "checkpoints hold")
	db, err := console.OpenDatabase(t.Context(), console.Configuration{Database: filepath.Join(os.Getenv("NETRA_DATA_DIR"), "console.db")})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"leaves", "hashes", "checkpoints"} {
		for _, statement := range []string{"DROP TRIGGER seal_" + table + "_no_delete", "DELETE FROM seal_" + table} {
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	netra(t, nil, "evidence", "check").expect(t, exitFails, "it does not hold", "cut off")
	if err := os.Remove(filepath.Join(os.Getenv("NETRA_DATA_DIR"), "evidence.head")); err != nil {
		t.Fatal(err)
	}
	netra(t, nil, "evidence", "check", "--head", head).expect(t, exitFails, "it does not hold", "cut off")
}

func TestUsageOfEvidence(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NETRA_DATA_DIR", filepath.Join(dir, "data"))
	file := write(t, dir, "a.zip", "PK")
	key := strings.TrimSpace(netra(t, nil, "evidence", "key", "--make").out)
	if !strings.HasPrefix(key, "netra-evidence+") || strings.TrimSpace(netra(t, nil, "evidence", "key", "--make").out) != key {
		t.Errorf("key %q, and another the second time", key)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"verify"}, exitUsage, "usage: netra evidence verify PACK"},
		{[]string{"verify", file}, exitUsage, "--key is missing"},
		{[]string{"verify", file, "--key", "/nowhere"}, exitUsage, "/nowhere"},
		{[]string{"verify", file, "--key", "a+b+c"}, exitUsage, `public key "a+b+c"`},
		{[]string{"verify", file, "--key", filepath.Join(dir, "data", "evidence.key")}, exitUsage, "--key: this is the private key (not shown)"},
		{[]string{"verify", file, "--key", "\ufeff" + key + "\r\n"}, exitFails, "it is not a whole ZIP file"},
		{[]string{"verify", "/nowhere.zip", "--key", key}, exitUsage, "/nowhere.zip"},
		{[]string{"verify", dir, "--key", key}, exitUsage, "is not a file"},
		{[]string{"verify", file, "--key", key, "--tsa-root", file}, exitUsage, "no certificate in PEM"},
		{[]string{"verify", file, "--key", key, "--max-delay", "-1h"}, exitUsage, "--max-delay"},
		{[]string{"verify", file, "--key", key}, exitFails, "it is not a whole ZIP file"},
		{[]string{"export", "-o", "x"}, exitUsage, "either --case NUMBER or --post ID"},
		{[]string{"export", "--case", "1", "--post", "2", "-o", "x"}, exitUsage, "either --case NUMBER or --post ID"},
		{[]string{"export", "--case", "1"}, exitUsage, "-o is missing"},
		{[]string{"export", "--case", "1", "-o", filepath.Join(dir, "x.zip")}, exitUsage, `key "console.database"`},
		{[]string{"check"}, exitUsage, `key "console.database"`},
		{[]string{"check", "--head", "/nowhere"}, exitUsage, "/nowhere"},
		{[]string{"check", "--head", file}, exitUsage, "is no checkpoint as"},
		{[]string{"head"}, exitUsage, `key "console.database"`},
		{[]string{"stamp"}, exitUsage, "evidence.seal.stamp.urls"},
		{[]string{"template"}, exitDone, ""},
		{[]string{"verfy"}, exitUsage, `did you mean "verify"?`},
	} {
		netra(t, nil, append([]string{"evidence"}, test.args...)...).expect(t, test.code, test.want)
	}
}
