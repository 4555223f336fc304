package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// The names of the filters in the address of the list.
const (
	byLabel      = "label"
	byContestant = "contestant"
	byRegion     = "region"
	byAgency     = "agency"
	byPlatform   = "platform"
	byLanguage   = "language"
	byFrom       = "from"
	byUntil      = "until"
	byCursor     = "after"
)

// filterNames lists the filters in the order in which they are shown.
var filterNames = []string{byLabel, byContestant, byRegion, byAgency, byPlatform, byLanguage, byFrom, byUntil}

// mostFilterBytes bounds one filter's value; none is longer.
const mostFilterBytes = 300

// filter is what the reader asked the list for.
type filter struct {
	values map[string]string // by name, without the ones not set
	cursor string
	zone   *time.Location
	// within are the regions to which the reader's rights are limited.
	within []string
	// Problems say which values were not understood and are left out.
	problems []string
}

func readFilter(r *http.Request, zone *time.Location, words *i18n.Catalogue) filter {
	query := r.URL.Query()
	f := filter{values: map[string]string{}, cursor: query.Get(byCursor), zone: zone}
	for _, name := range filterNames {
		value := strings.ToValidUTF8(strings.TrimSpace(query.Get(name)), "")
		if value == "" || len(value) > mostFilterBytes {
			continue
		}
		switch name {
		case byLabel:
			if !slices.Contains(post.Labels, post.Label(value)) {
				f.problems = append(f.problems, words.T("posts.bad.label", "value", value))
				continue
			}
		case byFrom, byUntil:
			if _, ok := f.day(value); !ok {
				f.problems = append(f.problems, words.T("posts.bad.date", "value", value))
				continue
			}
		}
		f.values[name] = value
	}
	if chosen := f.store(); !chosen.From.IsZero() && !chosen.Until.IsZero() && !chosen.From.Before(chosen.Until) {
		f.problems = append(f.problems, words.T("posts.bad.order"))
	}
	return f
}

// day reads a date as the begin of that day in the console's zone.
func (f filter) day(value string) (time.Time, bool) {
	day, err := time.ParseInLocation(time.DateOnly, value, f.zone)
	return day, err == nil && day.Year() >= 1970 && day.Year() < 2200
}

// store returns the filter as the store knows it. The reader's last day is
// included, the store's bound is not.
func (f filter) store() store.FlagFilter {
	chosen := store.FlagFilter{
		Within: f.within, Label: post.Label(f.values[byLabel]), Contestant: f.values[byContestant], Region: f.values[byRegion],
		Agency: f.values[byAgency], Platform: f.values[byPlatform], Language: f.values[byLanguage],
	}
	if day, ok := f.day(f.values[byFrom]); ok {
		chosen.From = day
	}
	if day, ok := f.day(f.values[byUntil]); ok {
		chosen.Until = day.AddDate(0, 0, 1)
	}
	return chosen
}

// storeWithout returns the filter without one of its values.
func (f filter) storeWithout(name string) store.FlagFilter {
	chosen := f.store()
	switch name {
	case byLabel:
		chosen.Label = ""
	case byContestant:
		chosen.Contestant = ""
	case byRegion:
		chosen.Region = ""
	case byAgency:
		chosen.Agency = ""
	case byPlatform:
		chosen.Platform = ""
	case byLanguage:
		chosen.Language = ""
	}
	return chosen
}

func (f filter) active() bool { return len(f.values) > 0 }

// url returns the address of the list with the filter, without one value (none
// where without is empty), behind the cursor.
func (f filter) url(without, cursor string) string {
	query := url.Values{}
	for name, value := range f.values {
		if name != without {
			query.Set(name, value)
		}
	}
	if cursor != "" {
		query.Set(byCursor, cursor)
	}
	return (&url.URL{Path: "/posts", RawQuery: query.Encode()}).String()
}
