package console

// baseRoutes are those that every console has.
func (c *Console) baseRoutes() []route {
	return []route{
		{name: "home", pattern: "GET /{$}", handle: c.home},
		{name: "login", pattern: "GET /login", open: true, handle: c.loginPage},
		{name: "login", pattern: "POST /login", open: true, handle: c.login},
		{name: "logout", pattern: "POST /logout", handle: c.logout},
		{name: "static", pattern: "GET /static/", open: true, plain: true, handle: c.static},
		{name: "healthz", pattern: "GET /healthz", open: true, plain: true, handle: c.healthz},
		{name: "readyz", pattern: "GET /readyz", open: true, plain: true, handle: c.readyz},
	}
}
