package youtube

import "github.com/netra-id/netra/pipeline/collect"

// ItemsOf reads a piece of an answer as a video and as a comment, for the fuzz
// test.
func ItemsOf(owner, commenter collect.Account, raw []byte) []collect.Item {
	var items []collect.Item
	if item, public := itemOfVideo(owner, &channel{ID: owner.ID}, raw); public {
		items = append(items, item)
	}
	if item, _, ok := itemOfComment(raw, "v", map[string]collect.Account{commenter.ID: commenter}); ok {
		items = append(items, item)
	}
	return items
}
