package console_test

import (
	"net/url"

	"github.com/netra-id/netra/pipeline/access"
)

// one is the item on which all practise: Sumarni's, in region 61.08.
const one = "/items/mastodon:1093"

var reviewExpectations = []expectation{
	{pattern: "GET /queue", path: "/queue", action: access.Read, ok: 200},
	{pattern: "GET /queue", path: "/queue?label=support&region=61&status=all&q=coblos", action: access.Read, ok: 200},
	{pattern: "POST /queue/next", path: "/queue/next?status=confirmed", action: access.Review, ok: 303},
	{pattern: "POST /queue/take", path: "/queue/take?q=tidakada", action: access.Review, ok: 303},
	{pattern: "POST /queue/bulk", path: "/queue/bulk", action: access.Review, ok: 303, fields: url.Values{"do": {"claim"}}},
	{pattern: "POST /queue/undo", path: "/queue/undo", action: access.Review, ok: 303, fields: url.Values{"id": {"00000000-0000-0000-0000-000000000000"}}},
	{pattern: "POST /queue/filters", path: "/queue/filters", action: access.Read, ok: 303, fields: url.Values{"name": {"tabel"}, "query": {"region=61"}}},
	{pattern: "POST /queue/filters/remove", path: "/queue/filters/remove", action: access.Read, ok: 404, fields: url.Values{"id": {"999"}}},
	{pattern: "POST /queue/filters/remove", path: "/queue/filters/remove", action: access.Read, ok: 400, fields: url.Values{"id": {"x"}}},
	{pattern: "GET /items/{id}", path: one, action: access.Read, ok: 200, outside: 404},
	{pattern: "GET /items/{id}", path: "/items/mastodon%3A1093?peek=1", action: access.Read, ok: 200, outside: 404},
	{pattern: "GET /items/{id}", path: "/items/none", action: access.Read, ok: 404},
	{pattern: "GET /items/{id}/text", path: one + "/text", action: access.Read, ok: 200, outside: 404},
	{pattern: "GET /items/{id}/evidence", path: one + "/evidence", action: access.Read, ok: 200, outside: 404},
	{pattern: "POST /items/{id}/evidence", path: one + "/evidence", action: access.Review, ok: 303, outside: 404},
	{pattern: "GET /items/{id}/evidence/{piece}", path: one + "/evidence/none", action: access.Read, ok: 404},
	{pattern: "POST /items/{id}/open", path: one + "/open", action: access.Review, ok: 200, outside: 404},
	{pattern: "POST /items/{id}/claim", path: one + "/claim", action: access.Review, ok: 303, outside: 404},
	{pattern: "POST /items/{id}/decide", path: one + "/decide", action: access.Review, ok: 422, outside: 404, fields: url.Values{"revision": {"1"}}},
	{pattern: "POST /items/{id}/assign", path: one + "/assign", action: access.Supervise, ok: 303, outside: 404},
	{pattern: "POST /items/{id}/skip", path: one + "/skip?q=tidakada", action: access.Review, ok: 303},
	{pattern: "POST /items/{id}/next", path: one + "/next?q=tidakada", action: access.Review, ok: 303},
}
