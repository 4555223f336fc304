package tuning_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
)

var fast = tuning.Configuration{Poll: 20 * time.Millisecond}

// follow runs a follower for the time of the test; each version that comes in
// force goes to the channel.
func follow(t *testing.T, board tuning.Board) (*tuning.Follower, chan tuning.InForce) {
	t.Helper()
	c, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	f := tuning.NewFollower(fast, board, c, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	swaps := make(chan tuning.InForce, 10)
	f.OnSwap(func(in tuning.InForce) { swaps <- in })
	if ok, err := f.Load(t.Context()); err != nil || !ok {
		t.Fatalf("load: %v, %v", ok, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = f.Run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return f, swaps
}

func next(t *testing.T, swaps chan tuning.InForce) tuning.InForce {
	t.Helper()
	select {
	case in := <-swaps:
		return in
	case <-time.After(20 * time.Second):
		t.Fatal("no version came in force")
		return tuning.InForce{}
	}
}

func flags(in *tuning.InForce, text string) bool {
	p := post.Post{ID: "x", Kind: post.KindPost, Text: text, CreatedAt: time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)}
	verdict := in.Judge.Classify(&p, "61.08")
	return verdict.Flagged && verdict.Versions.Lists == in.Publication.Version
}

func TestAPublishedVersionComesInForceAndCanBeTakenBack(t *testing.T) {
	board := newShelf()
	book := begun(t, databasetest.SQLite(t), fast, board)
	f, swaps := follow(t, board)
	next(t, swaps)
	const slogan = "rapat zigzag hari senin"
	if flags(f.Current(), slogan) {
		t.Fatal("the slogan flags before it is known")
	}
	draft(t, book, "slogan", bundle(t, "keywords/slogan.yaml",
		`{list: slogan, label: money_politics, rules: [{id: new, any: ["zigzag"], weight: 0.9, flags: ["zigzag"]}]}`))
	if _, err := book.PublishDraft(t.Context(), "slogan", 1, "ani", ""); err != nil {
		t.Fatal(err)
	}
	if in := next(t, swaps); in.Publication.Number != 2 || !flags(f.Current(), slogan) {
		t.Errorf("publication %d in force does not flag the slogan", in.Publication.Number)
	}
	if _, err := book.Rollback(t.Context(), 1, 2, "ani", ""); err != nil {
		t.Fatal(err)
	}
	if in := next(t, swaps); in.Publication.Number != 3 || flags(f.Current(), slogan) {
		t.Errorf("publication %d in force still flags the slogan", in.Publication.Number)
	}
}

// A board may hold what this process cannot use: another version of Netra
// published it.
func TestAVersionThatDoesNotCompileIsRefusedAndTheOldOneStays(t *testing.T) {
	board := newShelf()
	begun(t, databasetest.SQLite(t), fast, board)
	f, swaps := follow(t, board)
	next(t, swaps)
	lay := func(number int64, b tuning.Bundle) {
		content := map[string][]byte{}
		for i, name := range b.Paths() {
			content[b.Manifest()[i].Hash], _ = b.Read(name)
		}
		err := board.Lay(t.Context(), tuning.Publication{Number: number, Version: b.ID()}, b.Manifest(), func(hash string) ([]byte, error) { return content[hash], nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	lay(2, bundle(t, "keywords/support.yaml", "list: ["))
	time.Sleep(10 * fast.Poll)
	if now := f.Current().Publication.Number; now != 1 {
		t.Fatalf("publication %d is in force, want 1", now)
	}
	lay(3, withWord(t, "dukung"))
	if in := next(t, swaps); in.Publication.Number != 3 {
		t.Errorf("publication %d is in force, want 3", in.Publication.Number)
	}
	lay(4, bundle(t, "keywords/support.yaml", "list: ["))
	late, lateSwaps := follow(t, board)
	if in := next(t, lateSwaps); in.Publication.Number != 3 || late.Current().Publication.Number != 3 {
		t.Errorf("a process that starts took publication %d, want 3", in.Publication.Number)
	}
}
