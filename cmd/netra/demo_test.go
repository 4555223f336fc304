package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// expectedPosts is how many posts of the sample the road must count: those of
// roster accounts that are valid on the post's date, each once.
func expectedPosts(t *testing.T) (posts, feed int) {
	t.Helper()
	accounts := sampleRoster(t)
	seen := map[string]bool{}
	data, err := sample.Files.ReadFile("posts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p, err := post.Decode(lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if _, valid := accounts.Resolve(p.Key(), p.CreatedAt); valid && !seen[p.ID] {
			seen[p.ID] = true
		}
	}
	items, err := sample.Files.ReadFile("feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	return len(seen), strings.Count(string(items), "<item>")
}

func sampleRoster(t *testing.T) *roster.Roster {
	t.Helper()
	data, err := sample.Files.ReadFile("roster.csv")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := roster.ParseCSV("roster.csv", bytes.NewReader(data), make([]byte, roster.MinKeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return roster.New(entries)
}

// TestDemoGoesOnWhereItWas interrupts the demo while posts arrive and starts it
// again: each post of the sample is counted exactly once.
func TestDemoGoesOnWhereItWas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	environment := []string{"NETRA_MONITOR_LISTEN=" + freeAddress(t), "NETRA_CONSOLE_LOGIN_HASH_MEMORY_KIB=1024"}
	args := []string{"demo", "--dir", dir, "--spread", "8s", "--listen", freeAddress(t)}
	counted := func() int { return count(t, engine(t, dir), allPosts) }

	p := start(t, environment, append(args, "--fresh")...)
	p.eventually("it prints address and login", func() bool {
		return strings.Contains(p.said(), "console:   http://127.0.0.1:") && strings.Contains(p.said(), "password:  ")
	})
	t.Run("a fresh start beside it is refused", func(t *testing.T) {
		netra(t, nil, append(args, "--fresh")...).expect(t, exitFails, "a demo runs in "+dir)
	})
	p.eventually("some posts are counted", func() bool { return counted() > 50 })
	if code := p.stop(syscall.SIGINT); code != exitDone || !strings.Contains(p.said(), "ended in order") {
		t.Fatalf("exit code %d\n%s", code, tail(p.said()))
	}
	if _, err := os.Stat(filepath.Join(dir, "running.json")); err == nil {
		t.Error("running.json is left behind")
	}

	p = start(t, environment, args...)
	p.eventually("it goes on", func() bool { return strings.Contains(p.said(), "login:     admin, with the password of the first run") })
	posts, feed := expectedPosts(t)
	before := counted()
	if before >= posts+feed {
		t.Logf("the first run had counted all %d posts already", before)
	}
	p.eventually("all posts are counted", func() bool { return counted() >= posts+feed })
	time.Sleep(3 * time.Second) // what is twice would come now
	if got := counted(); got != posts+feed {
		t.Errorf("%d posts counted, want %d and %d of the feed", got, posts, feed)
	}
	stored := count(t, engine(t, dir), allFlags)
	if distinct := count(t, engine(t, dir), "SELECT uniqExact(id) FROM flagged_posts"); stored != distinct || stored == 0 {
		t.Errorf("%d rows of %d flagged posts", stored, distinct)
	}
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(p.said()))
	}
}

func TestDemoLeavesOtherFoldersAlone(t *testing.T) {
	dir := t.TempDir()
	precious := write(t, dir, "precious.txt", "keep me")
	netra(t, nil, "demo", "--fresh", "--dir", dir).expect(t, exitUsage, dir+" was not made by a demo")
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

func TestDemoTakesAnotherPortWhereItsOwnIsTaken(t *testing.T) {
	taken := freeAddress(t)
	listener := listen(t, taken)
	defer func() { _ = listener.Close() }()
	if got := freeOr(taken); got == taken || !strings.HasPrefix(got, "127.0.0.1:") || strings.HasSuffix(got, ":0") {
		t.Errorf("got %s, want a port that can be printed", got)
	}
	if got := freeOr(""); got != "" {
		t.Errorf("a server that is off was turned on: %s", got)
	}
	if free := freeAddress(t); freeOr(free) != free {
		t.Error("a free address was not taken")
	}
}
