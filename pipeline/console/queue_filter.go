package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// The names of the filters in the address of the queue.
const (
	byStatus     = "status"
	bySearch     = "q"
	byLabel      = "label"
	byContestant = "contestant"
	byRegion     = "region"
	byAgency     = "agency"
	byPlatform   = "platform"
	byLanguage   = "language"
	byLists      = "lists"
	byRule       = "rule"
	byAccount    = "account"
	byHolder     = "holder"
	byAssignee   = "assignee"
	byFrom       = "from"
	byUntil      = "until"
	bySort       = "sort"
	byCursor     = "after"
)

// filterNames lists the filters in the order in which they are shown.
var filterNames = []string{
	bySearch, byStatus, byLabel, byContestant, byRegion, byAgency, byPlatform, byLanguage, byLists, byRule, byAccount, byHolder, byAssignee, byFrom, byUntil,
}

// mostFilterBytes bounds one filter's value; none is longer.
const mostFilterBytes = 300

// myself is how a reader names himself in an address, so that an address that is
// sent to somebody else means that person.
const myself = "me"

// The groups of statuses that have a name of their own.
const (
	statusDone = "done"
	statusAll  = "all"
)

// queueFilter is what the reader asked the queue for.
type queueFilter struct {
	values map[string]string // by name, without the ones not set
	sort   review.Sort
	cursor string
	zone   *time.Location
	reader string
	// problems say which values were not understood and are left out.
	problems []string
}

func (c *Console) readQueueFilter(r *http.Request) queueFilter {
	return newQueueFilter(r.URL.Query(), c.zone, of(r).viewer.Name, c.pages.words(r))
}

func newQueueFilter(query url.Values, zone *time.Location, reader string, words *i18n.Catalogue) queueFilter {
	f := queueFilter{values: map[string]string{}, sort: review.ByUrgency, cursor: query.Get(byCursor), zone: zone, reader: reader}
	for _, name := range filterNames {
		value := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(query.Get(name), ""), "\x00", ""))
		if value == "" || len(value) > mostFilterBytes {
			continue
		}
		if problem := f.wrong(name, value); problem != "" {
			f.problems = append(f.problems, words.T(problem, "value", value))
			continue
		}
		f.values[name] = value
	}
	if sort := review.Sort(query.Get(bySort)); slices.Contains(review.Sorts, sort) {
		f.sort = sort
	}
	if chosen := f.review(); !chosen.From.IsZero() && !chosen.Until.IsZero() && !chosen.From.Before(chosen.Until) {
		f.problems = append(f.problems, words.T("posts.bad.order"))
	}
	return f
}

// wrong returns the key of what to say of a value that is not allowed.
func (f queueFilter) wrong(name, value string) string {
	switch name {
	case byLabel:
		if !slices.Contains(post.Labels, post.Label(value)) {
			return "posts.bad.label"
		}
	case byStatus:
		if value != statusAll && value != statusDone && !slices.Contains(review.Statuses, review.Status(value)) {
			return "queue.bad.status"
		}
	case byFrom, byUntil:
		if _, ok := f.day(value); !ok {
			return "posts.bad.date"
		}
	}
	return ""
}

// day reads a date as the begin of that day in the console's zone.
func (f queueFilter) day(value string) (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, value, f.zone)
	return day, err == nil && day.Year() >= 1970 && day.Year() < 2200
}

// review returns the filter as the review knows it. The reader's last day is
// included, the review's bound is not.
func (f queueFilter) review() review.Filter {
	chosen := review.Filter{
		Label: f.values[byLabel], Contestant: f.values[byContestant], Region: f.values[byRegion], Agency: f.values[byAgency],
		Platform: f.values[byPlatform], Language: f.values[byLanguage], Account: f.values[byAccount], Rule: f.values[byRule],
		Lists: f.values[byLists], Holder: f.person(byHolder), Assignee: f.person(byAssignee), Search: f.values[bySearch],
		Status: statuses(f.values[byStatus]),
	}
	if day, ok := f.day(f.values[byFrom]); ok {
		chosen.From = day
	}
	if day, ok := f.day(f.values[byUntil]); ok {
		chosen.Until = day.AddDate(0, 0, 1)
	}
	return chosen
}

func statuses(value string) []review.Status {
	switch value {
	case "":
		return nil
	case statusAll:
		return review.Statuses
	case statusDone:
		return []review.Status{review.Confirmed, review.Dismissed, review.Duplicate}
	default:
		return []review.Status{review.Status(value)}
	}
}

func (f queueFilter) person(name string) string {
	if f.values[name] == myself {
		return f.reader
	}
	return f.values[name]
}

// active says whether anything but the tab is chosen.
func (f queueFilter) active() bool {
	for name := range f.values {
		if name != byStatus && name != byHolder && name != byAssignee {
			return true
		}
	}
	return false
}

// query returns the filter as it stands in addresses, without the cursor.
func (f queueFilter) query() url.Values {
	query := url.Values{}
	for name, value := range f.values {
		query.Set(name, value)
	}
	if f.sort != review.ByUrgency {
		query.Set(bySort, string(f.sort))
	}
	return query
}

// with returns the address of the queue with some of the filter's values other
// than now, given as names and values by turns; an empty value takes one away.
func (f queueFilter) with(namesAndValues ...string) string {
	query := f.query()
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			query.Del(namesAndValues[i])
		} else {
			query.Set(namesAndValues[i], namesAndValues[i+1])
		}
	}
	return (&url.URL{Path: "/queue", RawQuery: query.Encode()}).String()
}

// to returns the address of something below which the reader's filter goes
// along, such as an item.
func (f queueFilter) to(path string, namesAndValues ...string) string {
	query := f.query()
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		query.Set(namesAndValues[i], namesAndValues[i+1])
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func itemPath(id string) string { return "/items/" + url.PathEscape(id) }
