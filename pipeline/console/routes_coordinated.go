package console

import (
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
)

// coordinatedRoutes show near-identical posts by many accounts. Without what finds
// them there are no such pages.
func (c *Console) coordinatedRoutes() []route {
	routes := []route{
		{name: "clusters", pattern: "GET /clusters", action: access.Read, handle: c.clustersPage},
		{name: "cluster", pattern: "GET /clusters/{cluster}", action: access.Read, handle: c.clusterPage},
	}
	for i := range routes {
		handle := routes[i].handle
		routes[i].handle = func(w http.ResponseWriter, r *http.Request) error {
			if c.coordinated == nil {
				return failure{status: http.StatusNotFound}
			}
			return handle(w, r)
		}
	}
	return routes
}
