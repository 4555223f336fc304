package console

import "github.com/netra-id/netra/pipeline/access"

// casesRoutes are the cases and what is taken out of them. Who reviews works on
// cases and hands them on; closing what was not handed over, and legal holds, are
// a supervisor's.
func (c *Console) casesRoutes() []route {
	routes := []route{
		{name: "cases", pattern: "GET /cases", action: access.Read, handle: c.casesPage},
		{name: "case_new", pattern: "GET /cases/new", action: access.Review, handle: c.caseNew},
		{name: "case_create", pattern: "POST /cases", action: access.Review, handle: c.caseCreate},
		{name: "case_add", pattern: "POST /cases/add", action: access.Review, handle: c.caseAdd},
		{name: "case_key", pattern: "GET /cases/key", action: access.Read, handle: c.caseKey},
		{name: "case", pattern: "GET /cases/{case}", action: access.Read, handle: c.casePage},
		{name: "case_note", pattern: "POST /cases/{case}/note", action: access.Review, handle: c.caseNote},
		{name: "case_rename", pattern: "POST /cases/{case}/rename", action: access.Review, handle: c.caseRename},
		{name: "case_remove", pattern: "POST /cases/{case}/remove", action: access.Review, handle: c.caseRemove},
		{name: "case_assign", pattern: "POST /cases/{case}/people", action: access.Review, handle: c.caseAssign},
		{name: "case_unassign", pattern: "POST /cases/{case}/people/remove", action: access.Review, handle: c.caseUnassign},
		{name: "case_ready", pattern: "POST /cases/{case}/ready", action: access.Review, handle: c.caseReady},
		{name: "case_reopen", pattern: "POST /cases/{case}/reopen", action: access.Review, handle: c.caseReopen},
		{name: "case_handover", pattern: "POST /cases/{case}/handover", action: access.Review, handle: c.caseHandOver},
		{name: "case_close", pattern: "POST /cases/{case}/close", action: access.Review, handle: c.caseClose},
		{name: "case_hold", pattern: "POST /cases/{case}/hold", action: access.Supervise, handle: c.caseHold},
		{name: "case_pack", pattern: "POST /cases/{case}/pack", action: access.Review, handle: c.casePack},
		{name: "case_report", pattern: "POST /cases/{case}/report", action: access.Review, handle: c.caseReport},
		{name: "item_pack", pattern: "POST /items/{id}/pack", action: access.Review, handle: c.itemPack},
	}
	for i := range routes {
		routes[i].handle = c.whereCases(routes[i].handle)
	}
	return routes
}
