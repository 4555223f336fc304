package evidence_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// TestAnObjectStorageThatLiesIsNotBelieved says that it has what it does not have:
// no piece is kept of that.
func TestAnObjectStorageThatLiesIsNotBelieved(t *testing.T) {
	said := []byte("what was said")
	give := func(what func() []byte) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.Method {
			case http.MethodPut:
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("ETag", `"d41d8cd98f00b204e9800998ecf8427e"`)
			case http.MethodGet:
				if data := what(); data != nil {
					w.Header().Set("ETag", `"d41d8cd98f00b204e9800998ecf8427e"`)
					w.Header().Set("Last-Modified", "Wed, 20 Nov 2024 08:00:00 GMT")
					_, _ = w.Write(data)
					return
				}
				fallthrough
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		})
	}
	tests := map[string]struct {
		storage http.Handler
		ok      bool
	}{
		"keeps nothing":       {give(func() []byte { return nil }), false},
		"gives other bytes":   {give(func() []byte { return []byte("others") }), false},
		"gives a part":        {give(func() []byte { return said[:1] }), false},
		"gives what it keeps": {give(func() []byte { return said }), true},
	}
	t.Setenv("STORAGE_KEY", "secret")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.storage)
			defer server.Close()
			files, err := blobs.New(blobs.Configuration{S3: blobs.S3Configuration{Endpoint: server.URL, Bucket: "bukti", Region: "us-east-1", AccessKeyID: "id", AccessKeyEnv: "STORAGE_KEY"}})
			if err != nil {
				t.Fatal(err)
			}
			db := databasetest.Open(t, databasetest.SQLite(t))
			cfg := seal.DefaultConfiguration()
			cfg.KeyFile, cfg.HeadFile = filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "head")
			log, err := seal.New(t.Context(), cfg, seal.Dependencies{Database: db})
			if err != nil {
				t.Fatal(err)
			}
			if err := evidence.Migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			keeper, err := evidence.New(evidence.Dependencies{Database: db, Files: files, Log: log})
			if err != nil {
				t.Fatal(err)
			}
			_, err = keeper.Keep(t.Context(), []evidence.Draft{draft(evidence.Raw, "what was said")}, func(*database.Tx) error { return nil })
			if (err == nil) != test.ok {
				t.Errorf("kept with the error %v", err)
			}
			if has, err := keeper.Has(t.Context(), "mastodon:1"); err != nil || has != test.ok {
				t.Errorf("a piece is there: %v, %v", has, err)
			}
		})
	}
}
