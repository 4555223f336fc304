package console_test

import "github.com/netra-id/netra/pipeline/access"

// The table's console purges nothing, so that the page is not there for those who
// may see it; TestRetentionPage has one that does.
var retentionExpectations = []expectation{
	{pattern: "GET /retention", path: "/retention", action: access.Administer, ok: 404},
}
