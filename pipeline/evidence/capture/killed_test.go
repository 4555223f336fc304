package capture_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
)

const childPlaces = "NETRA_TEST_CAPTURE"

// child is the process that captures until it is killed.
func child() {
	text := os.Getenv(childPlaces)
	if text == "" {
		return
	}
	ctx := context.Background()
	var p places
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		var db *database.DB
		if db, err = database.Open(ctx, p.Database); err == nil {
			var b *bench
			if b, err = p.open(ctx, db, options{}); err == nil {
				fmt.Println("begins")
				if err = b.TakeIn(ctx); err == nil {
					err = b.Work(ctx)
				}
			}
		}
	}
	fmt.Println("ends", err)
	os.Exit(0)
}

// TestKilledWhileCapturing ends a worker with SIGKILL while it captures thirty
// flags, again and again, and lets another one go on: every flag has each piece
// once, and each piece its file and its leaf.
func TestKilledWhileCapturing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		p := newPlaces(t, address)
		b, err := p.open(t.Context(), databasetest.Open(t, address), options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { b.queue.Close(); _ = b.store.Close() }()
		const flags = 30
		for n := range flags {
			one, offset := b.collected(t, samplePost(fmt.Sprintf("mastodon:%d", n), "coblos nomor 2"), fmt.Sprintf(`{"n":%d,"x":%q}`, n, strings.Repeat("x", 5000)), nil)
			b.flagged(t, one, offset, "support")
		}
		where, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 3 {
			b.killed(t, p.Dir, string(where), time.Duration(20+30*round)*time.Millisecond)
			// The tasks of the dead worker are free when their lease is over.
			if _, err := b.db.Exec(t.Context(), "UPDATE evidence_tasks SET claimed_until = 1 WHERE claimed_until > 0"); err != nil {
				t.Fatal(err)
			}
		}
		b.work(t)
		total := 0
		for n := range flags {
			id := fmt.Sprintf("mastodon:%d", n)
			pieces := b.pieces(t, id)
			for _, kind := range []evidence.Kind{evidence.Raw, evidence.Record, evidence.Verdict} {
				if len(pieces[kind]) != 1 || pieces[kind][0].Problem != "" {
					t.Fatalf("%s: %s %v", id, kind, pieces[kind])
				}
				_ = b.content(t, pieces[kind][0].SHA256) // it is opened and verified
				total++
			}
			if b.waiting(t, id) != 0 {
				t.Errorf("a task of %s is left", id)
			}
		}
		if _, err := b.log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if head, err := b.log.Head(t.Context()); err != nil || head.Size != int64(total) {
			t.Errorf("%d leaves of %d pieces, %v", head.Size, total, err)
		}
	})
}

// killed starts a worker and kills it a while after it has begun to work.
func (b *bench) killed(t *testing.T, dir, where string, after time.Duration) {
	t.Helper()
	out := filepath.Join(dir, "said")
	file, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env, cmd.Stdout = append(os.Environ(), childPlaces+"="+where), file
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if data, _ := os.ReadFile(out); strings.Contains(string(data), "begins") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the worker has not begun in a minute")
		}
	}
	time.Sleep(after) // another moment each time
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
