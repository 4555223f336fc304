package console

import (
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
)

// captureRoutes are what people hand in: captures, tips of the public, and the
// address for partners' systems. Without a desk, or where it is closed, there are
// no such pages.
func (c *Console) captureRoutes() []route {
	const collects = access.Collect
	routes := []route{
		{name: "capture", pattern: "GET /capture", action: collects, handle: c.capturePage},
		{name: "capture", pattern: "POST /capture", action: collects, streams: true, mostBytes: c.mostCaptureBytes(), handle: c.captureForm},
		{name: "capture_accounts", pattern: "GET /capture/accounts", action: collects, handle: c.captureAccounts},
		{name: "capture_file", pattern: "GET /capture/files/{sha256}", action: collects, handle: c.captureFile},
		{name: "captured", pattern: "GET /capture/{number}", action: collects, handle: c.captured},
		{name: "tips", pattern: "GET /tips", action: collects, handle: c.tips},
		{name: "tip", pattern: "GET /tips/{tip}", action: collects, handle: c.tip},
		{name: "tip_decide", pattern: "POST /tips/{tip}/decide", action: collects, handle: c.tipDecide},
		{name: "tip_contact", pattern: "POST /tips/{tip}/contact", action: collects, handle: c.tipContact},
		{name: "report", pattern: "GET /lapor", open: true, handle: c.whereTips(c.reportPage)},
		{name: "report", pattern: "POST /lapor", open: true, handle: c.whereTips(c.report)},
		{name: "hook_posts", pattern: "POST /hooks/posts", open: true, hook: true, handle: c.hookPosts},
	}
	for i := range routes {
		routes[i].handle = c.whereCaptured(routes[i].handle)
	}
	return routes
}

// mostCaptureBytes bounds one capture: a recording and as many pictures as it may
// have.
func (c *Console) mostCaptureBytes() int64 {
	if c.capture == nil {
		return 0
	}
	cfg := c.capture.Configuration()
	return cfg.MaxVideoBytes + int64(cfg.MaxFiles)*cfg.MaxImageBytes + 1<<20
}

type handler = func(http.ResponseWriter, *http.Request) error

// whereCaptured answers that there is no such page where nothing can be handed in.
func (c *Console) whereCaptured(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if c.capture == nil {
			return failure{status: http.StatusNotFound}
		}
		return handle(w, r)
	}
}

// whereTips answers that there is no such page where the public hands in nothing.
func (c *Console) whereTips(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !c.capture.TipsOpen() {
			return failure{status: http.StatusNotFound}
		}
		return handle(w, r)
	}
}
