package console_test

import (
	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
)

// apiOne is the item on which all programs practise: Sumarni's, in region 61.08.
const apiOne = "/api/v1/items/mastodon:1093"

// apiExpectations are those of programs. What changes the item for those who come
// later is tried with what is refused: 409 and 422 come after the rights.
var apiExpectations = []expectation{
	{pattern: "GET /api/v1/openapi.json", path: "/api/v1/openapi.json", api: true, open: true, nobody: 200, ok: 200},
	{pattern: "GET /api/v1/openapi.yaml", path: "/api/v1/openapi.yaml", api: true, open: true, nobody: 200, ok: 200},
	{pattern: "GET /api/v1/items", path: "/api/v1/items?status=all", api: true, action: access.Read, ok: 200},
	{pattern: "GET /api/v1/counts", path: "/api/v1/counts?status=all", api: true, action: access.Read, ok: 200},
	{pattern: "GET /api/v1/items/{id}", path: apiOne, api: true, action: access.Read, ok: 200, outside: 404},
	{pattern: "GET /api/v1/items/{id}", path: "/api/v1/items/none", api: true, action: access.Read, ok: 404},
	{pattern: "GET /api/v1/items/{id}/similar", path: apiOne + "/similar", api: true, action: access.Read, ok: 200, outside: 404},
	{pattern: "GET /api/v1/accounts/{account}/items", path: "/api/v1/accounts/mastodon:a1093/items", api: true, action: access.Read, ok: 200},
	{pattern: "POST /api/v1/items/{id}/open", path: apiOne + "/open", api: true, action: access.Review, ok: 200, outside: 404},
	{pattern: "POST /api/v1/items/{id}/claim", path: apiOne + "/claim", api: true, action: access.Review, ok: 200, outside: 404, body: `{"force":true}`},
	{pattern: "POST /api/v1/items/{id}/release", path: apiOne + "/release", api: true, action: access.Review, ok: 204},
	{pattern: "POST /api/v1/items/{id}/assign", path: apiOne + "/assign", api: true, action: access.Supervise, ok: 204, outside: 404, body: `{"to":""}`},
	{pattern: "POST /api/v1/items/{id}/decisions", path: apiOne + "/decisions", api: true, action: access.Review, ok: 409, outside: 404, body: `{"revision":999,"verdict":"unsure"}`},
	{pattern: "POST /api/v1/claims", path: "/api/v1/claims", api: true, action: access.Review, ok: 200, outside: 404, body: `{"items":["mastodon:1093"],"force":true}`},
	{pattern: "POST /api/v1/claims/next", path: "/api/v1/claims/next", api: true, action: access.Review, ok: 200, body: `{"filter":{"q":"tidakada"}}`},
	{pattern: "POST /api/v1/releases", path: "/api/v1/releases", api: true, action: access.Review, ok: 204, body: `{"items":["mastodon:1093"]}`},
	{pattern: "POST /api/v1/assignments", path: "/api/v1/assignments", api: true, action: access.Supervise, ok: 204, outside: 404, body: `{"items":["mastodon:1093"],"to":""}`},
	{pattern: "POST /api/v1/decisions", path: "/api/v1/decisions", api: true, action: access.Review, ok: 409, outside: 404, body: `{"verdict":"unsure","items":[{"id":"mastodon:1093","revision":999}]}`},
	{pattern: "GET /api/v1/decisions", path: "/api/v1/decisions", api: true, action: access.Export, ok: 200},
	{pattern: "POST /api/v1/decisions/{decision}/undo", path: "/api/v1/decisions/00000000-0000-0000-0000-000000000000/undo", api: true, action: access.Review, ok: 404},
	{pattern: "GET /api/v1/filters", path: "/api/v1/filters", api: true, action: access.Read, ok: 200},
	{pattern: "POST /api/v1/filters", path: "/api/v1/filters", api: true, action: access.Read, ok: 201, body: `{"name":"tabel","filter":{"region":"61"}}`},
	{pattern: "DELETE /api/v1/filters/{filter}", path: "/api/v1/filters/999", api: true, action: access.Read, ok: 404},
	{pattern: "GET /api/v1/contestants", path: "/api/v1/contestants", api: true, action: access.Read, ok: 200},
	{pattern: "GET /api/v1/rules", path: "/api/v1/rules", api: true, action: access.Read, ok: 200},
	{pattern: "GET /api/v1/words", path: "/api/v1/words", api: true, action: access.Read, ok: 200},
	{pattern: "GET /api/v1/publications", path: "/api/v1/publications", api: true, action: access.Tune, ok: 200},
	{pattern: "GET /api/v1/publications/{number}", path: "/api/v1/publications/1", api: true, action: access.Tune, ok: 200},
	{pattern: "GET /api/v1/publications/{number}", path: "/api/v1/publications/99", api: true, action: access.Tune, ok: 404},
}

// List lists the contestants of the tests.
func (c contestants) List() []console.ListedContestant {
	var all []console.ListedContestant
	for id, known := range c {
		all = append(all, console.ListedContestant{Contestant: known, ID: id, ElectionID: "pilkada-2024", Region: "61.08"})
	}
	return all
}
