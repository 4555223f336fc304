package console_test

import (
	"net/url"

	"github.com/netra-id/netra/pipeline/access"
)

// practice is the draft on which all practise; the harness makes it.
const practice = "/tuning/drafts/latihan"

var tuningExpectations = []expectation{
	{pattern: "GET /tuning", path: "/tuning", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/diff", path: "/tuning/diff?from=1&to=draft:latihan", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/diff", path: "/tuning/diff?from=1&to=x", action: access.Tune, ok: 404},
	{pattern: "GET /tuning/publications/{number}", path: "/tuning/publications/1", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/publications/{number}", path: "/tuning/publications/99", action: access.Tune, ok: 404},
	{pattern: "POST /tuning/publications/{number}/rollback", path: "/tuning/publications/1/rollback", action: access.Tune, ok: 422},
	{pattern: "POST /tuning/drafts", path: "/tuning/drafts", action: access.Tune, ok: 409, fields: url.Values{"name": {"latihan"}}},
	{pattern: "GET /tuning/drafts/{draft}", path: practice, action: access.Tune, ok: 200},
	{pattern: "GET /tuning/drafts/{draft}", path: "/tuning/drafts/none", action: access.Tune, ok: 404},
	{pattern: "POST /tuning/drafts/{draft}/approve", path: practice + "/approve", action: access.Tune, ok: 409},
	{pattern: "POST /tuning/drafts/{draft}/publish", path: practice + "/publish", action: access.Tune, ok: 422},
	{pattern: "POST /tuning/drafts/{draft}/discard", path: practice + "/discard", action: access.Tune, ok: 422},
	{pattern: "GET /tuning/drafts/{draft}/rule", path: practice + "/rule?file=keywords/support.yaml&id=vote-for", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/rule", path: practice + "/rule", action: access.Tune, ok: 422, fields: url.Values{"file": {"none"}}},
	{pattern: "POST /tuning/drafts/{draft}/rule/check", path: practice + "/rule/check", action: access.Tune, ok: 200, fields: url.Values{"file": {"keywords/support.yaml"}, "id": {"vote-for"}, "rule_id": {"vote-for"}, "any": {"coblos"}}},
	{pattern: "GET /tuning/drafts/{draft}/group", path: practice + "/group?file=keywords/groups.yaml&name=@vote", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/group", path: practice + "/group", action: access.Tune, ok: 404},
	{pattern: "GET /tuning/drafts/{draft}/file", path: practice + "/file?path=keywords/support.yaml", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/file", path: practice + "/file", action: access.Tune, ok: 404, fields: url.Values{"path": {"../etc/passwd"}}},
	{pattern: "GET /tuning/drafts/{draft}/thresholds", path: practice + "/thresholds", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/thresholds", path: practice + "/thresholds", action: access.Tune, ok: 422, fields: url.Values{"limit_support": {"7"}}},
	{pattern: "GET /tuning/drafts/{draft}/words", path: practice + "/words", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/words", path: practice + "/words", action: access.Tune, ok: 422},
	{pattern: "GET /tuning/drafts/{draft}/suggest", path: practice + "/suggest", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/drafts/{draft}/suggest", path: practice + "/suggest?phrase=gaspol", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/drafts/{draft}/try", path: practice + "/try", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/try", path: practice + "/try", action: access.Tune, ok: 200, fields: url.Values{"text": {"ayo coblos nomor 2"}}},
	{pattern: "GET /tuning/backtests", path: "/tuning/backtests", action: access.Tune, ok: 200},
	{pattern: "POST /tuning/drafts/{draft}/backtests", path: practice + "/backtests", action: access.Tune, ok: 422, fields: url.Values{"from": {"kemarin"}}},
	{pattern: "GET /tuning/backtests/{number}", path: "/tuning/backtests/1", action: access.Tune, ok: 200},
	{pattern: "GET /tuning/backtests/{number}", path: "/tuning/backtests/99", action: access.Tune, ok: 404},
	{pattern: "POST /tuning/backtests/{number}/stop", path: "/tuning/backtests/99/stop", action: access.Tune, ok: 404},
	{pattern: "POST /tuning/backtests/{number}/resume", path: "/tuning/backtests/99/resume", action: access.Tune, ok: 404},
}
