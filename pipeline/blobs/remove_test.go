package blobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
)

func TestAFileIsRemovedUnlessItWasPutAMomentAgo(t *testing.T) {
	dir := t.TempDir()
	store, err := blobs.New(blobs.Configuration{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	put := func() blobs.Ref {
		t.Helper()
		ref, err := store.Put(t.Context(), strings.NewReader("%PDF-1.7 isi"), blobs.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	ref := put()
	path := filepath.Join(dir, ref.SHA256[:2], ref.SHA256[2:4], ref.SHA256)
	age := func() {
		t.Helper()
		hourAgo := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, hourAgo, hourAgo); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Remove(t.Context(), ref.SHA256); !errors.Is(err, blobs.ErrFresh) {
		t.Errorf("a fresh file: %v", err)
	}
	age()
	put() // again, for something else
	if err := store.Remove(t.Context(), ref.SHA256); !errors.Is(err, blobs.ErrFresh) {
		t.Errorf("a file that was put again: %v", err)
	}
	age()
	for range 2 { // the second time it is gone already
		if err := store.Remove(t.Context(), ref.SHA256); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := store.Has(t.Context(), ref.SHA256); has || err != nil {
		t.Errorf("the file is still there: %v", err)
	}
	if store.Remove(t.Context(), "../x") == nil {
		t.Error("what is no hash was taken for one")
	}
}
