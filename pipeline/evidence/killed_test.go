package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
)

const (
	childDir      = "NETRA_TEST_EVIDENCE_DIR"
	childDatabase = "NETRA_TEST_EVIDENCE_DATABASE"
	childLimit    = "NETRA_TEST_EVIDENCE_LIMIT"
)

// child is the process that keeps pieces until it is killed. It prints the
// numbers of those that were kept.
func child() {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	ctx := context.Background()
	db, err := database.Open(ctx, os.Getenv(childDatabase))
	if err == nil {
		var d *desk
		if d, err = open(ctx, db, dir); err == nil {
			err = d.keepOn(ctx)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(3)
}

func (d *desk) keepOn(ctx context.Context) error {
	if most, err := strconv.ParseUint(os.Getenv(childLimit), 10, 63); err == nil {
		limit := syscall.Rlimit{Cur: most, Max: most}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		large := draft(evidence.Raw, strings.Repeat(fmt.Sprintf("piece %d of %d\n", n, os.Getpid()), 20_000))
		if _, err := d.Keep(ctx, []evidence.Draft{large, draft(evidence.Record, fmt.Sprintf("record %d of %d", n, os.Getpid()))}); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// whole opens every piece's file and counts the leaves: each piece has one.
func (d *desk) whole(t *testing.T) int {
	t.Helper()
	pieces, err := d.OfPost(t.Context(), "mastodon:1")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		blob, err := d.Open(t.Context(), p.SHA256)
		if err != nil {
			t.Fatalf("a piece of which the file is not whole: %v", err)
		}
		if blob.Size != p.Size {
			t.Errorf("%d bytes, stated %d", blob.Size, p.Size)
		}
		_ = blob.Close()
	}
	if n := d.sealed(t); n != int64(len(pieces)) || n%2 != 0 {
		t.Errorf("%d leaves of %d pieces, which come by twos", n, len(pieces))
	}
	return len(pieces)
}

// TestKilledWhileKeeping ends a process with SIGKILL at moments that nobody
// chooses, again and again: every piece that is there is whole and has its leaf.
func TestKilledWhileKeeping(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		dir := t.TempDir()
		db := databasetest.Open(t, address)
		d, err := open(t.Context(), db, dir)
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		for round := range 5 {
			out := filepath.Join(dir, "said")
			file, err := os.Create(out)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
			cmd.Env = append(os.Environ(), childDir+"="+dir, childDatabase+"="+address)
			cmd.Stdout = file
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			untilSaid(t, out, 2+round)
			time.Sleep(time.Duration(round) * 3 * time.Millisecond) // another moment each time
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			_ = file.Close()
			data, _ := os.ReadFile(out)
			said += strings.Count(string(data), "\n")
			if n := d.whole(t); n < 2*said {
				t.Fatalf("%d pieces are there, %d were said to be kept", n, 2*said)
			}
		}
		left, err := filepath.Glob(filepath.Join(dir, "files", "incoming", ".incoming-*"))
		t.Logf("%d pieces; files that were broken off: %d, %v", d.whole(t), len(left), err)
	})
}

func untilSaid(t *testing.T, file string, lines int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		data, _ := os.ReadFile(file)
		if strings.Count(string(data), "\n") >= lines {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was kept in a minute")
		}
	}
}

// TestAFullDisk lets no file become as large as a piece is: nothing is kept, and
// nothing that is there looks as if it were.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	address := databasetest.SQLite(t)
	db := databasetest.Open(t, address)
	d, err := open(t.Context(), db, dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir, childDatabase+"="+address, childLimit+"=100000")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(out), "file too large") && exit.ExitCode() == 3 {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := d.whole(t); n != 0 {
		t.Errorf("%d pieces on a full disk", n)
	}
	if err := filepath.WalkDir(filepath.Join(dir, "files"), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && blobs.IsSum(e.Name()) {
			t.Errorf("%s looks as if it were whole", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
