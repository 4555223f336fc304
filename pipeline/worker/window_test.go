package worker

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/netra-id/netra/pipeline/post"
)

func TestWindow(t *testing.T) {
	type record struct {
		offset   int64
		id, text string
		want     repeat
	}
	tests := map[string]struct {
		size    int
		records []record
	}{
		"another post is none":               {4, []record{{0, "a", "x", notRepeat}, {1, "b", "x", notRepeat}}},
		"the same post is":                   {4, []record{{0, "a", "x", notRepeat}, {1, "a", "x", sameRepeat}}},
		"other content is an edit":           {4, []record{{0, "a", "x", notRepeat}, {1, "a", "y", editRepeat}, {2, "a", "y", sameRepeat}}},
		"an edit taken back is an edit":      {4, []record{{0, "a", "x", notRepeat}, {1, "a", "y", editRepeat}, {2, "a", "x", editRepeat}}},
		"the last offset of the window":      {4, []record{{0, "a", "x", notRepeat}, {4, "a", "x", sameRepeat}}},
		"behind the window":                  {4, []record{{0, "a", "x", notRepeat}, {5, "a", "x", notRepeat}}},
		"a repeat is remembered where it is": {4, []record{{0, "a", "x", notRepeat}, {3, "a", "x", sameRepeat}, {7, "a", "x", sameRepeat}}},
		"no window":                          {0, []record{{0, "a", "x", notRepeat}, {1, "a", "x", notRepeat}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWindow(test.size)
			for _, r := range test.records {
				if got := w.see(r.offset, &post.Post{ID: r.id, Text: r.text}); got != r.want {
					t.Errorf("offset %d: got %d, want %d", r.offset, got, r.want)
				}
			}
		})
	}
}

// Whatever the batch boundaries and wherever a new owner begins, the same
// records are repeats.
func TestAWindowThatIsFilledLaterSaysTheSame(t *testing.T) {
	const size, n = 50, 1000
	random := rand.New(rand.NewPCG(1, 2))
	posts := make([]post.Post, n)
	for i := range posts {
		posts[i] = post.Post{ID: fmt.Sprint(random.IntN(100)), Text: fmt.Sprint(random.IntN(2))}
	}
	whole := newWindow(size)
	want := make([]repeat, n)
	for i := range posts {
		want[i] = whole.see(int64(i), &posts[i])
	}
	if len(whole.newest) > size+1 || len(whole.order) > 3*size {
		t.Errorf("the window holds %d posts in %d entries, want at most %d", len(whole.newest), len(whole.order), size+1)
	}
	for begin := size; begin < n; begin += 37 {
		w := newWindow(size)
		for i := begin - size; i < begin; i++ {
			w.see(int64(i), &posts[i])
		}
		for i := begin; i < n; i++ {
			if got := w.see(int64(i), &posts[i]); got != want[i] {
				t.Fatalf("begun at %d, offset %d: got %d, want %d", begin, i, got, want[i])
			}
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	w := newWindow(8192)
	posts := make([]post.Post, 20_000)
	for i := range posts {
		posts[i] = post.Post{ID: fmt.Sprintf("mastodon:%d", i), Text: "selamat pagi semua, semoga sehat selalu"}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.see(int64(i), &posts[i%len(posts)])
	}
}
