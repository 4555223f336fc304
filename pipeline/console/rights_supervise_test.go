package console_test

import "github.com/netra-id/netra/pipeline/access"

var superviseExpectations = []expectation{
	{pattern: "GET /supervise", path: "/supervise", action: access.Supervise, ok: 200},
	{pattern: "GET /supervise", path: "/supervise?from=2024-11-01&until=2024-11-30&region=61", action: access.Supervise, ok: 200},
	{pattern: "GET /coverage", path: "/coverage?platform=mastodon", action: access.Supervise, ok: 200},
	{pattern: "GET /trends", path: "/trends?by=region&from=2024-11-01&until=2024-11-30", action: access.Supervise, ok: 200},
	{pattern: "GET /queue/export", path: "/queue/export?status=all", action: access.Export, ok: 200},
	{pattern: "GET /queue/export", path: "/queue/export?format=pdf", action: access.Export, ok: 400},
	{pattern: "GET /decisions/export", path: "/decisions/export?from=2024-11-01", action: access.Export, ok: 200},
	{pattern: "GET /coverage/export", path: "/coverage/export?format=csv", action: access.Export, ok: 200},
	{pattern: "GET /trends/export", path: "/trends/export?by=region&from=2024-11-01&until=2024-11-30", action: access.Export, ok: 200},
}
