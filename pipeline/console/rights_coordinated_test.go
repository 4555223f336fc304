package console_test

import "github.com/netra-id/netra/pipeline/access"

var coordinatedExpectations = []expectation{
	{pattern: "GET /clusters", path: "/clusters", action: access.Read, ok: 200},
	{pattern: "GET /clusters/{cluster}", path: "/clusters/none", action: access.Read, ok: 404},
}
