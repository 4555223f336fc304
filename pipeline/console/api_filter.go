package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// apiFilter chooses items, as a program writes it: in a query, or in JSON.
type apiFilter struct {
	Search      string   `json:"q,omitzero"`
	Status      []string `json:"status,omitempty"`
	Label       string   `json:"label,omitzero"`
	Contestant  string   `json:"contestant,omitzero"`
	Region      string   `json:"region,omitzero"`
	Agency      string   `json:"agency,omitzero"`
	Platform    string   `json:"platform,omitzero"`
	Language    string   `json:"language,omitzero"`
	Lists       string   `json:"lists,omitzero"`
	Rule        string   `json:"rule,omitzero"`
	Account     string   `json:"account,omitzero"`
	Holder      string   `json:"holder,omitzero"`
	Assignee    string   `json:"assignee,omitzero"`
	Group       string   `json:"group,omitzero"`
	From        string   `json:"from,omitzero"`
	Until       string   `json:"until,omitzero"`
	Doable      bool     `json:"doable,omitzero"`
	unreadables []fieldProblem
}

// apiFilterNames are the names of a filter in a query.
var apiFilterNames = []string{
	bySearch, byStatus, byLabel, byContestant, byRegion, byAgency, byPlatform, byLanguage, byLists, byRule, byAccount,
	byHolder, byAssignee, "group", byFrom, byUntil, "doable",
}

// apiStatuses are the statuses that a filter can name, with the groups of them.
func apiStatuses() map[string][]review.Status {
	known := map[string][]review.Status{
		"waiting": review.Waiting, statusDone: statuses(statusDone), statusAll: review.Statuses, string(review.Withdrawn): {review.Withdrawn},
	}
	for _, status := range review.Statuses {
		known[string(status)] = []review.Status{status}
	}
	return known
}

// queriedFilter reads a filter from a query.
func queriedFilter(query url.Values) apiFilter {
	f := apiFilter{
		Search: query.Get(bySearch), Status: query[byStatus], Label: query.Get(byLabel), Contestant: query.Get(byContestant),
		Region: query.Get(byRegion), Agency: query.Get(byAgency), Platform: query.Get(byPlatform), Language: query.Get(byLanguage),
		Lists: query.Get(byLists), Rule: query.Get(byRule), Account: query.Get(byAccount), Holder: query.Get(byHolder),
		Assignee: query.Get(byAssignee), Group: query.Get("group"), From: query.Get(byFrom), Until: query.Get(byUntil),
	}
	if given := query.Get("doable"); given != "" {
		doable, err := strconv.ParseBool(given)
		if err != nil {
			f.unreadables = append(f.unreadables, fieldProblem{Field: "doable", Value: short(given, mostValueBytes), Allowed: "true or false"})
		}
		f.Doable = doable
	}
	return f
}

// review returns the filter as the review knows it, for a person who is meant by
// "me".
func (f apiFilter) review(me string, zone *time.Location) (review.Filter, error) {
	chosen := review.Filter{
		Label: f.Label, Contestant: f.Contestant, Region: f.Region, Agency: f.Agency, Platform: f.Platform, Language: f.Language,
		Lists: f.Lists, Rule: f.Rule, Account: f.Account, Holder: whom(f.Holder, me), Assignee: whom(f.Assignee, me), Group: f.Group,
		Doable: f.Doable, Search: f.Search,
	}
	wrong := f.unreadables
	refuse := func(field, value, allowed string) {
		wrong = append(wrong, fieldProblem{Field: field, Value: short(value, mostValueBytes), Allowed: allowed})
	}
	known := apiStatuses()
	for _, status := range f.Status {
		if known[status] == nil {
			refuse(byStatus, status, strings.Join(sortedKeys(known), ", "))
		}
		chosen.Status = append(chosen.Status, known[status]...)
	}
	if f.Label != "" && !slices.Contains(post.Labels, post.Label(f.Label)) {
		refuse(byLabel, f.Label, strings.Join(post.LabelNames(), ", "))
	}
	if f.Platform != "" && !slices.Contains(post.Platforms, f.Platform) {
		refuse(byPlatform, f.Platform, strings.Join(post.Platforms, ", "))
	}
	var ok bool
	if chosen.From, ok = moment(f.From, zone, 0); !ok {
		refuse(byFrom, f.From, "a day such as 2024-11-20, or a time such as 2024-11-20T08:00:00+07:00")
	}
	if chosen.Until, ok = moment(f.Until, zone, 1); !ok {
		refuse(byUntil, f.Until, "a day such as 2024-11-20, which is included, or a time, which is not")
	}
	if !chosen.From.IsZero() && !chosen.Until.IsZero() && !chosen.From.Before(chosen.Until) {
		refuse(byUntil, f.Until, "later than from")
	}
	for _, value := range []struct{ name, text string }{
		{bySearch, f.Search}, {byContestant, f.Contestant}, {byRegion, f.Region}, {byAgency, f.Agency}, {byLanguage, f.Language}, {byLists, f.Lists},
		{byRule, f.Rule}, {byAccount, f.Account}, {byHolder, f.Holder}, {byAssignee, f.Assignee}, {"group", f.Group},
	} {
		if len(value.text) > mostFilterBytes || strings.ContainsRune(value.text, 0) || strings.ToValidUTF8(value.text, "") != value.text {
			refuse(value.name, value.text, "up to "+strconv.Itoa(mostFilterBytes)+" bytes of UTF-8 without NUL")
		}
	}
	if len(wrong) > 0 {
		return review.Filter{}, wrongValues(wrong)
	}
	return chosen, nil
}

func whom(name, me string) string {
	if name == myself {
		return me
	}
	return name
}

// moment reads a time, or a day as its begin in the zone, some days later.
func moment(text string, zone *time.Location, days int) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if at, err = time.ParseInLocation(time.DateOnly, text, zone); err == nil {
			at = at.AddDate(0, 0, days)
		}
	}
	return at, err == nil && at.Year() >= 1970 && at.Year() < 2200
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// apiFilterOf is a saved filter as a program reads it.
func apiFilterOf(f review.Filter) apiFilter {
	view := apiFilter{
		Search: f.Search, Label: f.Label, Contestant: f.Contestant, Region: f.Region, Agency: f.Agency, Platform: f.Platform, Language: f.Language,
		Lists: f.Lists, Rule: f.Rule, Account: f.Account, Holder: f.Holder, Assignee: f.Assignee, Group: f.Group, Doable: f.Doable,
	}
	for _, status := range f.Status {
		view.Status = append(view.Status, string(status))
	}
	if !f.From.IsZero() {
		view.From = f.From.Format(time.RFC3339)
	}
	if !f.Until.IsZero() {
		view.Until = f.Until.Format(time.RFC3339)
	}
	return view
}
