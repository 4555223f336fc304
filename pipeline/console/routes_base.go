package console

// baseRoutes are those that every console has.
func (c *Console) baseRoutes() []route {
	return []route{
		{name: "home", pattern: "GET /{$}", handle: c.home},
		{name: "login", pattern: "GET /login", open: true, handle: c.loginPage},
		{name: "login", pattern: "POST /login", open: true, handle: c.login},
		{name: "login_code", pattern: "GET /login/code", open: true, handle: c.codePage},
		{name: "login_code", pattern: "POST /login/code", open: true, handle: c.code},
		{name: "login_oidc", pattern: "GET /login/oidc", open: true, handle: c.oidcStart},
		{name: "login_oidc", pattern: "GET /login/oidc/callback", open: true, handle: c.oidcCallback},
		{name: "logout", pattern: "POST /logout", early: true, handle: c.logout},
		{name: "api_me", pattern: "GET /api/v1/me", api: true, handle: c.apiMe},
		{name: "static", pattern: "GET /static/", open: true, plain: true, handle: c.static},
		{name: "healthz", pattern: "GET /healthz", open: true, plain: true, handle: c.healthz},
		{name: "readyz", pattern: "GET /readyz", open: true, plain: true, handle: c.readyz},
	}
}
