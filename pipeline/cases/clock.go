package cases

import (
	"slices"
	"strings"
	"time"
)

// The time zones of Indonesia; they know no summer time.
var (
	wib  = time.FixedZone("WIB", 7*60*60)
	wita = time.FixedZone("WITA", 8*60*60)
	wit  = time.FixedZone("WIT", 9*60*60)
)

// eastern are the codes of the provinces that are not in WIB.
var eastern = map[*time.Location][]string{
	wita: {"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"},
	wit:  {"81", "82", "91", "92", "93", "94", "95", "96"},
}

// Zone is the time zone of a region's code; WIB where it is not known.
func Zone(region string) *time.Location {
	province, _, _ := strings.Cut(region, ".")
	for zone, provinces := range eastern {
		if slices.Contains(provinces, province) {
			return zone
		}
	}
	return wib
}

// Due is when the legal time is over for what a person first knew at a time: at
// the end of the last of the configured days after that day, in the zone of the
// region.
func (c *Configuration) Due(known time.Time, region string) time.Time {
	if known.IsZero() {
		return time.Time{}
	}
	local := known.In(Zone(region))
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	for left := c.Days; left > 0; {
		day = day.AddDate(0, 0, 1)
		if !c.WorkingDays || c.works(day) {
			left--
		}
	}
	return day.AddDate(0, 0, 1).Add(-time.Second)
}

func (c *Configuration) works(day time.Time) bool {
	if weekday := day.Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		return false
	}
	for _, holiday := range c.Holidays {
		if holiday.Format(time.DateOnly) == day.Format(time.DateOnly) {
			return false
		}
	}
	return true
}

// DaysLeft is how many whole days are left until a case is due: 0 on the last
// day, negative after it.
func (c *Case) DaysLeft(now time.Time) int {
	zone := Zone(c.region())
	today, last := now.In(zone), c.Due.In(zone)
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(last).Sub(midnight(today)).Hours() / 24)
}

// region is the one by whose zone a case counts: the first post's.
func (c *Case) region() string {
	if len(c.Regions) == 0 {
		return ""
	}
	return c.Regions[0]
}
