package coordinated

import (
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/store"
)

// session is a family's posts that follow each other closely enough.
type session struct {
	family *family
	posts  []store.SketchedPost // in order of time
}

func (s *session) first() time.Time { return s.posts[0].CreatedAt }
func (s *session) last() time.Time  { return s.posts[len(s.posts)-1].CreatedAt }

// sessions cuts posts where nobody posted for longer than the window and where it
// has gone on for longest, and returns those pieces in which enough accounts
// posted within one window.
func sessions(f *family, posts []store.SketchedPost, cfg *Configuration) []session {
	posts = inOrder(posts)
	var all []session
	for len(posts) > 0 {
		end := 1
		for end < len(posts) && posts[end].CreatedAt.Sub(posts[end-1].CreatedAt) <= cfg.Window &&
			posts[end].CreatedAt.Sub(posts[0].CreatedAt) <= cfg.Longest {
			end++
		}
		if mostWithin(posts[:end], cfg.Window) >= cfg.Accounts {
			all = append(all, session{f, posts[:end]})
		}
		posts = posts[end:]
	}
	return all
}

// inOrder sorts posts by time, and takes each once: a post that was edited, or
// stored twice, by its first sketch.
func inOrder(posts []store.SketchedPost) []store.SketchedPost {
	slices.SortStableFunc(posts, func(a, b store.SketchedPost) int { return a.CreatedAt.Compare(b.CreatedAt) })
	seen := make(map[uint64]bool, len(posts))
	return slices.DeleteFunc(posts, func(p store.SketchedPost) bool {
		if seen[p.Post] {
			return true
		}
		seen[p.Post] = true
		return false
	})
}

// mostWithin is the most different accounts within a length of time. The posts are
// in order.
func mostWithin(posts []store.SketchedPost, length time.Duration) int {
	within := map[uint64]int{}
	most, from := 0, 0
	for i := range posts {
		within[posts[i].Account]++
		for ; posts[i].CreatedAt.Sub(posts[from].CreatedAt) > length; from++ {
			account := posts[from].Account
			if within[account]--; within[account] == 0 {
				delete(within, account)
			}
		}
		most = max(most, len(within))
	}
	return most
}
