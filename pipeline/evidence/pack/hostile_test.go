package pack_test

import (
	"archive/zip"
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence/pack"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// bomb is a ZIP in which one entry of a pack is 128 MiB of zeros.
func bomb(t *testing.T, files []file, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		var content io.Reader = bytes.NewReader(f.data)
		if f.name == name {
			content = io.LimitReader(zeros{}, 1<<27)
		}
		if _, err := io.Copy(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABombTakesNoMemory(t *testing.T) {
	o := filled(t, databasetest.SQLite(t), true)
	files := open(t, o.write())
	second := newPython(t, o, false)
	options := o.options()
	for _, name := range []string{"manifest.json", "checkpoint.tsr", "laporan/Laporan.pdf"} {
		data := bomb(t, files, name)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		result := verify(t, data, options)
		runtime.ReadMemStats(&after)
		if result.Holds || result.Fault.What != name || !strings.Contains(result.Fault.Why, "longer") {
			t.Errorf("%s: %v", name, result.Fault)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 300<<20 {
			t.Errorf("%s: %d MiB were allocated", name, used>>20)
		}
		if out, ok := second.verify(data); ok || !strings.Contains(out, name) {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func FuzzVerify(f *testing.F) {
	o := newOffice(f, databasetest.SQLite(f), true)
	o.contents.Posts = []string{"x:1"}
	o.piece("x:1", "raw", "{}", nil)
	whole := o.write()
	options := o.options()
	f.Add(whole)
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := pack.Verify(bytes.NewReader(data), int64(len(data)), options)
		if err != nil {
			t.Error(err)
		}
		if result.Holds && !bytes.Equal(data, whole) {
			t.Error("another pack holds")
		}
	})
}
