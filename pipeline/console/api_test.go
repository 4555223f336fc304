package console_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/review"
)

type (
	wireItem struct {
		ID, Status, Holder, Assignee string
		Revision                     int64
		OpenedAt                     time.Time `json:"opened_at"`
	}
	wireItems struct {
		Items []wireItem
		Total int
		Next  string
	}
	wireDecision struct {
		ID, Item, Verdict, By, Rule, Replaces string
		Current, Withdrawn                    bool
	}
	wireWhole struct {
		Item    wireItem
		History []wireDecision
		Blind   bool
		Post    struct{ Text string }
		Person  map[string]string
		Verdict struct {
			Labels []struct {
				Label   string
				Reasons []struct {
					Start, End        int
					Text, Explanation string
					Quoted            bool
				}
			}
		}
		Law struct {
			Labels []struct {
				Label string
				Rules []struct{ Code string }
			}
		}
	}
	wireProblem struct {
		Type, Title, Detail, Error, Request string
		Status                              int
		Errors                              []struct{ Item, Error, Field, Value, Allowed string }
	}
)

// apiSite is a site with people, on a database.
func apiSite(t *testing.T, address string, change func(*review.Configuration)) *site {
	s := newSite(t, options{stored: append(append(flags(), manyFlags(20)...), copies(5)...), review: change, change: func(c *console.Configuration, _ *console.Dependencies) {
		if address != "" {
			c.Database, c.EncryptionSecret = address, strings.Repeat("rahasia ", 5)
		}
		c.Login.Attempts, c.API.Burst = 1_000_000, 1_000_000
	}})
	s.addPeople()
	s.add(state.NewUser{Name: "sari", Role: access.Supervisor, Password: secret})
	return s
}

// TestEveryOperationIsAsDescribed does a day's work by program and holds each
// request and answer against openapi.json, on both databases.
func TestEveryOperationIsAsDescribed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		d := newDescribed(t, apiSite(t, address, nil))
		andi, sari, oka := d.tokenOf("andi"), d.tokenOf("sari"), d.tokenOf("oka")
		d.op("me", 200, "/api/v1/me", andi, "")
		d.op("describe", 200, "/api/v1/openapi.json", "", "")
		d.op("describeInYAML", 200, "/api/v1/openapi.yaml", "", "")
		d.reading(andi)
		d.working(andi, sari)
		d.deciding(andi, sari)
		filter := read[struct{ ID int64 }](t, d.op("saveFilter", 201, "/api/v1/filters", andi, `{"name":"landak","sort":"newest","filter":{"region":"61.08","status":["open","second"],"from":"2024-11-01","until":"2024-11-30"}}`))
		if list := d.op("listFilters", 200, "/api/v1/filters", andi, ""); !strings.Contains(list.body, `"until":"2024-12-01T00:00:00+07:00"`) {
			t.Errorf("the saved filter: %s", list.body)
		}
		d.op("deleteFilter", 204, "/api/v1/filters/"+number(filter.ID), andi, "")
		for id, path := range map[string]string{"listContestants": "contestants", "listRules": "rules", "listWords": "words"} {
			d.op(id, 200, "/api/v1/"+path, andi, "")
		}
		d.op("listPublications", 200, "/api/v1/publications?limit=5", oka, "")
		d.op("getPublication", 200, "/api/v1/publications/1", oka, "")
		for _, known := range d.paths {
			if !d.asked[known.id] {
				t.Errorf("nobody asked for %s (%s)", known.id, known.pattern)
			}
		}
	})
}

func (d *described) reading(token string) {
	t := d.t
	first := read[wireItems](t, d.op("listItems", 200, "/api/v1/items?limit=10&sort=newest&status=open&status=second", token, ""))
	second := read[wireItems](t, d.op("listItems", 200, "/api/v1/items?limit=500&sort=newest&status=open&status=second&cursor="+first.Next, token, ""))
	seen := map[string]bool{}
	for _, item := range append(first.Items, second.Items...) {
		seen[item.ID] = true
	}
	if len(first.Items) != 10 || len(seen) != first.Total || len(first.Items)+len(second.Items) != first.Total || second.Next != "" {
		t.Errorf("two pages have %d and %d items of %d, %d different", len(first.Items), len(second.Items), first.Total, len(seen))
	}
	found := read[wireItems](t, d.op("listItems", 200, "/api/v1/items?q=%22rapatkan+barisan%22&label=support&region=61&from=2024-11-21&until=2024-11-21", token, ""))
	if len(found.Items) != 1 || found.Items[0].ID != "mastodon:1093" {
		t.Errorf("the search found %+v", found)
	}
	d.op("countItems", 200, "/api/v1/counts?platform=mastodon&doable=true", token, "")
	whole := read[wireWhole](t, d.op("getItem", 200, "/api/v1/items/facebook:55102", token, ""))
	for _, l := range whole.Verdict.Labels {
		for _, reason := range l.Reasons {
			if !reason.Quoted && whole.Post.Text[reason.Start:reason.End] != reason.Text {
				t.Errorf("bytes %d to %d are %q, not %q", reason.Start, reason.End, whole.Post.Text[reason.Start:reason.End], reason.Text)
			}
		}
	}
	if whole.Person["agency"] != "RSUD Kota Madiun" || whole.Person["as_of"] != "2024-11-20T14:15:00Z" || whole.Person["person_id"] != "" || len(whole.Law.Labels) == 0 || !whole.Item.OpenedAt.IsZero() {
		t.Errorf("the item: %+v", whole)
	}
	if whole.Verdict.Labels[0].Reasons[0].Explanation != "kata dukungan dekat penyebutan peserta" {
		t.Errorf("the reasons: %+v", whole.Verdict)
	}
	similar := read[wireItems](t, d.op("listSimilar", 200, "/api/v1/items/youtube:copy-1/similar", token, ""))
	if len(similar.Items) != 4 {
		t.Errorf("%d copies, want 4", len(similar.Items))
	}
	d.op("listAccount", 200, "/api/v1/accounts/mastodon:a1093/items", token, "")
}

func (d *described) working(andi, sari string) {
	t := d.t
	opened := read[wireItem](t, d.op("openItem", 200, "/api/v1/items/mastodon:1093/open", andi, ""))
	if opened.Holder != "andi" || opened.OpenedAt.IsZero() {
		t.Errorf("opened: %+v", opened)
	}
	d.op("claimItem", 409, "/api/v1/items/mastodon:1093/claim", sari, "")
	if got := read[wireItem](t, d.op("claimItem", 200, "/api/v1/items/mastodon:1093/claim", sari, `{"force":true}`)); got.Holder != "sari" {
		t.Errorf("claimed: %+v", got)
	}
	d.op("releaseItem", 204, "/api/v1/items/mastodon:1093/release", sari, "")
	next := read[wireItems](t, d.op("claimNext", 200, "/api/v1/claims/next", andi, `{"count":3,"filter":{"region":"61"}}`))
	if len(next.Items) != 3 {
		t.Errorf("claimed next: %+v", next)
	}
	if one := read[wireItems](t, d.op("claimNext", 200, "/api/v1/claims/next", andi, "")); len(one.Items) != 1 {
		t.Errorf("claimed next: %+v", one)
	}
	hindered := read[wireProblem](t, d.op("claimItems", 409, "/api/v1/claims", sari, `{"items":["mastodon:1093","`+next.Items[0].ID+`"]}`))
	if hindered.Error != "taken" || len(hindered.Errors) != 1 || hindered.Errors[0].Item != next.Items[0].ID {
		t.Errorf("hindered: %+v", hindered)
	}
	mixed := read[wireProblem](t, d.op("claimItems", 409, "/api/v1/claims", sari, `{"items":["none","`+next.Items[0].ID+`"]}`))
	if mixed.Error != "hindered" || len(mixed.Errors) != 2 {
		t.Errorf("hindered for two reasons: %+v", mixed)
	}
	d.op("releaseItems", 204, "/api/v1/releases", andi, `{"items":["`+next.Items[0].ID+`","`+next.Items[1].ID+`"]}`)
	d.op("claimItems", 200, "/api/v1/claims", sari, `{"items":["mastodon:1093","`+next.Items[0].ID+`"],"force":false}`)
	d.op("releaseItem", 204, "/api/v1/items/"+next.Items[0].ID+"/release", sari, "")
	d.op("assignItems", 204, "/api/v1/assignments", sari, `{"items":["mastodon:1093"],"to":"andi"}`)
	d.op("assignItem", 204, "/api/v1/items/mastodon:1093/assign", sari, `{"to":""}`)
	wrong := read[wireProblem](t, d.op("assignItem", 422, "/api/v1/items/mastodon:1093/assign", sari, `{"to":"oka"}`))
	if len(wrong.Errors) != 1 || wrong.Errors[0].Field != "to" || wrong.Errors[0].Value != "oka" {
		t.Errorf("assigned to an operator: %+v", wrong)
	}
	d.op("releaseItem", 204, "/api/v1/items/mastodon:1093/release", sari, "")
}

func (d *described) deciding(andi, sari string) {
	t := d.t
	item := read[wireWhole](t, d.op("getItem", 200, "/api/v1/items/mastodon:1093", andi, "")).Item
	path, rev := "/api/v1/items/mastodon:1093/decisions", number(item.Revision)
	made := read[wireDecision](t, d.op("decideItem", 201, path, andi, `{"revision":`+rev+`,"verdict":"violation","label":"support","rule":"KE-3","note":"jelas"}`))
	stale := read[wireProblem](t, d.op("decideItem", 409, path, sari, `{"revision":`+rev+`,"verdict":"no_violation","cause":"report"}`))
	if stale.Error != "changed" || stale.Type != "urn:netra:problem:changed" {
		t.Errorf("an older revision: %+v", stale)
	}
	rev = number(item.Revision + 1)
	corrected := read[wireDecision](t, d.op("decideItem", 201, path, andi, `{"revision":`+rev+`,"verdict":"no_violation","cause":"report","replaces":"`+made.ID+`"}`))
	if corrected.Replaces != made.ID || corrected.By != "andi" {
		t.Errorf("corrected: %+v", corrected)
	}
	undone := read[wireItem](t, d.op("undoDecision", 200, "/api/v1/decisions/"+corrected.ID+"/undo", andi, ""))
	if undone.Holder != "andi" {
		t.Errorf("undone: %+v", undone)
	}
	d.op("undoDecision", 409, "/api/v1/decisions/"+corrected.ID+"/undo", andi, "")
	d.op("undoDecision", 404, "/api/v1/decisions/none/undo", andi, "")

	copied := read[wireItems](t, d.op("listItems", 200, "/api/v1/items?q=%22guru+se-kabupaten%22", andi, ""))
	var choices []string
	for _, item := range copied.Items {
		choices = append(choices, `{"id":"`+item.ID+`","revision":`+number(item.Revision)+`}`)
	}
	bulk := `{"verdict":"no_violation","cause":"denial","items":[` + strings.Join(choices, ",") + `]}`
	all := read[struct{ Decisions []wireDecision }](t, d.op("decideItems", 201, "/api/v1/decisions", andi, bulk))
	if len(all.Decisions) != 5 {
		t.Errorf("decided on %d copies, want 5", len(all.Decisions))
	}
	d.op("decideItems", 409, "/api/v1/decisions", andi, bulk)

	type page struct {
		Decisions []struct {
			Place    int64
			Decision wireDecision
		}
		Cursor int64
		More   bool
	}
	seen, after := 0, int64(0)
	for more := true; more; {
		part := read[page](t, d.op("listDecisions", 200, "/api/v1/decisions?limit=3&from=2024-01-01&after="+number(after), sari, ""))
		seen, after, more = seen+len(part.Decisions), part.Cursor, part.More
	}
	if seen != 3+5 {
		t.Errorf("%d decisions, want 8", seen)
	}
	later := read[page](t, d.op("listDecisions", 200, "/api/v1/decisions?after="+number(after), sari, ""))
	if len(later.Decisions) != 0 || later.Cursor != after {
		t.Errorf("behind the last one: %+v", later)
	}
	d.send(403, "GET", "/api/v1/decisions", andi, "")
}

// TestTheDescriptionHasEveryRoute holds the routes and the description together.
func TestTheDescriptionHasEveryRoute(t *testing.T) {
	s := newSite(t, options{})
	d := newDescribed(t, s)
	routes := map[string]bool{}
	for _, r := range s.Routes() {
		if r.API {
			routes[r.Pattern] = true
		}
	}
	for _, known := range d.paths {
		if !routes[known.pattern] {
			t.Errorf("%s is described, but there is no such route", known.pattern)
		}
		delete(routes, known.pattern)
	}
	for pattern := range routes {
		t.Errorf("%s is not described", pattern)
	}
}

func TestTheAPISaysWhichValueIsNotAllowed(t *testing.T) {
	d := newDescribed(t, apiSite(t, "", nil))
	andi := d.tokenOf("andi")
	decide := "POST /api/v1/items/mastodon:1093/decisions "
	for request, want := range map[string]struct {
		status                int
		field, value, allowed string
	}{
		"GET /api/v1/items?labels=support":                                           {422, "labels", "support", "the nearest is label"},
		"GET /api/v1/items?label=suport":                                             {422, "label", "suport", "support, attack"},
		"GET /api/v1/items?label=support&label=attack":                               {422, "label", "support,attack", "once"},
		"GET /api/v1/items?status=done&status=gone":                                  {422, "status", "gone", "all, confirmed"},
		"GET /api/v1/items?from=kemarin":                                             {422, "from", "kemarin", "2024-11-20"},
		"GET /api/v1/items?from=2024-11-20&until=2024-11-19":                         {422, "until", "2024-11-19", "later than from"},
		"GET /api/v1/items?limit=501":                                                {422, "limit", "501", "1 to 500"},
		"GET /api/v1/items?sort=best":                                                {422, "sort", "best", "urgency"},
		"GET /api/v1/items?cursor=x":                                                 {422, "cursor", "x", "next"},
		"GET /api/v1/items?doable=perhaps":                                           {422, "doable", "perhaps", "true or false"},
		"GET /api/v1/counts?cursor=x":                                                {422, "cursor", "x", "q, status"},
		"POST /api/v1/claims {\"items\":[]}":                                         {422, "items", "0 items", "1 to 500"},
		"POST /api/v1/claims {\"items\":[\"a\",\"a\"]}":                              {422, "items", "a", "each once"},
		"POST /api/v1/claims {\"item\":[\"a\"]}":                                     {422, "item", "", "not known"},
		"POST /api/v1/claims {\"items\":[1]}":                                        {422, "items.0", "", "a string"},
		"POST /api/v1/claims {\"items\":":                                            {400, "body", "", "JSON"},
		"POST /api/v1/claims {\"items\":[\"a\"],\"items\":[\"b\"]}":                  {400, "body", "", "each name once"},
		"POST /api/v1/claims/next {\"count\":0}":                                     {422, "count", "0", "1 to 500"},
		"POST /api/v1/claims/next {\"filter\":{\"label\":\"x\"}}":                    {422, "label", "x", "support"},
		"POST /api/v1/filters {\"name\":\"\"}":                                       {422, "name", "", "1 to 80"},
		decide + `{"verdict":"unsure"}`:                                              {422, "revision", "", "revision"},
		decide + `{"revision":1,"verdict":"guilty"}`:                                 {422, "verdict", "guilty", "violation"},
		decide + `{"revision":1,"verdict":"violation","rule":"KE-99"}`:               {422, "rule", "KE-99", "KE-3"},
		decide + `{"revision":1,"verdict":"violation"}`:                              {422, "rule", "", "KE-3"},
		decide + `{"revision":1,"verdict":"no_violation","cause":"luck"}`:            {422, "cause", "luck", "report"},
		decide + `{"revision":1,"verdict":"unsure","cause":"report"}`:                {422, "cause", "report", "no_violation"},
		decide + `{"revision":1,"verdict":"duplicate","same":"none"}`:                {422, "same", "none", "an item that there is"},
		decide + `{"revision":1,"verdict":"unsure","note":"` + long + `"}`:           {422, "note", "", "up to 4000"},
		decide + `{"revision":1,"verdict":"violation","rule":"KE-3","label":"hoax"}`: {422, "label", "hoax", "support"},
		"POST /api/v1/decisions {\"verdict\":\"unsure\",\"items\":[{\"id\":\"a\"}]}": {422, "items.0.revision", "", "revision"},
	} {
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		got := read[wireProblem](t, d.send(want.status, method, path, andi, body))
		if len(got.Errors) != 1 || got.Errors[0].Field != want.field || want.value != "" && got.Errors[0].Value != want.value || !strings.Contains(got.Errors[0].Allowed, want.allowed) {
			t.Errorf("%.100s: %+v", request, got)
		}
		if strings.HasPrefix(got.Detail, "error.") || got.Detail == "" || got.Request == "" || got.Title != http.StatusText(want.status) {
			t.Errorf("%.100s: %+v", request, got)
		}
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

var long = strings.Repeat("x", 4001)

func TestTheAPITakesJSONOnly(t *testing.T) {
	d := newDescribed(t, apiSite(t, "", nil))
	andi := d.tokenOf("andi")
	v := d.visit()
	header := func(kind string) http.Header {
		return http.Header{"Authorization": {"Bearer " + andi}, "Content-Type": {kind}, "Accept-Language": {"fr, en-GB;q=0.8"}}
	}
	got := v.do("POST", "/api/v1/claims", strings.NewReader("items=a"), header("application/x-www-form-urlencoded"))
	if problem := read[wireProblem](t, got); got.status != 415 || problem.Errors[0].Field != "Content-Type" || problem.Detail != "Send JSON, and say so in the header Content-Type." {
		t.Errorf("a form: %d %+v", got.status, problem)
	}
	got = v.do("POST", "/api/v1/claims", strings.NewReader(`{"items":["`+strings.Repeat("x", 600<<10)+`"]}`), header("application/json"))
	if got.status != 413 {
		t.Errorf("too much: status %d", got.status)
	}
}

// TestAProgramAsksTooOften spends a token's share; another person's is untouched.
func TestAProgramAsksTooOften(t *testing.T) {
	now := time.Date(2024, 11, 21, 9, 0, 0, 0, time.UTC)
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) {
		c.API = console.APIConfiguration{Requests: 0.5, Burst: 3}
		d.Now = func() time.Time { return now }
	}})
	s.addPeople()
	d := newDescribed(t, s)
	andi, budi := d.tokenOf("andi"), d.tokenOf("budi")
	for range 3 {
		d.send(200, "GET", "/api/v1/me", andi, "")
	}
	got := d.send(429, "GET", "/api/v1/me", andi, "")
	if got.header.Get("Retry-After") != "2" || read[wireProblem](t, got).Error != "too_many_requests" {
		t.Errorf("Retry-After %q: %s", got.header.Get("Retry-After"), got.body)
	}
	d.send(200, "GET", "/api/v1/me", budi, "")
	now = now.Add(2 * time.Second)
	d.send(200, "GET", "/api/v1/me", andi, "")
}

// TestASecondReviewerIsBlindByProgram decides first and second with two tokens.
func TestASecondReviewerIsBlindByProgram(t *testing.T) {
	d := newDescribed(t, apiSite(t, "", func(c *review.Configuration) { c.SecondConfirmed = true }))
	andi, budi, sari := d.tokenOf("andi"), d.tokenOf("budi"), d.tokenOf("sari")
	one := "/api/v1/items/mastodon:1093"
	item := read[wireWhole](t, d.ask(200, "GET", one, andi, "")).Item
	d.ask(201, "POST", one+"/decisions", andi, `{"revision":`+number(item.Revision)+`,"verdict":"violation","rule":"KE-3"}`)
	for name, token := range map[string]string{"budi": budi, "sari": sari} {
		whole := read[wireWhole](t, d.ask(200, "GET", one, token, ""))
		if whole.Item.Status != "second" || !whole.Blind || len(whole.History) != 0 {
			t.Errorf("%s sees %+v", name, whole.History)
		}
		account := d.ask(200, "GET", "/api/v1/accounts/mastodon:a1093/items", token, "")
		if strings.Contains(account.body, `"violation"`) {
			t.Errorf("%s sees the first decision by the account", name)
		}
	}
	if made := d.ask(200, "GET", "/api/v1/decisions", sari, ""); strings.Contains(made.body, `"violation"`) {
		t.Errorf("the decisions show the first one: %s", made.body)
	}
	rev := number(read[wireWhole](t, d.ask(200, "GET", one, budi, "")).Item.Revision)
	again := read[wireProblem](t, d.ask(409, "POST", one+"/decisions", andi, `{"revision":`+rev+`,"verdict":"violation","rule":"KE-3"}`))
	if again.Error != "same_person" {
		t.Errorf("the same person again: %+v", again)
	}
	d.ask(201, "POST", one+"/decisions", budi, `{"revision":`+rev+`,"verdict":"violation","rule":"KE-3"}`)
	whole := read[wireWhole](t, d.ask(200, "GET", one, budi, ""))
	if whole.Item.Status != "confirmed" || whole.Blind || len(whole.History) != 2 {
		t.Errorf("after both: %+v", whole)
	}
}

// TestAProgramSeesItsRegionsOnly asks for all that is outside a person's region.
func TestAProgramSeesItsRegionsOnly(t *testing.T) {
	d := newDescribed(t, apiSite(t, "", nil))
	kalbar, andi := d.tokenOf("kalbar"), d.tokenOf("andi")
	outside := "facebook:55102" // in 35.77
	all := read[wireItems](t, d.ask(200, "GET", "/api/v1/items?limit=500", andi, ""))
	own := read[wireItems](t, d.ask(200, "GET", "/api/v1/items?limit=500", kalbar, ""))
	if has := func(list wireItems) bool {
		return slices.ContainsFunc(list.Items, func(i wireItem) bool { return i.ID == outside })
	}; !has(all) || has(own) || own.Total >= all.Total {
		t.Errorf("%d of %d items", own.Total, all.Total)
	}
	d.ask(404, "GET", "/api/v1/items/"+outside, kalbar, "")
	d.ask(404, "POST", "/api/v1/items/"+outside+"/open", kalbar, "")
	d.ask(404, "POST", "/api/v1/items/"+outside+"/decisions", kalbar, `{"revision":1,"verdict":"unsure"}`)
	d.ask(404, "POST", "/api/v1/claims", kalbar, `{"items":["`+outside+`"]}`)
	if got := d.ask(200, "GET", "/api/v1/items?region=35&limit=500", kalbar, ""); read[wireItems](t, got).Total != 0 {
		t.Errorf("another region: %s", got.body)
	}
	if got := d.ask(200, "GET", "/api/v1/counts?status=all", kalbar, ""); strings.Contains(got.body, "Madiun") || strings.Contains(got.body, `"35`) {
		t.Errorf("the counts tell of another region: %s", got.body)
	}
}

// TestWhatProgramsDoIsRecorded looks for a program's deeds in the audit log.
func TestWhatProgramsDoIsRecorded(t *testing.T) {
	d := newDescribed(t, apiSite(t, "", nil))
	andi, sari := d.tokenOf("andi"), d.tokenOf("sari")
	item := read[wireWhole](t, d.ask(200, "GET", "/api/v1/items/mastodon:1093", andi, "")).Item
	d.ask(201, "POST", "/api/v1/items/mastodon:1093/decisions", andi, `{"revision":`+number(item.Revision)+`,"verdict":"unsure"}`)
	d.ask(200, "GET", "/api/v1/decisions", sari, "")
	if _, err := d.Audit().Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := d.Audit().List(t.Context(), audit.Filter{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for _, e := range entries {
		done[e.Actor+" "+e.Action+" "+e.Subject] = true
	}
	for _, want := range []string{"andi view mastodon:1093", "andi item.decide mastodon:1093", "sari export decisions"} {
		if !done[want] {
			t.Errorf("%q is not in the audit log: %v", want, done)
		}
	}
}
