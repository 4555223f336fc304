package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/worker"
)

const csvHeader = "id,platform,kind,account_id,account_handle,account_name,url,text,quoted,in_reply_to,media_urls,created_at,collected_at,source"

func csvRow(id string) string {
	return id + `,facebook,post,100088000104729,,,,"` + offer + `",,,,2024-10-29 08:58:19,,`
}

// TestBadFilesAreToldAndNothingElseIsAffected imports one bad thing after
// another; each file also holds good posts, which must arrive.
func TestBadFilesAreToldAndNothingElseIsAffected(t *testing.T) {
	h := newHousehold(t)
	p := h.start()
	netra(t, nil, "roster", "import", "--config", h.config, sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone)
	good := func(n int) string { return samplePost(fmt.Sprintf("facebook:good-%d", n), offer) }
	bad := func(id, key, value string) string {
		return strings.Replace(samplePost(id, offer), `"`+key+`":"`, `"`+key+`":"`+value, 1)
	}
	stored, files := 0, 0
	tests := []struct {
		name, file, text string
		code, arrive     int
		want             []string
	}{
		{"truncated JSON", "a.jsonl", good(0) + "{\"id\":\"x\n" + good(1), exitFails, 2, []string{"a.jsonl", "1 rejected"}},
		{"invalid UTF-8", "a.jsonl", good(2) + bad("facebook:u", "text", "\xff\xfe"), exitFails, 1, []string{"1 rejected"}},
		{"text of 2 MB", "a.jsonl", bad("facebook:m", "text", strings.Repeat("a ", 1<<20)) + good(3), exitFails, 1, []string{"1 rejected"}},
		{"no id", "a.jsonl", strings.Replace(good(4), "facebook:good-4", "", 1) + good(5), exitFails, 1, []string{`"id"`, "missing"}},
		{"date in 1970", "a.jsonl", strings.Replace(good(6), "2024-10-29", "1970-01-01", 1) + good(7), exitFails, 1, []string{"created_at", "1970-01-01", "allowed"}},
		{"date in 2100", "a.jsonl", strings.Replace(good(8), "2024-10-29", "2100-01-01", 1) + good(9), exitFails, 1, []string{"created_at", "2100-01-01"}},
		{"NUL bytes", "a.jsonl", bad("facebook:n", "text", "\x00") + good(10), exitFails, 1, []string{"1 rejected"}},
		{"unknown platform", "a.jsonl", strings.Replace(good(11), `"platform":"facebook"`, `"platform":"friendster"`, 1) + good(12), exitDone, 1, []string{"1 dropped (1 not_in_roster)"}},
		{"one id with two texts", "a.jsonl", good(13) + strings.Replace(good(13), "amplop", "dua amplop", 1), exitDone, 1, nil},
		{"empty file", "empty.jsonl", "", exitDone, 0, []string{"0 items"}},
		{"empty CSV", "empty.csv", "", exitDone, 0, []string{"empty.csv: 0 items"}},
		{"CSV with wrong columns", "wrong.csv", "nomor,isi\n1,x\n", exitFails, 0, []string{"wrong.csv", "nomor"}},
		{
			"CSV with mixed line ends", "mixed.csv",
			csvHeader + "\r\n" + csvRow("facebook:good-20") + "\n" + csvRow("facebook:good-21") + "\r\n" + csvRow("facebook:good-22"), exitDone, 3, []string{"3 sent"},
		},
		{"CSV with a short row", "short.csv", csvHeader + "\n" + csvRow("facebook:good-23") + "\nfacebook:x,facebook\n" + csvRow("facebook:good-24") + "\n", exitFails, 2, []string{"short.csv:3", "1 rejected"}},
		{"an id again", "a.jsonl", good(0), exitDone, 0, []string{"1 duplicate"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files++
			path := write(t, filepath.Join(h.dir, fmt.Sprint(files)), test.file, test.text)
			r := netra(t, nil, "import", "--config", h.config, path)
			r.expect(t, test.code, test.want...)
			if len(r.errOut) > 4000 {
				t.Errorf("a message of %d bytes is not for people", len(r.errOut))
			}
			stored += test.arrive
		})
	}
	netra(t, nil, "import", "--config", h.config, filepath.Join(h.dir, "none.jsonl")).expect(t, exitUsage, "none.jsonl")
	h.drop("watched.jsonl", "oops\n"+good(30)+"\x00\xff\n"+good(31))
	stored += 2
	distinct := "SELECT uniqExact(id) FROM flagged_posts"
	p.eventually("all good posts are stored", func() bool { return h.count(distinct) >= stored })
	time.Sleep(time.Second) // what is too much would come now
	if got := h.count(distinct); got != stored {
		t.Errorf("%d flagged posts, want %d", got, stored)
	}
	if got := h.count(allPosts); got != stored {
		t.Errorf("%d posts counted, want %d", got, stored)
	}
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

func TestAFileInPlaceOfTheDataFolderIsNamed(t *testing.T) {
	file := write(t, t.TempDir(), "file", "")
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		p := start(t, []string{"NETRA_DATA_DIR=" + dir, "NETRA_MONITOR_LISTEN="}, "all")
		if code := p.wait(time.Minute); code != exitFails || !strings.Contains(p.said(), file) || strings.Contains(p.said(), "goroutine") {
			t.Errorf("exit code %d\n%s", code, p.said())
		}
	}
	dir := t.TempDir()
	write(t, dir, "broker", "not a folder")
	p := start(t, []string{"NETRA_DATA_DIR=" + dir, "NETRA_MONITOR_LISTEN="}, "all")
	if code := p.wait(time.Minute); code != exitFails || !strings.Contains(p.said(), filepath.Join(dir, "broker")) || strings.Contains(p.said(), "goroutine") {
		t.Errorf("exit code %d\n%s", code, p.said())
	}
}

// TestAFullDiskIsWaitedFor fills the disk under a running road, and makes room
// again: what was dropped into the folder meanwhile arrives, each post once.
func TestAFullDiskIsWaitedFor(t *testing.T) {
	h := newHousehold(t)
	data := filepath.Join(h.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("a small file system cannot be mounted here (it needs root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	p := h.start()
	netra(t, nil, "roster", "import", "--config", h.config, sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone)
	h.drop("before.jsonl", samplePost("facebook:before", offer))
	p.eventually("the first post is counted", func() bool { return h.count(allPosts) == 1 })

	filler := fill(t, data)
	const posts = 400
	var text strings.Builder
	for n := range posts {
		text.WriteString(samplePost(fmt.Sprintf("facebook:full-%d", n), fmt.Sprintf("%s, warga %d %x", offer, n, noise(n))))
	}
	h.drop("while.jsonl", text.String())
	p.eventually("somebody complains", func() bool {
		return strings.Contains(p.said(), "no space left") || strings.Contains(p.said(), "disk is full")
	})
	time.Sleep(3 * time.Second)
	select {
	case <-p.ended:
		t.Fatal("a full disk ended it")
	default:
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	p.eventually("all posts are counted", func() bool { return h.count(allPosts) >= posts+1 })
	p.eventually("all posts are stored", func() bool { return h.count("SELECT uniqExact(id) FROM flagged_posts") == posts+1 })
	time.Sleep(time.Second)
	if got := h.count(allPosts); got != posts+1 {
		t.Errorf("%d posts counted, want %d", got, posts+1)
	}
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d", code)
	}
}

// noise is text that does not compress.
func noise(seed int) []byte {
	b := make([]byte, 1000)
	x := uint64(seed + 1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}

// fill takes all the room of a file system and returns the file that does.
func fill(t *testing.T, dir string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; size /= 16 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	_ = file.Close() // it may fail as the disk is full
	return file.Name()
}

// TestRowsThatTheStoreRefusesAreToldApart from a store that is away: the worker
// waits for the one and makes dead letters of the other.
func TestRowsThatTheStoreRefusesAreToldApart(t *testing.T) {
	c := embeddedtest.Engine(t)
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused := storeBatches{s}.Insert(t.Context(), worker.Batch{Token: "a/0/0-0", Flags: []post.Flag{{}}})
	if !errors.Is(refused, worker.ErrRefused) || !errors.Is(refused, store.ErrRefused) {
		t.Errorf("a row without id: got %v, want worker.ErrRefused", refused)
	}
	cfg.Address = "http://" + freeAddress(t)
	away, err := store.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = away.Close() }()
	err = storeBatches{away}.Insert(t.Context(), worker.Batch{Token: "a/0/0-0", Flags: []post.Flag{{Post: post.Post{ID: "x"}}}})
	if err == nil || errors.Is(err, worker.ErrRefused) {
		t.Errorf("a store that is away: got %v, want another error", err)
	}
}

func TestCtrlCEndsACommandThatReads(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writer.Close() }()
	stdin := os.Stdin
	os.Stdin = reader // the child inherits an input that stays open
	defer func() { os.Stdin = stdin }()
	p := start(t, nil, "classify", "--format", "text")
	if _, err := writer.WriteString("halo\n"); err != nil {
		t.Fatal(err)
	}
	p.eventually("it has classified a line", func() bool { return strings.Contains(p.said(), `"id":"1"`) })
	p.stop(syscall.SIGINT)
}
