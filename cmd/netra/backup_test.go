package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// analyst is a person who decides through the console's API.
type analyst struct {
	t              *testing.T
	console, token string
}

// newAnalyst makes one, with a token, in the running console's database.
func (h *household) newAnalyst(address string) analyst {
	h.t.Helper()
	db, err := database.Open(h.t.Context(), filepath.Join(h.dir, "data", "console.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	users, err := console.OpenState(h.t.Context(), console.DefaultConfiguration(), db)
	if err != nil {
		h.t.Fatal(err)
	}
	id, err := users.AddUser(h.t.Context(), state.NewUser{Name: "rina", Password: "kata sandi yang panjang", Role: access.Analyst}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	token, err := users.AddToken(h.t.Context(), id, "program", time.Hour, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return analyst{t: h.t, console: "http://" + address, token: token}
}

// ask calls the API and returns status and body, 0 where nobody answers.
func (a analyst) ask(method, path, body string) (int, []byte) {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.console+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.StatusCode, data
}

// decide decides on a post as soon as it is in the queue.
func (a analyst) decide(p *process, id string) {
	a.t.Helper()
	path := "/api/v1/items/" + url.PathEscape(id)
	p.eventually("somebody decided on "+id, func() bool {
		var whole struct{ Item struct{ Revision int64 } }
		status, body := a.ask(http.MethodGet, path, "")
		if status != http.StatusOK || json.Unmarshal(body, &whole) != nil {
			return false // not in the queue yet
		}
		status, body = a.ask(http.MethodPost, path+"/decisions", fmt.Sprintf(`{"revision": %d, "verdict": "no_violation", "cause": "denial"}`, whole.Item.Revision))
		if status >= 300 && status != http.StatusConflict { // which says that it changed since it was read
			a.t.Fatalf("decide on %s: %d %s", id, status, body)
		}
		return status < 300
	})
}

const (
	rowsOfFlags     = "SELECT count() FROM flagged_posts"
	decisionRows    = "SELECT count() FROM decisions"
	differentPosts  = "SELECT uniqExact(id) FROM flagged_posts"
	decisionsWanted = "SELECT uniqExact(item) FROM decisions"
	listsLaidOut    = "SELECT uniqExact(number) FROM list_publications"
)

// offers are n posts that are flagged.
func offers(from, n int) (ids []string, lines string) {
	for number := from; number < from+n; number++ {
		id := fmt.Sprintf("facebook:b-%d", number)
		ids, lines = append(ids, id), lines+samplePost(id, offer)
	}
	return ids, lines
}

// TestABackupBringsEverythingBack goes the whole way: a road with posts, lists,
// decisions and files; a backup while posts and decisions arrive; the loss of all
// of it; a restore into an empty folder, and work that goes on there.
func TestABackupBringsEverythingBack(t *testing.T) {
	h := newHousehold(t)
	address := freeAddress(t)
	t.Setenv("NETRA_CONSOLE_LISTEN", address)
	t.Setenv("NETRA_CONFIG", h.config)
	data := filepath.Join(h.dir, "data")
	p := h.start()
	netra(t, nil, "roster", "import", sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone, "66 new")
	ids, lines := offers(0, 40)
	h.drop("first.jsonl", lines)
	p.eventually("40 posts are stored", func() bool { return h.count(rowsOfFlags) == 40 })
	rina := h.newAnalyst(address)
	for _, id := range ids[:8] {
		rina.decide(p, id)
	}
	files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(data, "files")})
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := files.Put(t.Context(), bytes.NewReader(bytes.Repeat([]byte("%PDF-1.7 bukti "), 1000)), blobs.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	// A backup in the middle of it.
	arriving := make(chan struct{})
	go func() {
		defer close(arriving)
		for n := range 10 {
			_, lines := offers(100+n*20, 20)
			h.drop(fmt.Sprintf("during-%d.jsonl", n), lines)
			time.Sleep(150 * time.Millisecond)
		}
	}()
	target, keys := filepath.Join(h.dir, "backup"), filepath.Join(h.dir, "keys")
	for _, id := range ids[8:12] {
		rina.decide(p, id)
	}
	netra(t, nil, "backup", target, "--keys", keys).expect(t, exitDone, "not in it: the keys")
	for _, id := range ids[12:16] {
		rina.decide(p, id) // the backup does not know these
	}
	<-arriving
	netra(t, nil, "backup", target).expect(t, exitUsage, "already exists")
	p.eventually("all posts are counted", func() bool { return h.count(allPosts) == 240 })
	p.stop(syscall.SIGKILL)

	// Everything is lost.
	if err := os.Rename(data, filepath.Join(h.dir, "lost")); err != nil {
		t.Fatal(err)
	}
	damagedBackupIsRefused(t, h, target)
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	copyKeys(t, keys, data)
	netra(t, nil, "restore", target).expect(t, exitDone, "done; start Netra")
	netra(t, nil, "restore", target).expect(t, exitUsage, "the target is not empty")

	// Work goes on. The watched folder's files are known to the restored cursors, or
	// recognised where they come again.
	p = h.start()
	p.eventually("what arrived until the loss is there", func() bool { return h.count(differentPosts) == 240 })
	for _, id := range ids[12:20] {
		rina.decide(p, id) // four of them for the second time: the first went with the machine
	}
	_, lines = offers(1000, 20)
	h.drop("after.jsonl", lines)
	p.eventually("new posts are stored", func() bool { return h.count(differentPosts) == 260 })
	p.eventually("all posts are counted", func() bool { return h.count(allPosts) >= 260 })
	p.eventually("all decisions are in ClickHouse", func() bool { return h.count(decisionsWanted) == 20 })
	p.eventually("the lists are laid out", func() bool { return h.count(listsLaidOut) == 1 })
	time.Sleep(2 * time.Second) // what is twice would come now
	for query, want := range map[string]int{rowsOfFlags: 260, allPosts: 260, decisionRows: 20} {
		if got := h.count(query); got != want {
			t.Errorf("%s: %d, want %d: something is lost or stored twice", query, got, want)
		}
	}
	again, err := blobs.New(blobs.Configuration{Dir: filepath.Join(data, "files")})
	if err != nil {
		t.Fatal(err)
	}
	blob, err := again.Open(t.Context(), evidence.SHA256)
	if err != nil {
		t.Fatalf("the evidence is gone: %v", err)
	}
	_ = blob.Close()
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(p.said()))
	}
	netra(t, nil, "audit", "verify").expect(t, exitDone)
}

func copyKeys(t *testing.T, from, to string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(from, "*.key"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no keys in %s: %v", from, err)
	}
	for _, key := range found {
		data, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, filepath.Base(key), string(data))
	}
}

// damagedBackupIsRefused damages each kind of file in turn, and puts it right
// again.
func damagedBackupIsRefused(t *testing.T, h *household, target string) {
	t.Helper()
	netra(t, nil, "backup", "check", target).expect(t, exitDone, "is whole")
	var files []string
	err := filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"manifest.json", "hourly_counts", "console.db", "collect.db", ".dat", "/files/"} {
		at := slices.IndexFunc(files, func(path string) bool { return strings.Contains(path, part) })
		if at < 0 {
			t.Fatalf("no %s among %v", part, files)
		}
		whole, err := os.ReadFile(files[at])
		if err != nil || len(whole) == 0 {
			t.Fatalf("%s: %d bytes, %v", files[at], len(whole), err)
		}
		damaged := bytes.Clone(whole)
		damaged[len(damaged)/2] ^= 1
		for _, content := range [][]byte{damaged, nil} {
			if err := os.Remove(files[at]); err != nil {
				t.Fatal(err)
			}
			if content != nil {
				write(t, filepath.Dir(files[at]), filepath.Base(files[at]), string(content))
			}
			netra(t, nil, "backup", "check", target).expect(t, exitFails, "damaged", filepath.Base(files[at]))
			netra(t, nil, "restore", target).expect(t, exitFails, "damaged", filepath.Base(files[at]))
			write(t, filepath.Dir(files[at]), filepath.Base(files[at]), string(whole))
		}
	}
	if _, err := os.Stat(filepath.Join(h.dir, "data")); err == nil {
		t.Error("a damaged backup was laid out")
	}
}
