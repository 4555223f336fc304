package console

import (
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/tuning"
)

// maxTuningBytes bounds what an operator sends at once: a whole list, or a table
// of words.
const maxTuningBytes = tuning.MaxWordListBytes + 1<<20

// tuningRoutes are an operator's: what is flagged, and from which score on.
func (c *Console) tuningRoutes() []route {
	routes := []route{
		{name: "tuning", pattern: "GET /tuning", handle: c.tuningOverview},
		{name: "tuning_diff", pattern: "GET /tuning/diff", handle: c.tuningDiff},
		{name: "tuning_publication", pattern: "GET /tuning/publications/{number}", handle: c.tuningPublication},
		{name: "tuning_rollback", pattern: "POST /tuning/publications/{number}/rollback", handle: c.tuningRollback},
		{name: "tuning_new", pattern: "POST /tuning/drafts", handle: c.tuningNewDraft},
		{name: "tuning_draft", pattern: "GET /tuning/drafts/{draft}", handle: c.tuningDraft},
		{name: "tuning_approve", pattern: "POST /tuning/drafts/{draft}/approve", handle: c.tuningApprove},
		{name: "tuning_publish", pattern: "POST /tuning/drafts/{draft}/publish", handle: c.tuningPublish},
		{name: "tuning_discard", pattern: "POST /tuning/drafts/{draft}/discard", handle: c.tuningDiscard},
		{name: "tuning_rule", pattern: "GET /tuning/drafts/{draft}/rule", handle: c.tuningRule},
		{name: "tuning_rule", pattern: "POST /tuning/drafts/{draft}/rule", handle: c.tuningSaveRule},
		{name: "tuning_rule_check", pattern: "POST /tuning/drafts/{draft}/rule/check", handle: c.tuningCheckRule},
		{name: "tuning_group", pattern: "GET /tuning/drafts/{draft}/group", handle: c.tuningGroup},
		{name: "tuning_group", pattern: "POST /tuning/drafts/{draft}/group", handle: c.tuningSaveGroup},
		{name: "tuning_file", pattern: "GET /tuning/drafts/{draft}/file", handle: c.tuningFile},
		{name: "tuning_file", pattern: "POST /tuning/drafts/{draft}/file", handle: c.tuningSaveFile},
		{name: "tuning_thresholds", pattern: "GET /tuning/drafts/{draft}/thresholds", handle: c.tuningThresholds},
		{name: "tuning_thresholds", pattern: "POST /tuning/drafts/{draft}/thresholds", handle: c.tuningSaveThresholds},
		{name: "tuning_words", pattern: "GET /tuning/drafts/{draft}/words", handle: c.tuningWords},
		{name: "tuning_words", pattern: "POST /tuning/drafts/{draft}/words", handle: c.tuningImportWords},
		{name: "tuning_suggest", pattern: "GET /tuning/drafts/{draft}/suggest", handle: c.tuningSuggest},
		{name: "tuning_try", pattern: "GET /tuning/drafts/{draft}/try", handle: c.tuningTryPage},
		{name: "tuning_try", pattern: "POST /tuning/drafts/{draft}/try", handle: c.tuningTry},
		{name: "tuning_backtests", pattern: "GET /tuning/backtests", handle: c.tuningBacktests},
		{name: "tuning_backtest_new", pattern: "POST /tuning/drafts/{draft}/backtests", handle: c.tuningStartBacktest},
		{name: "tuning_backtest", pattern: "GET /tuning/backtests/{number}", handle: c.tuningBacktest},
		{name: "tuning_backtest_stop", pattern: "POST /tuning/backtests/{number}/stop", handle: c.tuningStopBacktest},
		{name: "tuning_backtest_resume", pattern: "POST /tuning/backtests/{number}/resume", handle: c.tuningResumeBacktest},
	}
	for i := range routes {
		routes[i].action, routes[i].mostBytes = access.Tune, maxTuningBytes
		routes[i].handle = c.whereTuned(routes[i].handle)
	}
	return routes
}

// whereTuned answers that there is no such page where the console has no lists to
// tune.
func (c *Console) whereTuned(handle func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if c.tuning == nil {
			return failure{status: http.StatusNotFound}
		}
		return handle(w, r)
	}
}
