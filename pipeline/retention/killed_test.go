package retention_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/retention"
)

const childPlace = "NETRA_TEST_RETENTION_PLACE"

// child is the process that purges until it is killed. It prints a line for each
// lot.
func child() {
	text := os.Getenv(childPlace)
	if text == "" {
		return
	}
	var at place
	ctx := context.Background()
	err := json.Unmarshal([]byte(text), &at)
	if err == nil {
		var s *site
		if s, err = open(ctx, at, began.Add(year)); err == nil {
			_, err = s.Purge(ctx, operator, func(retention.Counts) { fmt.Println("lot") })
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(3)
}

func TestAPurgeThatIsKilledIsFinishedByTheNext(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		at := place{t.TempDir(), address, embeddedtest.Engine(t)}
		s := opened(t, at)
		var dismissed []string
		for number := range 10 {
			id := s.flag(t, 100+number, fmt.Sprintf("berkas %d", number))
			s.dismiss(t, id)
			dismissed = append(dismissed, id)
		}
		kept := s.flag(t, 99, "tetap")
		s.later(t, year)
		for range 2 { // after the first lot, and after the next
			killed(t, at)
		}
		s.now = s.now.Add(time.Hour) // the lease of the killed one is over
		s.purge(t)
		for _, id := range dismissed {
			s.nothingIsLeftOf(t, id)
			if pieces, err := s.keeper.OfPost(t.Context(), id); err != nil || len(pieces) > 0 {
				t.Errorf("%s has %d pieces left: %v", id, len(pieces), err)
			}
		}
		stones, err := s.Tombstones(t.Context())
		if err != nil || len(stones) != 10*3 {
			t.Errorf("%d tombstones, want %d: %v", len(stones), 10*3, err)
		}
		if pieces, err := s.keeper.OfPost(t.Context(), kept); err != nil || len(pieces) != 2 {
			t.Errorf("what is not due has %d pieces: %v", len(pieces), err)
		}
		if again := s.purge(t); len(again.Posts) != 0 || again.Finished != 0 {
			t.Errorf("a further run did %+v", again)
		}
		if plan := s.plan(t); plan.Unfinished != 0 || len(plan.Due) != 0 {
			t.Errorf("the plan is %+v", plan)
		}
	})
}

// killed runs a purge in a process of its own and kills it after its first lot.
func killed(t *testing.T, at place) {
	t.Helper()
	text, err := json.Marshal(at)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^$") //nolint:gosec // this program
	command.Env = append(os.Environ(), childPlace+"="+string(text))
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	bufio.NewScanner(out).Scan()
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
}
