package console

import (
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
)

// apiRoutes are for programs: the same as the pages, with the same rights.
// openapi.yaml describes all of them; a test holds the two together.
func (c *Console) apiRoutes() []route {
	routes := []route{
		{name: "api_items", pattern: "GET /api/v1/items", action: access.Read, handle: c.apiItems},
		{name: "api_counts", pattern: "GET /api/v1/counts", action: access.Read, handle: c.apiCounts},
		{name: "api_item", pattern: "GET /api/v1/items/{id}", action: access.Read, handle: c.apiItem},
		{name: "api_similar", pattern: "GET /api/v1/items/{id}/similar", action: access.Read, handle: c.apiSimilar},
		{name: "api_account", pattern: "GET /api/v1/accounts/{account}/items", action: access.Read, handle: c.apiAccount},
		{name: "api_open", pattern: "POST /api/v1/items/{id}/open", action: access.Review, handle: c.apiOpen},
		{name: "api_claim", pattern: "POST /api/v1/items/{id}/claim", action: access.Review, handle: c.apiClaimOne},
		{name: "api_release", pattern: "POST /api/v1/items/{id}/release", action: access.Review, handle: c.apiReleaseOne},
		{name: "api_assign", pattern: "POST /api/v1/items/{id}/assign", action: access.Supervise, handle: c.apiAssignOne},
		{name: "api_decide", pattern: "POST /api/v1/items/{id}/decisions", action: access.Review, handle: c.apiDecideOne},
		{name: "api_claim_next", pattern: "POST /api/v1/claims/next", action: access.Review, handle: c.apiClaimNext},
		{name: "api_claims", pattern: "POST /api/v1/claims", action: access.Review, handle: c.apiClaim},
		{name: "api_releases", pattern: "POST /api/v1/releases", action: access.Review, handle: c.apiRelease},
		{name: "api_assignments", pattern: "POST /api/v1/assignments", action: access.Supervise, handle: c.apiAssign},
		{name: "api_decisions", pattern: "POST /api/v1/decisions", action: access.Review, handle: c.apiDecide},
		{name: "api_decisions", pattern: "GET /api/v1/decisions", action: access.Export, handle: c.apiDecisions},
		{name: "api_undo", pattern: "POST /api/v1/decisions/{decision}/undo", action: access.Review, handle: c.apiUndo},
		{name: "api_filters", pattern: "GET /api/v1/filters", action: access.Read, handle: c.apiFilters},
		{name: "api_filters", pattern: "POST /api/v1/filters", action: access.Read, handle: c.apiSaveFilter},
		{name: "api_filters", pattern: "DELETE /api/v1/filters/{filter}", action: access.Read, handle: c.apiDeleteFilter},
		{name: "api_contestants", pattern: "GET /api/v1/contestants", action: access.Read, handle: c.apiContestants},
		{name: "api_rules", pattern: "GET /api/v1/rules", action: access.Read, handle: c.apiRules},
		{name: "api_words", pattern: "GET /api/v1/words", action: access.Read, handle: c.apiWords},
		{name: "api_publications", pattern: "GET /api/v1/publications", action: access.Tune, handle: c.whereTuned(c.apiPublications)},
		{name: "api_publications", pattern: "GET /api/v1/publications/{number}", action: access.Tune, handle: c.whereTuned(c.apiPublication)},
	}
	for i := range routes {
		routes[i].api = true
	}
	return append(routes,
		route{name: "api_description", pattern: "GET /api/v1/openapi.json", open: true, plain: true, api: true, handle: c.apiDescription},
		route{name: "api_description", pattern: "GET /api/v1/openapi.yaml", open: true, plain: true, api: true, handle: c.apiDescription})
}

// apiList is how lists are answered whose pages have no cursor.
func apiList[T any](w http.ResponseWriter, name string, list []T) error {
	if list == nil {
		list = []T{}
	}
	return writeJSON(w, http.StatusOK, map[string][]T{name: list})
}
