package seal_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// childVariable makes the test binary a process that adds and seals until it is
// killed.
const childVariable = "NETRA_TEST_SEAL_CHILD"

func init() { //nolint:gochecknoinits // the test binary is its own child
	if dir := os.Getenv(childVariable); dir != "" {
		err := sealForEver(dir)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// sealForEver prints the number of each statement that is committed.
func sealForEver(dir string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, os.Getenv("NETRA_TEST_SEAL_DATABASE"))
	if err != nil {
		return err
	}
	log, err := seal.New(ctx, configured(dir), seal.Dependencies{Database: db})
	if err != nil {
		return err
	}
	if err := log.CheckHead(ctx); err != nil {
		return err
	}
	begun := os.Getenv("NETRA_TEST_SEAL_ROUND")
	go func() {
		for {
			if _, err := log.Seal(ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
		}
	}()
	for n := 0; ; n++ {
		statement := begun + "/" + fmt.Sprint(n)
		err := db.Write(ctx, func(tx *database.Tx) error { return log.Add(ctx, tx, seal.KindPiece, []byte(statement)) })
		if err != nil {
			return err
		}
		fmt.Println(statement)
	}
}

// TestKilledWhileSealing kills a process that seals, again and again: what it said
// to be committed is in the log once, and the log holds.
func TestKilledWhileSealing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		dir := t.TempDir()
		var committed []seal.Statement
		for round := range 4 {
			committed = append(committed, killed(t, dir, address, round, 20+17*round)...)
		}
		db := databasetest.Open(t, address)
		log := open(t, db, configured(dir))
		if _, err := log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(t, log, "")
		leaves, err := log.Leaves(t.Context(), committed)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int64]bool{}
		for _, leaf := range leaves {
			seen[leaf.Number] = true
		}
		if len(seen) != len(committed) {
			t.Errorf("%d statements have %d leaves", len(committed), len(seen))
		}
	})
}

// killed runs the child until it has committed so many statements.
func killed(t *testing.T, dir, address string, round, most int) (committed []seal.Statement) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+dir, "NETRA_TEST_SEAL_DATABASE="+address, fmt.Sprintf("NETRA_TEST_SEAL_ROUND=%d", round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for len(committed) < most && lines.Scan() {
		committed = append(committed, seal.Statement{Kind: seal.KindPiece, Bytes: []byte(lines.Text())})
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it had said before it died
		committed = append(committed, seal.Statement{Kind: seal.KindPiece, Bytes: []byte(lines.Text())})
	}
	_ = cmd.Wait() // it was killed
	return committed
}

// TestAFullDiskLeavesTheLogWhole lets the files of a process that seals grow only
// so far.
func TestAFullDiskLeavesTheLogWhole(t *testing.T) {
	dir, address := t.TempDir(), databasetest.SQLite(t)
	db := databasetest.Open(t, address)
	log := open(t, db, configured(dir))
	filled(t, db, log, 0, 10)
	info, err := os.Stat(address)
	if err != nil {
		t.Fatal(err)
	}
	blocks := info.Size()/1024 + 600                                                                                                // ulimit counts KiB
	cmd := exec.CommandContext(t.Context(), "bash", "-c", fmt.Sprintf("trap '' XFSZ; ulimit -f %d && exec %q", blocks, os.Args[0])) //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), childVariable+"="+dir, "NETRA_TEST_SEAL_DATABASE="+address, "NETRA_TEST_SEAL_ROUND=full")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("the disk did not fill up: %v: %.300s", err, out)
	}
	if _, err := log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, log, "")
	if h := head(t, log); h.Size < 10 || h.Waiting != 0 {
		t.Errorf("head %+v", h)
	}
}
