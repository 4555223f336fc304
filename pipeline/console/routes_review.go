package console

import "github.com/netra-id/netra/pipeline/access"

// reviewRoutes are the queue and the items in it. Everything that changes
// something is a POST; opening an item is a GET, and starts its clock.
func (c *Console) reviewRoutes() []route {
	return append(c.evidenceRoutes(), []route{
		{name: "queue", pattern: "GET /queue", action: access.Read, handle: c.queue},
		{name: "queue_next", pattern: "POST /queue/next", action: access.Review, handle: c.queueNext},
		{name: "queue_take", pattern: "POST /queue/take", action: access.Review, handle: c.queueTake},
		{name: "queue_bulk", pattern: "POST /queue/bulk", action: access.Review, handle: c.queueBulk},
		{name: "queue_undo", pattern: "POST /queue/undo", action: access.Review, handle: c.queueUndo},
		{name: "filter_save", pattern: "POST /queue/filters", action: access.Read, handle: c.saveFilter},
		{name: "filter_remove", pattern: "POST /queue/filters/remove", action: access.Read, handle: c.removeFilter},
		{name: "item", pattern: "GET /items/{id}", action: access.Read, handle: c.item},
		{name: "item_text", pattern: "GET /items/{id}/text", action: access.Read, handle: c.itemText},
		{name: "item_open", pattern: "POST /items/{id}/open", action: access.Review, handle: c.itemOpen},
		{name: "item_next", pattern: "POST /items/{id}/next", action: access.Review, handle: c.itemNext},
		{name: "item_skip", pattern: "POST /items/{id}/skip", action: access.Review, handle: c.itemSkip},
		{name: "item_claim", pattern: "POST /items/{id}/claim", action: access.Review, handle: c.itemClaim},
		{name: "item_assign", pattern: "POST /items/{id}/assign", action: access.Supervise, handle: c.itemAssign},
		{name: "item_decide", pattern: "POST /items/{id}/decide", action: access.Review, handle: c.itemDecide},
	}...)
}
