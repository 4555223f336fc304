package console_test

import (
	"net/url"

	"github.com/netra-id/netra/pipeline/access"
)

var captureExpectations = []expectation{
	{pattern: "GET /capture", path: "/capture", action: access.Collect, ok: 200},
	{pattern: "POST /capture", path: "/capture", action: access.Collect, ok: 422, fields: url.Values{"link": {"https://contoh.example/1"}}},
	{pattern: "GET /capture/accounts", path: "/capture/accounts?q=rahmat", action: access.Collect, ok: 200},
	{pattern: "GET /capture/files/{sha256}", path: "/capture/files/" + noFile, action: access.Collect, ok: 404},
	{pattern: "GET /capture/{number}", path: "/capture/999", action: access.Collect, ok: 404},
	{pattern: "GET /tips", path: "/tips", action: access.Collect, ok: 200},
	{pattern: "GET /tips/{tip}", path: "/tips/999", action: access.Collect, ok: 404},
	{pattern: "POST /tips/{tip}/decide", path: "/tips/999/decide", action: access.Collect, ok: 404, fields: url.Values{"do": {"spam"}}},
	{pattern: "POST /tips/{tip}/contact", path: "/tips/999/contact", action: access.Collect, ok: 404},
	{pattern: "GET /lapor", path: "/lapor", open: true, nobody: 200, ok: 200},
	{pattern: "POST /lapor", path: "/lapor", open: true, nobody: 422, ok: 422},
	{pattern: "POST /hooks/posts", path: "/hooks/posts", open: true, hook: true, nobody: 401, ok: 401},
}

const noFile = "abababababababababababababababababababababababababababababababab"
