package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
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

// decide decides on a post, and says whether that was done: it is not while the
// post is not in the queue, and where it changes just now.
func (a analyst) decide(id string) bool {
	path := "/api/v1/items/" + url.PathEscape(id)
	var whole struct{ Item struct{ Revision int64 } }
	status, body := a.ask(http.MethodGet, path, "")
	if status != http.StatusOK || json.Unmarshal(body, &whole) != nil {
		return false
	}
	status, body = a.ask(http.MethodPost, path+"/decisions", fmt.Sprintf(`{"revision": %d, "verdict": "no_violation", "cause": "denial"}`, whole.Item.Revision))
	if status >= 300 && status != http.StatusConflict {
		a.t.Errorf("decide on %s: %d %s", id, status, body)
	}
	return status < 300
}

const (
	differentPosts     = "SELECT uniqExact(id) FROM flagged_posts"
	decisionRows       = "SELECT count() FROM decisions"
	differentDecisions = "SELECT uniqExact(id) FROM decisions"
	listsLaidOut       = "SELECT uniqExact(number) FROM list_publications"
)

// offers are n posts that are flagged.
func offers(from, n int) (ids []string, lines string) {
	for number := from; number < from+n; number++ {
		id := fmt.Sprintf("facebook:b-%d", number)
		ids, lines = append(ids, id), lines+samplePost(id, fmt.Sprintf("%s (%d)", offer, number))
	}
	return ids, lines
}

// keptPosts are the different posts that the running broker has, and whether the
// workers have acknowledged all of them.
func (h *household) keptPosts() (ids map[string]bool, settled bool) {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.dir, "data", "running.json"))
	var r running
	if err != nil || json.Unmarshal(data, &r) != nil {
		h.t.Fatalf("running.json: %v", err)
	}
	cfg := queue.DefaultConfiguration()
	cfg.Brokers = r.Brokers
	q, err := queue.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer q.Close()
	standings, err := q.Standings(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	settled = true
	for _, s := range standings {
		settled = settled && !s.Planned && s.Lag() == 0
	}
	ids = map[string]bool{}
	err = q.Replay(h.t.Context(), cfg.Topic, nil, func(_ int, record queue.Record) error {
		p, err := post.Decode(record.Value)
		ids[p.ID] = true
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return ids, settled
}

// decided is how many decisions the console's database has, and how many of them
// wait for ClickHouse.
func (h *household) decided() (all, waiting int) {
	h.t.Helper()
	db, err := database.Open(h.t.Context(), filepath.Join(h.dir, "data", "console.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = errors.Join(
		db.QueryRow(h.t.Context(), "SELECT count(*) FROM review_decisions").Scan(&all),
		db.QueryRow(h.t.Context(), "SELECT count(*) FROM review_outbox").Scan(&waiting),
	)
	if err != nil {
		h.t.Fatal(err)
	}
	return all, waiting
}

// agrees wants in ClickHouse what the broker and the console's database have:
// each post and each decision once.
func (h *household) agrees(p *process) (posts, decisions int) {
	h.t.Helper()
	p.eventually("the workers and the outbox are through", func() bool {
		_, settled := h.keptPosts()
		_, waiting := h.decided()
		return settled && waiting == 0
	})
	kept, _ := h.keptPosts()
	posts = len(kept)
	decisions, _ = h.decided()
	for query, want := range map[string]int{
		allFlags: posts, differentPosts: posts, allPosts: posts, decisionRows: decisions, differentDecisions: decisions, listsLaidOut: 1,
	} {
		if got := h.count(query); got != want {
			h.t.Errorf("%s: %d, want %d: something is lost or stored twice", query, got, want)
		}
	}
	return posts, decisions
}

// traffic drops posts and decides on some until it is ended.
func (h *household) traffic(by analyst) (end func()) {
	stop, done := make(chan struct{}), sync.WaitGroup{}
	going := func() bool {
		select {
		case <-stop:
			return false
		case <-time.After(30 * time.Millisecond):
			return true
		}
	}
	done.Go(func() {
		for n := 0; going(); n++ {
			_, lines := offers(1000+10*n, 10)
			h.drop(fmt.Sprintf("during-%d.jsonl", n), lines)
		}
	})
	done.Go(func() {
		for n := 0; going(); n++ {
			by.decide(fmt.Sprintf("facebook:b-%d", 1000+n))
		}
	})
	return func() { close(stop); done.Wait() }
}

// TestABackupBringsEverythingBack goes the whole way: a road with posts, lists,
// decisions and files; a backup while posts and decisions arrive; the loss of all
// of it; a restore into an empty folder, and work that goes on there.
func TestABackupBringsEverythingBack(t *testing.T) {
	h := newHousehold(t)
	address := freeAddress(t)
	t.Setenv("NETRA_CONSOLE_LISTEN", address)
	t.Setenv("NETRA_CONSOLE_API_REQUESTS", "1000")
	t.Setenv("NETRA_CONSOLE_API_BURST", "1000")
	t.Setenv("NETRA_CONFIG", h.config)
	data := filepath.Join(h.dir, "data")
	p := h.start()
	netra(t, nil, "roster", "import", sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone, "66 new")
	ids, lines := offers(0, 20)
	h.drop("first.jsonl", lines)
	rina := h.newAnalyst(address)
	for _, id := range ids[:8] {
		p.eventually("rina has decided on "+id, func() bool { return rina.decide(id) })
	}
	evidence := putEvidence(t, data)

	end := h.traffic(rina)
	p.eventually("posts and decisions arrive", func() bool { return h.count(allPosts) > 100 && h.count(decisionRows) > 15 })
	target, keys := filepath.Join(h.dir, "backup"), filepath.Join(h.dir, "keys")
	netra(t, nil, "backup", target, "--keys", keys).expect(t, exitDone, "not in it: the keys")
	end()
	netra(t, nil, "backup", target).expect(t, exitUsage, "already exists")
	p.stop(syscall.SIGKILL)

	// Everything is lost, also what could be collected again.
	for _, dir := range []string{data, filepath.Join(h.dir, "inbox")} {
		if err := os.Rename(dir, dir+".lost"); err != nil {
			t.Fatal(err)
		}
	}
	damagedBackupIsRefused(t, h, target)
	copyKeys(t, keys, data)
	netra(t, nil, "restore", target).expect(t, exitDone, "done; start Netra")
	netra(t, nil, "restore", target).expect(t, exitUsage, "the target is not empty")

	// Work goes on.
	if err := os.Mkdir(filepath.Join(h.dir, "inbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	p = h.start()
	posts, decisions := h.agrees(p)
	if posts <= 100 || decisions <= 15 {
		t.Errorf("%d posts and %d decisions came back", posts, decisions)
	}
	_, lines = offers(100_000, 20)
	h.drop("after.jsonl", lines)
	p.eventually("new posts are stored", func() bool { return h.count(allFlags) == posts+20 })
	for _, id := range ids[8:12] {
		p.eventually("rina has decided on "+id, func() bool { return rina.decide(id) })
	}
	if after, more := h.agrees(p); after != posts+20 || more != decisions+4 {
		t.Errorf("%d posts and %d decisions, want %d and %d", after, more, posts+20, decisions+4)
	}
	blob, err := openFiles(t, data).Open(t.Context(), evidence)
	if err != nil {
		t.Fatalf("the evidence is gone: %v", err)
	}
	_ = blob.Close()
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(p.said()))
	}
	netra(t, nil, "audit", "verify").expect(t, exitDone)
	netra(t, nil, "evidence", "check").expect(t, exitDone, "hold")
}

func openFiles(t *testing.T, data string) *blobs.Store {
	t.Helper()
	files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(data, "files")})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// putEvidence keeps a file and returns its hash.
func putEvidence(t *testing.T, data string) string {
	t.Helper()
	content := bytes.Repeat([]byte("%PDF-1.7 bukti "), 1000)
	ref, err := openFiles(t, data).Put(t.Context(), bytes.NewReader(content), blobs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return ref.SHA256
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
