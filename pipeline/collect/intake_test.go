package collect_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

func take(t *testing.T, intake *collect.Intake, items ...collect.Item) collect.Tally {
	t.Helper()
	tally, err := intake.Take(t.Context(), "test", "target", collect.Page{Items: items})
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func TestGateCountsWhatDoesNotGoOn(t *testing.T) {
	var in inbox
	valid := time.Now().Add(-48 * time.Hour)
	intake := newIntake(t, members{"web:budi": valid}, &in)
	change := func(id string, how func(*post.Post)) collect.Item {
		item := budi(id, "secret "+id)
		how(&item.Post)
		return item
	}
	tally := take(t, intake,
		budi("good", "halo"),
		change("stranger", func(p *post.Post) { p.Account.ID = "orang" }),
		change("retired", func(p *post.Post) { p.CreatedAt = valid.Add(-time.Minute) }),
		change("1970", func(p *post.Post) { p.CreatedAt = time.Unix(0, 0) }),
		change("2100", func(p *post.Post) { p.CreatedAt = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }),
		change("stranger of 1970", func(p *post.Post) { p.Account.ID, p.CreatedAt = "orang", time.Unix(0, 0) }),
		change("platform", func(p *post.Post) { p.Platform = "friendster" }),
		change("", func(*post.Post) {}),
		change("no account", func(p *post.Post) { p.Account.ID = "" }),
		collect.Item{Position: "f:9", Raw: []byte("{"), Err: &collect.ItemError{Cause: collect.CauseMalformed, Err: errors.New("cut off")}},
	)
	if diff := cmp.Diff(map[collect.Cause]int{collect.CauseNotInRoster: 3, collect.CauseNotValidOnDate: 1}, tally.Dropped); diff != "" {
		t.Errorf("dropped:\n%s", diff)
	}
	if diff := cmp.Diff(map[collect.Cause]int{collect.CauseInvalid: 4, collect.CauseMalformed: 1}, tally.Rejected); diff != "" {
		t.Errorf("rejected:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"good 1"}, in.sent()); diff != "" {
		t.Errorf("sent:\n%s", diff)
	}
	if len(in.letters) != 5 {
		t.Fatalf("%d dead letters, want 5", len(in.letters))
	}
	if got := in.letters[0]; got.Position != "1970" || got.Source != "test" || string(got.Raw) != "secret 1970" {
		t.Errorf("dead letter %+v", got)
	}
	if p := in.posts[0].Post; p.Source != "test" || p.CollectedAt.IsZero() || p.Kind != post.KindPost {
		t.Errorf("the post was not completed: %+v", p)
	}
}

func TestAPostCollectedTwiceIsOnePost(t *testing.T) {
	var in inbox
	intake := newIntake(t, budiKnown, &in)
	take(t, intake, budi("a", "satu"), budi("b", "dua"), budi("a", "satu"))
	again := budi("a", "satu")
	again.Post.CollectedAt = time.Now()
	again.Post.Source = "elsewhere"
	again.Post.Account.Name = "Pak Budi"
	tally := take(t, intake, again, budi("b", "dua"))
	if tally.Sent != 0 || tally.Dropped[collect.CauseDuplicate] != 2 {
		t.Errorf("tally %+v", tally)
	}
	if diff := cmp.Diff([]string{"a 1", "b 1"}, in.sent()); diff != "" {
		t.Error(diff)
	}
}

func TestAnEditIsANewRevision(t *testing.T) {
	var in inbox
	intake := newIntake(t, budiKnown, &in)
	take(t, intake, budi("a", "satu"))
	tally := take(t, intake, budi("a", "satu, disunting"))
	if tally.Edited != 1 {
		t.Errorf("edited %d, want 1", tally.Edited)
	}
	take(t, intake, budi("b", "x"), budi("b", "y"), budi("a", "ketiga"))
	take(t, intake, budi("a", "satu"), budi("b", "x"), budi("b", "y")) // known contents, in any order
	if diff := cmp.Diff([]string{"a 1", "a 2", "b 1", "b 2", "a 3"}, in.sent()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotAnEdit(t *testing.T) {
	var in inbox
	intake := newIntake(t, budiKnown, &in)
	with := func(address string) collect.Item {
		item := budi("a", "foto")
		item.Post.Media = []post.Media{{Type: "image", URL: address}}
		return item
	}
	take(t, intake, with("https://cdn.example/1.jpg?signature=1"))
	if tally := take(t, intake, with("https://cdn.example/1.jpg?signature=2")); tally.Sent != 0 {
		t.Error("another signature of the same image was taken as an edit")
	}
	if tally := take(t, intake, with("https://cdn-2.example/1.jpg?signature=2")); tally.Sent != 0 {
		t.Error("the same image from another server was taken as an edit")
	}
	if tally := take(t, intake, with("https://cdn.example/2.jpg?signature=2")); tally.Edited != 1 {
		t.Error("another image was not taken as an edit")
	}
}

func TestARejectedItemIsOneDeadLetter(t *testing.T) {
	var in inbox
	intake := newIntake(t, budiKnown, &in)
	bad := func() collect.Item {
		return collect.Item{Position: "u", Raw: []byte("x"), Err: &collect.ItemError{Cause: collect.CauseNoDate, Err: errors.New("no date")}}
	}
	take(t, intake, bad())
	if tally := take(t, intake, bad()); tally.Rejected[collect.CauseNoDate] != 1 {
		t.Error("the second was not counted")
	}
	if len(in.letters) != 1 {
		t.Errorf("%d dead letters, want 1", len(in.letters))
	}
}

func TestACrashBetweenSendAndMarkKeepsTheRevision(t *testing.T) {
	path := filepath.Join(t.TempDir(), "collect.db")
	ctx, crash := context.WithCancel(t.Context())
	crashing := inbox{before: func(int) error { crash(); return nil }} // acknowledged, but the process dies
	state := openState(t, path)
	intake := collect.NewIntake(testConfiguration(), dependencies(state, budiKnown, &crashing))
	_, err := intake.Take(ctx, "s", "t", collect.Page{Items: []collect.Item{budi("a", "satu")}, Cursor: collect.Cursor("1")})
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindDelivery {
		t.Fatalf("got %v, want an error of delivery", err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}

	state = openState(t, path)
	defer state.Close()
	if cursor, err := state.Cursor(t.Context(), "s", "t"); err != nil || cursor != nil {
		t.Fatalf("cursor %q, %v: it was saved before its posts were acknowledged", cursor, err)
	}
	var in inbox
	intake = collect.NewIntake(testConfiguration(), dependencies(state, budiKnown, &in))
	take(t, intake, budi("a", "satu"), budi("a", "disunting"))
	if diff := cmp.Diff([]string{"a 1", "a 2"}, in.sent()); diff != "" {
		t.Error(diff)
	}
}

func TestTheQueueIsWaitedFor(t *testing.T) {
	in := inbox{before: func(calls int) error {
		if calls < 4 {
			return errAway
		}
		return nil
	}}
	intake := newIntake(t, budiKnown, &in)
	if tally := take(t, intake, budi("a", "satu")); tally.Sent != 1 || in.calls != 4 {
		t.Errorf("sent %d after %d calls", tally.Sent, in.calls)
	}
}

func TestAQueueThatStaysAwaySavesNothing(t *testing.T) {
	in := inbox{before: func(int) error { return errAway }}
	state := openState(t, filepath.Join(t.TempDir(), "collect.db"))
	defer state.Close()
	intake := collect.NewIntake(testConfiguration(), dependencies(state, budiKnown, &in))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := intake.Take(ctx, "s", "t", collect.Page{Items: []collect.Item{budi("a", "x")}, Cursor: collect.Cursor("1")})
	if !errors.Is(err, errAway) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want why the queue does not take it", err)
	}
	if cursor, _ := state.Cursor(t.Context(), "s", "t"); cursor != nil {
		t.Errorf("cursor %q was saved", cursor)
	}
}

// picky refuses posts of a certain text for ever.
type picky struct{ inbox }

func (p *picky) Send(ctx context.Context, posts []collect.Outgoing) error {
	refused := map[int]error{}
	var taken []collect.Outgoing
	for n, out := range posts {
		if out.Post.Text == "big" {
			refused[n] = errors.New("too large")
			continue
		}
		taken = append(taken, out)
	}
	if err := p.inbox.Send(ctx, taken); err != nil || len(refused) == 0 {
		return err
	}
	return fmt.Errorf("wrapped: %w", &collect.RefusedError{Refused: refused})
}

func TestWhatTheQueueRefusesForEverIsADeadLetter(t *testing.T) {
	var in picky
	state := openState(t, filepath.Join(t.TempDir(), "collect.db"))
	defer state.Close()
	deps := dependencies(state, budiKnown, &in.inbox)
	deps.Producer = &in
	tally := take(t, collect.NewIntake(testConfiguration(), deps), budi("a", "x"), budi("b", "big"), budi("c", "y"))
	if diff := cmp.Diff([]string{"a 1", "c 1"}, in.sent()); diff != "" {
		t.Error(diff)
	}
	if tally.Sent != 2 || tally.Rejected[collect.CauseRefused] != 1 || len(in.letters) != 1 {
		t.Errorf("tally %+v, letters %v", tally, in.letters)
	}
}

func TestRehearsalSendsNothing(t *testing.T) {
	rehearsal := collect.NewRehearsal(budiKnown)
	items := []collect.Item{budi("a", "x"), budi("a", "x"), budi("a", "y")}
	tally, err := rehearsal.Take(t.Context(), "s", "t", collect.Page{Items: items})
	if err != nil || tally.Sent != 2 || tally.Edited != 1 || tally.Dropped[collect.CauseDuplicate] != 1 {
		t.Errorf("tally %+v, %v", tally, err)
	}
}

func BenchmarkIntake(b *testing.B) {
	var in inbox
	intake := newIntake(b, budiKnown, &in)
	n := 0
	for b.Loop() {
		items := make([]collect.Item, 500)
		for i := range items {
			items[i] = budi(fmt.Sprint("p", n), "coblos nomor 2 di TPS masing-masing besok pagi ya bapak ibu")
			n++
		}
		if _, err := intake.Take(b.Context(), "s", "t", collect.Page{Items: items, Cursor: collect.Cursor("1")}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "posts/s")
}
