package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// sessionFlash is the key under which a session keeps what was just done.
const sessionFlash = "flash"

// mostUndone bounds how many decisions one press takes back.
const mostUndone = 500

// flash says on the next page what was just done, and can take it back.
type flash struct {
	Text string
	Bad  bool
	// Done are the ids of the items that were decided, each escaped, with spaces
	// between them: the notes that a browser keeps on them are no longer needed.
	Done string
	// UndoURL is where Undo, the ids of decisions, are taken back.
	UndoURL string
	Undo    []string
}

// later keeps the flash for the reader's next page.
func (c *Console) later(r *http.Request, f flash) {
	kept, err := json.Marshal(f)
	if err != nil {
		return // it is text
	}
	c.sessions.Put(r.Context(), sessionFlash, string(kept))
}

// flashed returns what was kept for this page, once.
func (c *Console) flashed(r *http.Request) *flash {
	kept := c.sessions.PopString(r.Context(), sessionFlash)
	if kept == "" {
		return nil
	}
	f := &flash{}
	if err := json.Unmarshal([]byte(kept), f); err != nil {
		return nil // of another version of the console
	}
	return f
}

func doneItems(ids []string) string {
	escaped := make([]string, len(ids))
	for i, id := range ids {
		escaped[i] = url.PathEscape(id)
	}
	return strings.Join(escaped, " ")
}
