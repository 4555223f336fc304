package pack_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/evidence/stamp/stamptest"
	"github.com/netra-id/netra/pipeline/review"
)

// file is an entry of a pack that is taken apart.
type file struct {
	name string
	data []byte
}

func open(t testing.TB, data []byte) []file {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{f.Name, content})
	}
	return files
}

// packed writes a ZIP as everybody does.
func packed(t testing.TB, files []file) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: started})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func find(t testing.TB, files []file, name string) *file {
	t.Helper()
	i := slices.IndexFunc(files, func(f file) bool { return strings.HasPrefix(f.name, name) })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return &files[i]
}

// manifest changes the manifest to tell what the files are now, as somebody does
// who knows the format but has no key.
func remade(t testing.TB, files []file) {
	t.Helper()
	m := find(t, files, "manifest.json")
	var fields map[string]any
	if err := json.Unmarshal(m.data, &fields); err != nil {
		t.Fatal(err)
	}
	text := string(m.data)
	for _, f := range fields["files"].([]any) {
		f := f.(map[string]any)
		for _, now := range files {
			if now.name == f["path"] {
				text = strings.Replace(text, f["sha256"].(string), fmt.Sprintf("%x", sha256.Sum256(now.data)), 1)
			}
		}
	}
	m.data = []byte(text)
}

func replaced(t testing.TB, files []file, name, old, now string) {
	t.Helper()
	f := find(t, files, name)
	if !bytes.Contains(f.data, []byte(old)) {
		t.Fatalf("%s does not contain %q", f.name, old)
	}
	f.data = bytes.ReplaceAll(f.data, []byte(old), []byte(now))
}

// TestWhatIsTamperedWithIsNamed takes packs apart and puts them together again.
// Both verifiers must see it, and name the same thing.
func TestWhatIsTamperedWithIsNamed(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	whole := o.write()
	holds(t, whole, o.options())
	o.now = o.now.Add(time.Second)
	other := open(t, o.write())
	tests := map[string]struct {
		tamper    func([]file) []file
		what, why string
	}{
		"a file is changed": {func(f []file) []file { find(t, f, "files/").data[3] ^= 1; return f }, "files/", "it was changed"},
		"a file is dropped": {func(f []file) []file {
			return slices.DeleteFunc(f, func(f file) bool { return strings.HasSuffix(f.name, ".png") })
		}, ".png", "it is missing"},
		"the report is dropped": {func(f []file) []file {
			return slices.DeleteFunc(f, func(f file) bool { return f.name == "laporan/Laporan.pdf" })
		}, "laporan/Laporan.pdf", "it is missing"},
		"the time stamp is dropped": {func(f []file) []file {
			return slices.DeleteFunc(f, func(f file) bool { return f.name == "checkpoint.tsr" })
		}, "checkpoint.tsr", "it is missing"},
		"a file is added":         {func(f []file) []file { return append(f, file{"files/x", []byte("x")}) }, "files/x", "does not name it"},
		"a file outside is added": {func(f []file) []file { return append(f, file{"../../etc/passwd", []byte("x")}) }, "../../etc/passwd", "does not name it"},
		"a file is there twice":   {func(f []file) []file { return append(f, *find(t, f, "files/")) }, "files/", "twice"},
		"a statement is changed":  {func(f []file) []file { replaced(t, f, "statements/000002", "netra test", "netra else"); return f }, "statements/000002.json", "it was changed"},
		"a decision is swapped":   {func(f []file) []file { replaced(t, f, "statements/000010", "violation", "uncertain"); return f }, "statements/000010.json", "it was changed"},
		"a decision, and the manifest": {func(f []file) []file {
			replaced(t, f, "statements/000010", "violation", "uncertain")
			remade(t, f)
			return f
		}, "manifest.json", "not in the log"},
		"two decisions are exchanged": {func(f []file) []file {
			a, b := find(t, f, "statements/000010"), find(t, f, "statements/000011")
			a.data, b.data = b.data, a.data
			return f
		}, "statements/000010.json", "it was changed"},
		"a capture is back-dated": {func(f []file) []file {
			replaced(t, f, "statements/000002", `"captured_at":"2026-11-22`, `"captured_at":"2026-11-21`)
			return f
		}, "statements/000002.json", "it was changed"},
		"back-dated, and the manifest": {func(f []file) []file {
			replaced(t, f, "statements/000002", `"captured_at":"2026-11-22`, `"captured_at":"2026-11-21`)
			remade(t, f)
			return f
		}, "manifest.json", "not in the log"},
		"the custody record":  {func(f []file) []file { replaced(t, f, "custody.json", "rina", "joko"); return f }, "custody.json", "it was changed"},
		"the manifest's case": {func(f []file) []file { replaced(t, f, "manifest.json", "2026/61/0001", "2026/61/0002"); return f }, "manifest.json", "not in the log"},
		"a sealing time": {func(f []file) []file {
			replaced(t, f, "proofs.txt", fmt.Sprintf(" piece %d", started.Add(10*time.Minute).UnixMilli()), fmt.Sprintf(" piece %d", started.UnixMilli()))
			return f
		}, "statements/000002.json", "not in the log"},
		"the log's size": {func(f []file) []file { replaced(t, f, "checkpoint.txt", "\n12\n", "\n13\n"); return f }, "checkpoint.txt", "signature"},
		"an earlier checkpoint": {func(f []file) []file {
			c := find(t, f, "earlier/1.txt")
			*c = file{c.name, find(t, f, "earlier/5.txt").data}
			return f
		}, "earlier/1.txt", "changed"},
		"another time stamp": {func(f []file) []file { find(t, f, "checkpoint.tsr").data = find(t, f, "earlier/5.tsr").data; return f }, "checkpoint.tsr", "not the time stamp"},
		"a proof is dropped": {func(f []file) []file {
			p := find(t, f, "proofs.txt")
			p.data = p.data[:bytes.LastIndexByte(p.data[:len(p.data)-1], '\n')+1]
			return f
		}, "proofs.txt", "proof"},
		"packed anew":               {func(f []file) []file { return f }, "manifest.json", "packed anew"},
		"another manifest's format": {func(f []file) []file { replaced(t, f, "manifest.json", "netra-pack-1", "netra-pack-2"); return f }, "manifest.json", "format"},
		"the signature":             {func(f []file) []file { find(t, f, "signature.txt").data[20] ^= 1; return f }, "signature.txt", ""},
		"another pack's signature": {func(f []file) []file {
			find(t, f, "signature.txt").data = find(t, other, "signature.txt").data
			return f
		}, "signature.txt", "not of the files"},
	}
	second := newPython(t, o, false)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			data := packed(t, test.tamper(open(t, whole)))
			fails(t, data, o.options(), test.what, test.why)
			if out, ok := second.verify(data); ok || !strings.Contains(out, test.what) {
				t.Errorf("the second verifier, which must name %s: %s", test.what, out)
			}
		})
	}
}

func TestAPackThatIsCutOffOrHasMoreIsKnown(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), false)
	whole := o.write()
	second := newPython(t, o, false)
	for name, data := range map[string][]byte{
		"cut off": whole[:len(whole)-1], "half": whole[:len(whole)/2], "empty": nil, "more": append(slices.Clone(whole), 0),
		"with something before it": append([]byte("#!/bin/sh\n"), whole...), "another file": []byte("%PDF-1.7"),
	} {
		fails(t, data, o.options(), "", "")
		if out, ok := second.verify(data); ok {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func TestAnotherKeyIsNamed(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	whole := o.write()
	_, other, err := note.GenerateKey(rand.Reader, o.log.Origin())
	if err != nil {
		t.Fatal(err)
	}
	options := o.options()
	options.Keys = key(t, other)
	fails(t, whole, options, "checkpoint.txt", "another key")
	second := newPython(t, o, false)
	second.key = other
	if out, ok := second.verify(whole); ok || !strings.Contains(out, "checkpoint.txt: it is signed by another key") {
		t.Error(out)
	}
}

func TestAnotherAuthorityIsNamed(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	whole := o.write()
	other, err := stamptest.New()
	if err != nil {
		t.Fatal(err)
	}
	o.authority.Root = other.Root
	fails(t, whole, o.options(), "checkpoint.tsr", "does not lead to a trusted one")
	if out, ok := newPython(t, o, true).verify(whole); ok || !strings.Contains(out, "tsr: openssl does not verify it") {
		t.Error(out)
	}
}

// TestWhatAnInsiderWritesIsNamed has the key, the log and the storage write what
// is not true.
func TestWhatAnInsiderWritesIsNamed(t *testing.T) {
	tests := map[string]struct {
		stamped   bool
		do        func(o *office)
		what, why string
	}{
		"a capture is back-dated": {true, func(o *office) {
			o.piece("x:2", evidence.Screenshot, "png", func(p *evidence.Piece) { p.CapturedAt, p.Clock = o.now.Add(-26*time.Hour), "ntp synchronised" })
		}, "statements/000012.json", "back-dated"},
		"a capture is back-dated, without time stamps": {false, func(o *office) {
			o.piece("x:2", evidence.Page, "html", func(p *evidence.Piece) { p.CapturedAt, p.Clock = o.now.Add(-26*time.Hour), "ntp synchronised" })
		}, "statements/000012.json", "back-dated"},
		"a decision is back-dated": {true, func(o *office) {
			o.statement(seal.KindDecision, "x:2", review.Statement{Post: "x:2", By: "joko", At: o.now.Add(-3 * time.Hour)})
		}, "statements/000012.json", "back-dated"},
		"a capture from the future": {true, func(o *office) {
			o.piece("x:2", evidence.Raw, "{}", func(p *evidence.Piece) { p.CapturedAt = o.now.Add(time.Hour) })
		}, "statements/000012.json", "after the time stamp that covers it"},
		"this machine's clock was set back": {true, func(o *office) {
			at := o.now
			o.authority.At(func() time.Time { return at })
			o.now = o.now.Add(-48 * time.Hour)
			o.piece("x:2", evidence.Page, "html", nil)
		}, "statements/000012.json", "before the time stamp of a log without it"},
		"this machine's clock was set ahead": {true, func(o *office) {
			at := o.now
			o.authority.At(func() time.Time { return at })
			o.now = o.now.Add(48 * time.Hour)
			o.piece("x:2", evidence.Page, "html", nil)
		}, "statements/000012.json", "after the time stamp that covers it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := filled(t, databasetest.SQLite(t), test.stamped)
			test.do(o)
			data := o.write()
			fails(t, data, o.options(), test.what, test.why)
			if out, ok := newPython(t, o, false).verify(data); ok || !strings.Contains(out, test.what) {
				t.Errorf("the second verifier: %s", out)
			}
		})
	}
}

func (o *office) exec(statement string) {
	o.t.Helper()
	if _, err := o.db.Exec(o.t.Context(), statement); err != nil {
		o.t.Fatal(err)
	}
}

// again seals all statements of the contents in a log of their own.
func (o *office) again() {
	o.t.Helper()
	err := o.db.Write(o.t.Context(), func(tx *database.Tx) error {
		for _, s := range o.contents.Statements {
			if err := o.log.Add(o.t.Context(), tx, s.Kind, s.Bytes); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = o.log.Seal(o.t.Context())
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestARewrittenLogIsNamed has an insider exchange what happened, make the log
// anew and sign it: the checkpoint that was time-stamped gives it away.
func TestARewrittenLogIsNamed(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	var earlier seal.Stamped
	for _, f := range open(t, o.write()) {
		switch f.name {
		case "earlier/5.txt":
			earlier.Size, earlier.Note = 5, f.data
		case "earlier/5.tsr":
			earlier.Response = f.data
		}
	}
	for _, table := range []string{"leaves", "hashes", "checkpoints", "stamps"} {
		o.exec("DROP TRIGGER seal_" + table + "_no_delete")
		o.exec("DELETE FROM seal_" + table)
	}
	if err := os.Remove(filepath.Join(o.dir, "head")); err != nil {
		t.Fatal(err)
	}
	o.contents.Statements[2], o.contents.Statements[1] = o.contents.Statements[1], o.contents.Statements[2]
	o.again()
	o.authority.Twist(func(a *stamptest.Answer) { a.HTTP = 503 }) // it would not help
	var rewritten bytes.Buffer
	if _, err := pack.Write(t.Context(), &rewritten, o.contents, pack.Dependencies{Log: o.log, Files: o.keeper, Now: o.Now}); err != nil {
		t.Fatal(err)
	}
	var m pack.Manifest
	content := map[string][]byte{}
	for _, f := range open(t, rewritten.Bytes()) {
		content[f.name] = f.data
	}
	if err := json.Unmarshal(content["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	data, err := pack.Forge(t.Context(), o.log, m, content, earlier)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, data, o.options(), "earlier/5.txt", "the log was rewritten: its first 5 leaves")
	if out, ok := newPython(t, o, false).verify(data); ok || !strings.Contains(out, "earlier/5.txt: the log was rewritten") {
		t.Errorf("the second verifier: %s", out)
	}
}

// TestEveryBitMatters changes single bits all over a pack. With NETRA_TEST_BITS=all
// it changes every single one.
func TestEveryBitMatters(t *testing.T) {
	o := newOffice(t, databasetest.SQLite(t), true)
	o.statement(seal.KindCase, "", map[string]any{"at": o.now})
	o.stamp()
	o.contents.Posts = []string{"x:1"}
	o.piece("x:1", evidence.Raw, strings.Repeat("x", 64), nil)
	o.decision("x:1", review.Violation)
	whole := o.write()
	options := o.options()
	holds(t, whole, options)
	step, start := 61, int(started.UnixNano()%61)
	if os.Getenv("NETRA_TEST_BITS") == "all" {
		step, start = 1, 0
	}
	changed := slices.Clone(whole)
	for bit := start; bit < 8*len(whole); bit += step {
		changed[bit/8] ^= bits.RotateLeft8(1, bit%8)
		if result := verify(t, changed, options); result.Holds {
			t.Errorf("bit %d of byte %d of %d may be changed", bit%8, bit/8, len(whole))
		}
		changed[bit/8] = whole[bit/8]
	}
	t.Logf("%d bytes", len(whole))
}

// TestEveryByteMattersToTheSecondVerifier does the same with the other one, in
// one process.
func TestEveryByteMattersToTheSecondVerifier(t *testing.T) {
	o := newOffice(t, databasetest.SQLite(t), true)
	o.contents.Posts = []string{"x:1"}
	o.piece("x:1", evidence.Raw, "{}", nil)
	o.stamp()
	o.decision("x:1", review.Violation)
	second := newPython(t, o, false)
	path := filepath.Join(second.dir, "whole.zip")
	if err := os.WriteFile(path, o.write(), 0o600); err != nil {
		t.Fatal(err)
	}
	step := "301"
	if os.Getenv("NETRA_TEST_BITS") == "all" {
		step = "1"
	}
	second.run("-B", "testdata/bits.py", path, second.key, step)
}
