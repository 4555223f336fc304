package bluesky

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// mostPosts is how many posts the AppView shows at once.
const mostPosts = 25

// posts asks the AppView for posts by their addresses. What it does not show,
// or not in a form that can be read, is left out.
func (s *Source) posts(ctx context.Context, sink collect.Sink, addresses []syntax.ATURI) (map[syntax.ATURI]postView, error) {
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	views := make(map[syntax.ATURI]postView, len(addresses))
	for chunk := range slices.Chunk(addresses, mostPosts) {
		if err := s.somePosts(ctx, sink, chunk, views); err != nil {
			return nil, err
		}
	}
	return views, nil
}

func (s *Source) somePosts(ctx context.Context, sink collect.Sink, addresses []syntax.ATURI, views map[syntax.ATURI]postView) error {
	query := url.Values{}
	for _, address := range addresses {
		query.Add("uris", string(address))
	}
	var answer struct {
		Posts []json.RawMessage `json:"posts"`
	}
	_, err := s.client.AskJSON(ctx, sink, fetch.Request{URL: "/xrpc/app.bsky.feed.getPosts", Query: query}, &answer)
	if status := fetch.Status(err); status != nil && status.Status == http.StatusBadRequest {
		if len(addresses) == 1 {
			return nil // this one cannot be asked for
		}
		for n := range addresses {
			if err := s.somePosts(ctx, sink, addresses[n:n+1], views); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	for _, raw := range answer.Posts {
		var view postView
		if json.Unmarshal(raw, &view) == nil {
			views[syntax.ATURI(view.URI)] = view
		}
	}
	return nil
}
