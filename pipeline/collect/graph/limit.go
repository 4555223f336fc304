package graph

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// usage is how much of a budget is used, in percent.
type usage struct {
	Calls   float64 `json:"call_count"`
	Time    float64 `json:"total_time"`
	CPUTime float64 `json:"total_cputime"`
	// Regain is how many minutes it takes until requests are answered again.
	Regain float64 `json:"estimated_time_to_regain_access"`
}

func (u usage) percent() float64 { return max(u.Calls, u.Time, u.CPUTime) }

// usageOf returns the fullest budget of which the headers tell.
func usageOf(header http.Header) (fullest usage, said bool) {
	regain := 0.0
	add := func(u usage) {
		said, regain = true, max(regain, u.Regain)
		if u.percent() >= fullest.percent() {
			fullest = u
		}
	}
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var one usage
		if value := header.Get(name); value != "" && json.Unmarshal([]byte(value), &one) == nil {
			add(one)
		}
	}
	var byBusiness map[string][]usage
	if value := header.Get("X-Business-Use-Case-Usage"); value != "" && json.Unmarshal([]byte(value), &byBusiness) == nil {
		for _, uses := range byBusiness {
			for _, u := range uses {
				add(u)
			}
		}
	}
	fullest.Regain = regain
	return fullest, said
}

const (
	// window is the time over which Meta counts calls.
	window = time.Hour
	// calm is the percentage below which usage is no reason to go slower.
	calm = 75
	// mostRegain bounds what a header can make the collector wait.
	mostRegain = 24 * time.Hour
)

// limitOf makes a limit of the usage: Meta tells percents, not calls, so above
// the calm part each percent that is left is taken for one call in the window.
// Every answer tells anew, so what was too careful is corrected with the next.
func limitOf(header http.Header, now time.Time) collect.Limit {
	u, said := usageOf(header)
	if !said || u.percent() < calm && u.Regain <= 0 {
		return collect.Limit{Remaining: -1}
	}
	limit := collect.Limit{Remaining: int(max(100-u.percent(), 0)), Reset: now.Add(window)}
	if u.Regain > 0 {
		limit = collect.Limit{Reset: now.Add(u.regain())}
	}
	return limit
}

func (u usage) regain() time.Duration {
	minutes := min(u.Regain, mostRegain.Minutes())
	return time.Duration(minutes * float64(time.Minute))
}

// regain is how long to wait after an error of a rate limit.
func regain(header http.Header) time.Duration {
	if u, said := usageOf(header); said && u.Regain > 0 {
		return u.regain()
	}
	return 10 * time.Minute
}
