package console

import "github.com/netra-id/netra/pipeline/access"

// postRoutes are the list of flagged posts and a post's own pages.
func (c *Console) postRoutes() []route {
	return []route{
		{name: "posts", pattern: "GET /posts", action: access.Read, handle: c.posts},
		{name: "post", pattern: "GET /posts/{id}", action: access.Read, handle: c.post},
		{name: "post_text", pattern: "GET /posts/{id}/text", action: access.Read, handle: c.postText},
	}
}
