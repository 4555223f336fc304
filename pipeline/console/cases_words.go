package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/cases"
)

// caseRow is a case in a list.
type caseRow struct {
	URL, Number, Title  string
	Status, StatusClass string
	Kind, Regions       string
	Posts, People       string
	Due                 string
	DueDate             timeView
	Soon, Late, Held    bool
	Changed             timeView
	Hidden              string
}

// caseStatus names a case's status.
func (v viewer) caseStatus(status cases.Status) string {
	return v.words.Or("cases.status."+string(status), string(status))
}

func (v reader) caseRow(c *cases.Case) caseRow {
	row := caseRow{
		URL: casePath(c.ID), Number: c.Number, Title: short(c.Title, 2*mostRowFieldBytes), Status: v.caseStatus(c.Status), StatusClass: "cs-" + strings.ReplaceAll(string(c.Status), "_", "-"),
		Kind: v.words.T("cases.kind." + c.Kind), Regions: v.caseRegions(c), Posts: v.words.T("cases.posts", "n", v.number(len(c.Posts)+c.Hidden)),
		People: strings.Join(v.people(c.People), ", "), Held: c.Hold != "", Changed: v.time(c.ChangedAt), DueDate: v.caseTime(c, c.Due),
	}
	row.Due, row.Soon, row.Late = v.caseDue(c)
	if c.Hidden > 0 {
		row.Hidden = v.words.T("cases.hidden", "n", v.number(c.Hidden))
	}
	return row
}

func (v viewer) people(names []string) []string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = v.person(name)
	}
	return shown
}

// mostCaseRegions are named of a case's regions.
const mostCaseRegions = 4

func (v reader) caseRegions(c *cases.Case) string {
	var names []string
	for _, code := range c.Regions {
		if name := v.regionOwnName(code); name != "" && v.who.Sees(code) {
			names = append(names, name)
		}
	}
	if more := len(names) - mostCaseRegions; more > 0 {
		names = append(names[:mostCaseRegions], "+"+strconv.Itoa(more))
	}
	return strings.Join(names, ", ")
}

// caseTime says a time in the zone of the case, in which its days are counted.
func (v viewer) caseTime(c *cases.Case, t time.Time) timeView {
	if t.IsZero() {
		return timeView{}
	}
	v.zone = caseZone(c)
	return v.time(t)
}

func caseZone(c *cases.Case) *time.Location {
	if len(c.Regions) == 0 {
		return cases.Zone("")
	}
	return cases.Zone(c.Regions[0])
}

// caseDue is how long the legal clock still runs.
func (v reader) caseDue(c *cases.Case) (text string, soon, late bool) {
	switch {
	case c.Status == cases.Closed:
		return v.words.T("cases.due.closed", "date", v.words.Date(c.ClosedAt.In(caseZone(c)))), false, false
	case !c.Runs():
		return v.words.T("cases.due.handed", "date", v.words.Date(c.HandedAt.In(caseZone(c)))), false, false
	}
	days := c.DaysLeft(v.now)
	switch {
	case c.Overdue(v.now):
		return v.words.T("due.late", "n", max(1, -days)), true, true
	case days == 0:
		return v.words.T("cases.due.today"), true, false
	default:
		return v.words.T("due.days", "n", days), days <= soonDays, false
	}
}

// caseEvent is one thing that happened to a case.
type caseEvent struct {
	Class, Text, By, Note string
	At                    timeView
	SHA256                string
}

// dayOf says a day that is kept as 2026-11-23.
func (v viewer) dayOf(kept string) string {
	day, err := time.Parse(time.DateOnly, kept)
	if err != nil {
		return kept
	}
	return v.words.Date(day)
}

// mostEventBytes bounds the note or reason of one event on a page.
const mostEventBytes = 3000

func (v reader) caseEvent(c *cases.Case, e *cases.Event) caseEvent {
	view := caseEvent{Class: "ev-" + strings.ReplaceAll(string(e.Change), "_", "-"), By: v.person(e.By), At: v.caseTime(c, e.At), Note: short(e.Text, mostEventBytes), SHA256: e.SHA256}
	say := func(namesAndValues ...any) string {
		return v.words.T("cases.event."+string(e.Change), namesAndValues...)
	}
	switch e.Change {
	case cases.Created, cases.PostsAdded, cases.PostRemoved:
		view.Text = say("n", v.number(len(e.Posts)))
		if e.Change == cases.Created {
			view.Note = ""
		}
	case cases.Assigned, cases.Unassigned:
		view.Text = say("user", v.person(e.Person))
	case cases.StatusSet, cases.Reopened:
		view.Text = say("status", v.caseStatus(e.To))
	case cases.HandedTo:
		key := "cases.event.handed_over"
		if e.Reference == "" {
			key += ".unnumbered"
		}
		view.Text = v.words.T(key, "receiver", e.Receiver, "reference", e.Reference, "date", v.dayOf(e.Date))
	case cases.ClosedAs:
		view.Text = say("outcome", v.words.Or("cases.outcome."+string(e.Outcome), string(e.Outcome)))
	default:
		view.Text = say()
	}
	return view
}
