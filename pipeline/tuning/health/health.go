// Package health tells how the rules of the keyword lists do on live posts: how
// often each one hits, how often analysts confirm what it flagged, and which need
// an operator's eye: those whose rate of hits changes suddenly, those that only
// produce dismissed flags, and those that never match.
//
// The console's pages, the keywords command and the hourly metrics (Watch) call
// it. It changes nothing and decides nothing: an alarm is a reason to look.
package health

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// Data is where hits and decisions come from; the store implements it.
type Data interface {
	// RuleHits counts flagged posts that are not withdrawn, by what found them.
	RuleHits(ctx context.Context, until time.Time, days int) ([]store.RuleHit, error)
	// PostDays counts all posts: the denominators.
	PostDays(ctx context.Context, until time.Time, days int) ([]store.PostDay, error)
	// RuleDecisions counts the analysts' last words, by what found the posts.
	RuleDecisions(ctx context.Context, until time.Time, days int) ([]store.RuleDecision, error)
}

// Report is the health of all rules and lists at one time.
type Report struct {
	// At is the time that the report is for. The last day ends with its hour.
	At time.Time `json:"at"`
	// Version is the version of the lists in force; empty where none is published.
	Version string `json:"version"`
	// Days are the days of 24 hours before that, the newest last, with all flagged
	// posts as hits.
	Days []Day `json:"days"`
	// Flags counts all flagged posts that are not withdrawn, of any time.
	Flags int `json:"flags"`
	// Precision is over all flags on which analysts have decided.
	Precision backtest.Precision `json:"precision"`
	// Lists and Rules have what is in force, and what is not any more but has hits
	// or decisions; those with alarms first, then by hits.
	Lists []Row `json:"lists"`
	Rules []Row `json:"rules"`
}

// Day is 24 hours.
type Day struct {
	From time.Time `json:"from"`
	Hits int       `json:"hits"`
	// Posts counts all posts of the day, flagged or not.
	Posts int `json:"posts"`
}

// Week is the precision of the decisions of seven days.
type Week struct {
	From time.Time `json:"from"`
	backtest.Precision
}

// The kinds of a row.
const (
	KindRule = "rule"
	KindList = "list"
	// KindModel and KindClaim are sources of reasons that are no rules.
	KindModel = "model"
	KindClaim = "claim"
)

// Row is the health of one rule, list, model or claim.
type Row struct {
	// Name is "support/vote-for" for a rule, "support" for a list.
	Name  string     `json:"name"`
	Kind  string     `json:"kind"`
	Label post.Label `json:"label,omitempty"`
	// InForce is false for rules and lists that the version in force does not have.
	InForce bool `json:"in_force"`
	// Since is when a rule came in force, and Changed when it came in force as it
	// is now; where that is longer ago than the days of the report, some time
	// before them. Since is missing where nothing was ever published; Changed where
	// the rule is as it was in the first publication.
	Since   time.Time `json:"since,omitzero"`
	Changed time.Time `json:"changed,omitzero"`
	// Hits counts the flagged posts of any time of which it is a reason, Hits24h
	// and Hits30d those of the last day and of the days of the report. Share is
	// that of Hits in all flags.
	Hits    int       `json:"hits"`
	Hits24h int       `json:"hits_24h"`
	Hits30d int       `json:"hits_30d"`
	Share   float64   `json:"share"`
	LastHit time.Time `json:"last_hit,omitzero"`
	// Precision is over all decisions on posts that it flagged; the decisions
	// about another label do not count.
	Precision backtest.Precision `json:"precision"`
	Days      []Day              `json:"days"`
	// Weeks are the weeks before the end of the last day, the newest last.
	Weeks  []Week  `json:"weeks"`
	Alarms []Alarm `json:"alarms,omitempty"`
}

// The kinds of alarms.
const (
	// Rise and Drop are sudden changes of the rate of hits.
	Rise = "rise"
	Drop = "drop"
	// OnlyDismissed says that nothing was confirmed of what it flagged.
	OnlyDismissed = "only_dismissed"
	// NeverMatched says that it did not match in all days of the report.
	NeverMatched = "never_matched"
)

// AlarmKinds lists the kinds of alarms.
var AlarmKinds = []string{Rise, Drop, OnlyDismissed, NeverMatched}

// Alarm is why somebody should look at a rule.
type Alarm struct {
	Kind string `json:"kind"`
	// Hits of Posts in the last day, against PastHits of PastPosts in the days
	// before; P is the chance that a rule whose rate did not change looks like
	// this, with hits that come in bursts as they did before, corrected for how
	// many rules were looked at. Of Rise and Drop.
	Hits      int     `json:"hits,omitempty"`
	Posts     int     `json:"posts,omitempty"`
	PastHits  int     `json:"past_hits,omitempty"`
	PastPosts int     `json:"past_posts,omitempty"`
	P         float64 `json:"p,omitempty"`
	// Dismissed counts the decisions of OnlyDismissed.
	Dismissed int `json:"dismissed,omitempty"`
	// Days is how long it did not match, of NeverMatched.
	Days int `json:"days,omitempty"`
}

// Times is by how much the rate changed: 3 is three times the past one. 0 where
// there were no hits before.
func (a Alarm) Times() float64 {
	if a.PastHits == 0 || a.Posts == 0 || a.PastPosts == 0 {
		return 0
	}
	return (float64(a.Hits) / float64(a.Posts)) / (float64(a.PastHits) / float64(a.PastPosts))
}

// Has says whether the row has an alarm of a kind.
func (r Row) Has(kind string) bool {
	for _, alarm := range r.Alarms {
		if alarm.Kind == kind {
			return true
		}
	}
	return false
}
