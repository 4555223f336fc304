package store_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func TestAFlagComesBackAsItWas(t *testing.T) {
	s, _ := migrated(t)
	nasty := "NUL \x00, emoji 👩‍👩‍👧 2️⃣, RTL \u202eabc\u202c مرحبا, quotes ' \" ` \\ \\' \\n, tab\t, line\r\n, {label:String} @id ? $1, \ufeff\ufffd"
	want := post.Flag{
		Post: post.Post{
			ID: "x:'; DROP TABLE flagged_posts; --\\", Platform: "x", Kind: post.KindQuote,
			Account: post.Account{ID: "4'2", Handle: nasty, Name: nasty},
			URL:     "https://contoh.id/?a=1&b='", Text: nasty + strings.Repeat("panjang ", 100_000), Quoted: nasty, InReplyTo: "x:1",
			Media:     []post.Media{{Type: "image", URL: "u", Alt: nasty, SHA256: "s"}, {Type: "video"}},
			CreatedAt: time.Date(2024, 11, 20, 1, 2, 3, 123456789, time.UTC), CollectedAt: noon.Add(time.Nanosecond),
			Source: "x", RawSHA256: "abc",
		},
		Person: post.Person{
			PersonID: "hmac:1", Name: nasty, Agency: nasty, Unit: "u", Position: "p", Region: "61.08.05.2001", Status: "pns", Basis: "b",
		},
		Verdict: post.Verdict{
			ID: "x:1", Language: post.Language{Code: "bjn", Confidence: 0.1 + 0.2}, Flagged: true,
			Labels: []post.LabelScore{
				{Label: post.Support, Score: math.Nextafter(0.93, 1), Contestant: "landak-1", Reasons: []post.Reason{
					{Kind: post.ReasonKeyword, Source: "support/vote-for", Start: 12, End: 30, Text: nasty, Quoted: true, Weight: 0.6},
				}},
				{Label: post.Attack, Score: 1e-300, Reasons: []post.Reason{}},
			},
			Attributes: map[string]float64{"abusive": 0.12, nasty: -1},
			Versions:   post.Versions{Lists: "sha256:1", Models: "2", Netra: "3"},
		},
		FlaggedAt: noon.Add(123456789), Topic: "netra.posts", Partition: 7, Offset: math.MaxInt64,
	}
	insert(t, s, "a", want)
	got, err := s.Flag(t.Context(), want.Post.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the flag changed:\n%s", diff)
	}
}

func TestUnknownTimesStayUnknown(t *testing.T) {
	s, _ := migrated(t)
	want := flagOf("x:1", 0, func(f *post.Flag) { f.Post.CollectedAt, f.FlaggedAt = time.Time{}, time.Time{} })
	insert(t, s, "a", want)
	got, err := s.Flag(t.Context(), "x:1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFlagThatIsNotThere(t *testing.T) {
	s, _ := migrated(t)
	if _, err := s.Flag(t.Context(), "x:none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// batchOf is a batch with flags and counts that belong to its token.
func batchOf(token string, flags int) store.Batch {
	batch := store.Batch{Token: token}
	for i := range flags {
		batch.Flags = append(batch.Flags, flagOf(fmt.Sprintf("%s:%d", token, i), i))
	}
	batch.Counts = []post.HourlyCount{
		{Hour: noon, Platform: "x", Region: "61", Agency: "a", Language: "id", Posts: 10},
		{Hour: noon, Platform: "x", Region: "62", Agency: "a", Language: "id", Posts: 5},
	}
	return batch
}

func TestABatchIsStoredOnce(t *testing.T) {
	s, connection := migrated(t)
	for range 3 {
		if err := s.Insert(t.Context(), batchOf("t/0/0-9", 10)); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := s.Insert(t.Context(), batchOf("t/0/10-19", 10)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for query, want := range map[string]string{
		"SELECT count() FROM flagged_posts":    "20",
		"SELECT sum(posts) FROM hourly_counts": "30",
	} {
		if got := query1(t, connection, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestTheSameRowsUnderAnotherTokenCountAgain(t *testing.T) {
	s, connection := migrated(t)
	for _, token := range []string{"t/0/0-9", "t/1/0-9"} {
		batch := batchOf("same", 1)
		batch.Token = token
		if err := s.Insert(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if got := query1(t, connection, "SELECT sum(posts) FROM hourly_counts"); got != "30" {
		t.Errorf("%s posts, want 30", got)
	}
	if got := query1(t, connection, "SELECT count() FROM flagged_posts FINAL"); got != "1" {
		t.Errorf("%s flags, want 1", got)
	}
}

func TestABigBatchIsOneBlock(t *testing.T) {
	s, connection := migrated(t)
	const flags = 200_000
	batch := store.Batch{Token: "big"}
	for i := range flags {
		batch.Flags = append(batch.Flags, flagOf(fmt.Sprintf("x:%d", i), i%1000))
	}
	for i := range flags {
		batch.Counts = append(batch.Counts, post.HourlyCount{
			Hour: noon.Add(-time.Duration(i) * time.Hour / 2), Agency: fmt.Sprint(i), Platform: "x", Posts: 1,
		})
	}
	if err := s.Insert(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"flagged_posts", "hourly_counts"} {
		parts := query1(t, connection, "SELECT concat(count(), ' ', sum(rows)) FROM system.parts WHERE database = currentDatabase() AND table = '"+table+"' AND active")
		if want := fmt.Sprintf("1 %d", flags); parts != want {
			t.Errorf("%s: parts and rows %s, want %s", table, parts, want)
		}
	}
}

func TestTheNewestEditStays(t *testing.T) {
	s, _ := migrated(t)
	version := func(text string, collected time.Time, offset int64) post.Flag {
		return flagOf("x:1", 0, func(f *post.Flag) { f.Post.Text, f.Post.CollectedAt, f.Offset = text, collected, offset })
	}
	insert(t, s, "1", version("edited", noon.Add(time.Hour), 5))
	insert(t, s, "2", version("first", noon, 9))
	insert(t, s, "3", version("judged again", noon.Add(time.Hour), 5))
	got, err := s.Flag(t.Context(), "x:1")
	if err != nil || got.Post.Text != "judged again" {
		t.Errorf("got %q, %v", got.Post.Text, err)
	}
	for i := range 10 {
		text := fmt.Sprint("judged once more ", i)
		insert(t, s, "again "+text, version(text, noon.Add(time.Hour), 5))
		flags, err := s.FlagsByID(t.Context(), []string{"x:1"})
		if err != nil || len(flags) != 1 || flags[0].Post.Text != text {
			t.Errorf("got %d flags, %v; want one: %s", len(flags), err, text)
		}
	}
}

func TestRefusedRows(t *testing.T) {
	s, connection := migrated(t)
	if err := connection.Execute(t.Context(), "ALTER TABLE flagged_posts ADD CONSTRAINT no_forbidden CHECK text != 'forbidden'"); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*post.Flag){
		"no id":                 func(f *post.Flag) { f.Post.ID = "" },
		"a date out of range":   func(f *post.Flag) { f.Post.CreatedAt = time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a score that is none":  func(f *post.Flag) { f.Verdict.Labels[0].Score = math.NaN() },
		"a negative partition":  func(f *post.Flag) { f.Partition = -1 },
		"what the server hates": func(f *post.Flag) { f.Post.Text = "forbidden" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			flags := []post.Flag{flagOf("x:1", 1), flagOf("x:2", 2), flagOf("x:bad", 3, change)}
			err := s.Insert(t.Context(), store.Batch{Token: name, Flags: flags})
			var refused *store.RefusedError
			if !errors.Is(err, store.ErrRefused) || !errors.As(err, &refused) {
				t.Fatalf("got %v, want ErrRefused", err)
			}
			if refused.Row != 2 || refused.ID != flags[2].Post.ID || refused.Table != "flagged_posts" {
				t.Errorf("row %d, id %q, table %q in %v", refused.Row, refused.ID, refused.Table, err)
			}
			if got := query1(t, connection, "SELECT count() FROM flagged_posts"); got != "0" {
				t.Fatalf("%s rows were stored", got)
			}
		})
	}
	// Without the bad row the same token is taken.
	insert(t, s, "no id", flagOf("x:1", 1), flagOf("x:2", 2))
	if got := query1(t, connection, "SELECT count() FROM flagged_posts"); got != "2" {
		t.Errorf("%s rows, want 2", got)
	}
	err := s.Insert(t.Context(), store.Batch{Token: "c", Counts: []post.HourlyCount{{}, {Hour: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)}}})
	if !errors.Is(err, store.ErrRefused) {
		t.Errorf("an hour of 2300: %v", err)
	}
}

func TestABatchNeedsAToken(t *testing.T) {
	s, _ := migrated(t)
	if err := s.Insert(t.Context(), store.Batch{Flags: []post.Flag{flagOf("x:1", 1)}}); err == nil {
		t.Error("no error")
	}
}

func BenchmarkInsert(b *testing.B) {
	s, _ := migrated(b)
	batch := batchOf("bench", 0)
	for i := range 1000 {
		batch.Flags = append(batch.Flags, flagOf(fmt.Sprintf("x:%d", i), i))
	}
	for i := 0; b.Loop(); i++ {
		batch.Token = fmt.Sprint("bench/", i)
		if err := s.Insert(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
