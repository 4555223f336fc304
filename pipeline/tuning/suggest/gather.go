package suggest

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning/learn"
)

// Data is where posts and decisions come from; the store implements it.
type Data interface {
	learn.Data
	Flags(ctx context.Context, filter store.FlagFilter, after string, limit int) (store.FlagPage, error)
}

// Decided are the posts that analysts confirmed, and as background those that they
// dismissed with the benign ones that Netra comes with.
func Decided(ctx context.Context, data Data) (confirmed, background []Post, err error) {
	decisions, _, err := learn.Gather(ctx, data)
	if err != nil {
		return nil, nil, err
	}
	for i := range decisions {
		d := &decisions[i]
		if d.Confirmed {
			confirmed = append(confirmed, postOf(&d.Post))
		} else {
			background = append(background, postOf(&d.Post))
		}
	}
	shipped, _, err := learn.Shipped()
	if err != nil {
		return nil, nil, err
	}
	for _, corpus := range shipped {
		for i, example := range corpus.Examples {
			if len(example.Labels) == 0 {
				id := fmt.Sprintf("%s:%d", corpus.Name, i)
				background = append(background, Post{ID: id, Account: id, Text: example.Text})
			}
		}
	}
	return confirmed, background, nil
}

func postOf(p *post.Post) Post { return Post{ID: p.ID, Account: p.Key(), Text: learn.Text(p)} }

// pageOf is how many flagged posts are read at once.
const pageOf = 1000

// Flagged are the newest flagged posts, at most so many.
func Flagged(ctx context.Context, data Data, most int) ([]Post, error) {
	var posts []Post
	for after := ""; len(posts) < most; {
		page, err := data.Flags(ctx, store.FlagFilter{}, after, min(pageOf, most-len(posts)))
		if err != nil {
			return nil, fmt.Errorf("read flagged posts: %w", err)
		}
		for i := range page.Flags {
			posts = append(posts, postOf(&page.Flags[i].Post))
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return posts, nil
}

// Names are the names of contestants: they stand out in what is confirmed, and
// are in no rule because the contestants' file has them.
func Names(elections *roster.Elections) []string {
	var names []string
	for i := range elections.Elections {
		for _, c := range elections.Elections[i].Contestants {
			for _, some := range [][]string{c.Names, c.Aliases, c.Parties, c.Hashtags} {
				names = append(names, some...)
			}
		}
	}
	return names
}
