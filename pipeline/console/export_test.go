package console

// RouteShape is what the tests may know of a route.
type RouteShape struct {
	Pattern, Action               string
	Open, Plain, API, Early, Hook bool
}

// Routes lists all routes.
func (c *Console) Routes() []RouteShape {
	var shapes []RouteShape
	for _, r := range c.routes() {
		shapes = append(shapes, RouteShape{Pattern: r.pattern, Action: string(r.action), Open: r.open, Plain: r.plain, API: r.api, Early: r.early, Hook: r.hook})
	}
	return shapes
}
