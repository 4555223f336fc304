package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/audit"
)

const (
	// auditPageSize is how many entries are on one page of the log.
	auditPageSize = 50
	// mostDetailBytes of an entry's detail are shown.
	mostDetailBytes = 400
	// verifyWithin bounds a verification that somebody asks for.
	verifyWithin = 50 * time.Second
)

// auditView is the page of the log of who did what.
type auditView struct {
	Check    checkView
	Filter   auditFilter
	Actions  []actionOption
	Active   bool
	Entries  []entryView
	OlderURL string
	Problems []string
	Done     string
}

// checkView is what the last verification found.
type checkView struct {
	Known, Holds bool
	Text         string
	Head         string
}

type actionOption struct {
	Value, Text string
	Chosen      bool
}

type entryView struct {
	Number  int64
	At      timeView
	Actor   string
	Role    string
	Action  string
	Subject string
	Detail  []detailView
	Address string
}

type detailView struct{ Name, Value string }

// auditFilter is what the reader asked the log for.
type auditFilter struct {
	actor, action, subject, from, until string
}

// Actor and the others are for the template.
func (f auditFilter) Actor() string   { return f.actor }
func (f auditFilter) Subject() string { return f.subject }
func (f auditFilter) From() string    { return f.from }
func (f auditFilter) Until() string   { return f.until }

func readAuditFilter(r *http.Request) auditFilter {
	get := func(name string) string {
		value := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(r.URL.Query().Get(name), ""), "\x00", ""))
		if len(value) > mostFilterBytes {
			return ""
		}
		return value
	}
	return auditFilter{actor: get("actor"), action: get("action"), subject: get("subject"), from: get("from"), until: get("until")}
}

func (f auditFilter) url(before int64) string {
	query := url.Values{}
	for name, value := range map[string]string{"actor": f.actor, "action": f.action, "subject": f.subject, "from": f.from, "until": f.until} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return (&url.URL{Path: "/audit", RawQuery: query.Encode()}).String()
}

// chosen reads the filter's days; what is no day is told.
func (f auditFilter) chosen(r *http.Request, v viewer) (audit.Filter, []string) {
	chosen := audit.Filter{Actor: f.actor, Action: f.action, Subject: f.subject}
	var problems []string
	day := func(value string, set func(time.Time)) {
		if value == "" {
			return
		}
		t, err := time.ParseInLocation(time.DateOnly, value, v.zone)
		if err != nil || t.Year() < 1970 || t.Year() > 2200 {
			problems = append(problems, v.words.T("posts.bad.date", "value", value))
			return
		}
		set(t)
	}
	day(f.from, func(t time.Time) { chosen.From = t })
	day(f.until, func(t time.Time) { chosen.Until = t.AddDate(0, 0, 1) })
	chosen.Before, _ = strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	return chosen, problems
}

func (c *Console) auditPage(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), c.config.QueryTimeout)
	defer cancel()
	if _, err := c.audit.Seal(ctx); err != nil { // so that the page shows what was just done
		return err
	}
	see, asked := c.viewer(r), readAuditFilter(r)
	view := auditView{Filter: asked, Check: see.check(c.audit.Last()), Done: done(r), Active: asked != auditFilter{}}
	chosen, problems := asked.chosen(r, see)
	view.Problems = problems
	entries, err := c.audit.List(ctx, chosen, auditPageSize+1)
	if err != nil {
		return err
	}
	if len(entries) > auditPageSize {
		entries = entries[:auditPageSize]
		view.OlderURL = asked.url(entries[auditPageSize-1].Number)
	}
	for i := range entries {
		view.Entries = append(view.Entries, see.entry(&entries[i]))
	}
	actions, err := c.audit.Actions(ctx)
	if err != nil {
		return err
	}
	for _, action := range actions {
		view.Actions = append(view.Actions, actionOption{Value: action, Text: see.auditAction(action), Chosen: action == asked.action})
	}
	return c.render(w, r, http.StatusOK, "audit", view)
}

func (c *Console) verifyAudit(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), verifyWithin)
	defer cancel()
	if _, err := c.audit.Seal(ctx); err != nil {
		return err
	}
	check, err := c.audit.Verify(ctx, audit.Head{})
	if err != nil {
		return err
	}
	detail := map[string]string{"holds": strconv.FormatBool(check.Holds()), "head": check.Head.String()}
	if err := c.audit.Tell(r.Context(), event(r, didVerifyAudit, subjectOfTheLog, detail)); err != nil {
		return err
	}
	http.Redirect(w, r, "/audit?done=verified", http.StatusSeeOther)
	return nil
}

func (v viewer) check(check audit.Check) checkView {
	if check.At.IsZero() {
		return checkView{Text: v.words.T("audit.check.none")}
	}
	at := v.time(check.At).Text
	if !check.Holds() {
		return checkView{Known: true, Text: v.words.T("audit.check.broken", "number", v.words.Number(uint64(check.Broken)), "date", at)} //nolint:gosec // a number above 0
	}
	return checkView{Known: true, Holds: true, Head: check.Head.String(), Text: v.words.T("audit.check.holds", "n", v.words.Number(uint64(check.Entries)), "date", at)} //nolint:gosec // as above
}

func (v viewer) auditAction(action string) string {
	return v.words.Or("audit.action."+action, short(action, mostWordBytes))
}

func (v viewer) entry(e *audit.Entry) entryView {
	view := entryView{
		Number: e.Number, At: v.time(e.At), Actor: short(e.Actor, mostWordBytes), Action: v.auditAction(e.Action),
		Subject: short(e.Subject, mostSubjectBytes), Address: short(e.Address, 8),
	}
	if e.Role != "" {
		view.Role = v.words.Or("role."+e.Role, e.Role)
	}
	var detail map[string]string
	if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil {
		view.Detail = []detailView{{Value: short(e.Detail, mostDetailBytes)}} // somebody changed it
		return view
	}
	for name, value := range detail {
		if value == "" {
			continue
		}
		view.Detail = append(view.Detail, detailView{Name: v.words.Or("audit.detail."+name, name), Value: short(value, mostDetailBytes)})
	}
	slices.SortFunc(view.Detail, func(a, b detailView) int { return strings.Compare(a.Name, b.Name) })
	return view
}
