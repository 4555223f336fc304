package console

import "github.com/netra-id/netra/pipeline/access"

// accountRoutes are what a person does with their own account.
func (c *Console) accountRoutes() []route {
	return []route{
		{name: "account", pattern: "GET /account", handle: c.account},
		{name: "account_password", pattern: "GET /account/password", early: true, handle: c.passwordPage},
		{name: "account_password", pattern: "POST /account/password", early: true, handle: c.changePassword},
		{name: "account_totp", pattern: "GET /account/totp", early: true, handle: c.totpPage},
		{name: "account_totp", pattern: "POST /account/totp", early: true, handle: c.setTOTP},
		{name: "account_totp", pattern: "POST /account/totp/remove", handle: c.removeTOTP},
		{name: "account_sessions", pattern: "POST /account/sessions/end", handle: c.endOtherSessions},
		{name: "account_sessions", pattern: "POST /account/sessions/{session}/end", handle: c.endOwnSession},
		{name: "account_tokens", pattern: "GET /account/tokens", handle: c.tokensPage},
		{name: "account_tokens", pattern: "POST /account/tokens", handle: c.addToken},
		{name: "account_tokens", pattern: "POST /account/tokens/{token}/revoke", handle: c.revokeOwnToken},
	}
}

// peopleRoutes are an administrator's: people, and the log of who did what.
func (c *Console) peopleRoutes() []route {
	const administer = access.Administer
	return []route{
		{name: "people", pattern: "GET /people", action: administer, handle: c.people},
		{name: "people_new", pattern: "GET /people/new", action: administer, handle: c.newPerson},
		{name: "people_new", pattern: "POST /people", action: administer, handle: c.addPerson},
		{name: "person", pattern: "GET /people/{user}", action: administer, handle: c.person},
		{name: "person", pattern: "POST /people/{user}", action: administer, handle: c.changePerson},
		{name: "person_password", pattern: "POST /people/{user}/password", action: administer, handle: c.resetPassword},
		{name: "person_totp", pattern: "POST /people/{user}/totp/reset", action: administer, handle: c.resetTOTP},
		{name: "person_sessions", pattern: "POST /people/{user}/sessions/end", action: administer, handle: c.endSessions},
		{name: "person_sessions", pattern: "POST /people/{user}/sessions/{session}/end", action: administer, handle: c.endSession},
		{name: "person_tokens", pattern: "POST /people/{user}/tokens/{token}/revoke", action: administer, handle: c.revokeToken},
		{name: "audit", pattern: "GET /audit", action: administer, handle: c.auditPage},
		{name: "audit_verify", pattern: "POST /audit/verify", action: administer, handle: c.verifyAudit},
	}
}
