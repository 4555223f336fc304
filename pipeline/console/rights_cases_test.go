package console_test

import (
	"net/url"

	"github.com/netra-id/netra/pipeline/access"
)

// In the table there is no case yet: who may gets what is not there, but for the
// list. TestWhoSeesACase asks with one.
var casesExpectations = []expectation{
	{pattern: "GET /cases", path: "/cases", action: access.Read, ok: 200},
	{pattern: "GET /cases", path: "/cases?status=all&q=Suma&region=61.08&person=me&due=late&sort=changed&page=7", action: access.Read, ok: 200},
	{pattern: "GET /cases/new", path: "/cases/new?item=mastodon:1093", action: access.Review, ok: 200, outside: 404},
	{pattern: "GET /cases/new", path: "/cases/new?item=mastodon:1093&kind=copies", action: access.Review, ok: 200, outside: 404},
	{pattern: "GET /cases/new", path: "/cases/new", action: access.Review, ok: 404},
	{pattern: "POST /cases", path: "/cases", action: access.Review, ok: 422, outside: 404, fields: url.Values{"item": {"mastodon:1093"}, "kind": {"account"}, "title": {" "}, "post": {"mastodon:1093"}}},
	{pattern: "POST /cases", path: "/cases", action: access.Review, ok: 303, fields: url.Values{"kind": {"account"}}},
	{pattern: "POST /cases/add", path: "/cases/add", action: access.Review, ok: 303, fields: url.Values{"case": {"2024/61/0001"}, "post": {"mastodon:1093"}}},
	{pattern: "GET /cases/key", path: "/cases/key", action: access.Read, ok: 200},
	{pattern: "GET /cases/{case}", path: "/cases/none", action: access.Read, ok: 404},
	{pattern: "POST /cases/{case}/note", path: "/cases/none/note", action: access.Review, ok: 404, fields: url.Values{"note": {"x"}}},
	{pattern: "POST /cases/{case}/rename", path: "/cases/none/rename", action: access.Review, ok: 404, fields: url.Values{"title": {"x"}}},
	{pattern: "POST /cases/{case}/remove", path: "/cases/none/remove", action: access.Review, ok: 404},
	{pattern: "POST /cases/{case}/people", path: "/cases/none/people", action: access.Review, ok: 404, fields: url.Values{"person": {"me"}}},
	{pattern: "POST /cases/{case}/people/remove", path: "/cases/none/people/remove", action: access.Review, ok: 404},
	{pattern: "POST /cases/{case}/ready", path: "/cases/none/ready", action: access.Review, ok: 404},
	{pattern: "POST /cases/{case}/reopen", path: "/cases/none/reopen", action: access.Review, ok: 404, fields: url.Values{"reason": {"x"}}},
	{pattern: "POST /cases/{case}/handover", path: "/cases/none/handover", action: access.Review, ok: 404},
	{pattern: "POST /cases/{case}/close", path: "/cases/none/close", action: access.Review, ok: 404, fields: url.Values{"outcome": {"other"}, "reason": {"x"}}},
	{pattern: "POST /cases/{case}/hold", path: "/cases/none/hold", action: access.Supervise, ok: 404, fields: url.Values{"reason": {"x"}}},
	{pattern: "POST /cases/{case}/pack", path: "/cases/none/pack", action: access.Review, ok: 404},
	{pattern: "POST /cases/{case}/report", path: "/cases/none/report", action: access.Review, ok: 404},
	{pattern: "POST /items/{id}/pack", path: one + "/pack", action: access.Review, ok: 200, outside: 404},
}
