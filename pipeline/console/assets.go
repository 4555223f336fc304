package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// assets are the static files, held in memory, with the hash that is part of
// their address: a browser may keep a file for good.
type assets struct {
	files map[string]asset // by path below static/
}

type asset struct {
	data []byte
	hash string
	kind string
}

// kinds are the files that are served; all others, such as notes, are not.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func newAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	err := fs.WalkDir(files, "static", func(name string, entry fs.DirEntry, err error) error {
		kind, known := kinds[path.Ext(name)]
		if err != nil || entry.IsDir() || !known {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		a.files[strings.TrimPrefix(name, "static/")] = asset{data: data, hash: hex.EncodeToString(sum[:6]), kind: kind}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the console's static files: %w", err)
	}
	return a, nil
}

// url returns the address of a static file; empty where the file is not there,
// as third-party files are not before npm has brought them.
func (a *assets) url(name string) string {
	file, ok := a.files[name]
	if !ok {
		return ""
	}
	return "/static/" + name + "?v=" + file.hash
}

func (c *Console) static(w http.ResponseWriter, r *http.Request) error {
	file, ok := c.pages.assets.files[strings.TrimPrefix(r.URL.Path, "/static/")]
	if !ok {
		return failure{status: http.StatusNotFound}
	}
	w.Header().Set("Content-Type", file.kind)
	if r.URL.Query().Get("v") == file.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(file.data) // the reader may have gone
	return nil
}
