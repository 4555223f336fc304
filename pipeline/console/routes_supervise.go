package console

import "github.com/netra-id/netra/pipeline/access"

// superviseRoutes are a supervisor's: how the work goes, what is really seen, how
// it changes over time, and tables of all of it to take along. They change
// nothing.
func (c *Console) superviseRoutes() []route {
	return []route{
		{name: "supervise", pattern: "GET /supervise", action: access.Supervise, handle: c.supervise},
		{name: "supervise_coverage", pattern: "GET /coverage", action: access.Supervise, handle: c.coveragePage},
		{name: "supervise_trends", pattern: "GET /trends", action: access.Supervise, handle: c.trendsPage},
		{name: "export_queue", pattern: "GET /queue/export", action: access.Export, handle: c.exportQueue},
		{name: "export_decisions", pattern: "GET /decisions/export", action: access.Export, handle: c.exportDecisions},
		{name: "export_coverage", pattern: "GET /coverage/export", action: access.Export, handle: c.exportCoverage},
		{name: "export_trends", pattern: "GET /trends/export", action: access.Export, handle: c.exportTrends},
	}
}
