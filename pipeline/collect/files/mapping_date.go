package files

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// dateFormat reads dates of one form.
type dateFormat func(value string, location *time.Location) (time.Time, bool)

// parseDateFormat makes a date format of its name or pattern.
func parseDateFormat(name string) (dateFormat, error) {
	switch name {
	case "rfc3339":
		return layoutFormat(time.RFC3339), nil
	case "unix":
		return unixFormat(time.Second), nil
	case "unix_ms":
		return unixFormat(time.Millisecond), nil
	case "excel":
		return excelFormat, nil
	}
	layout, err := layoutOf(name)
	if err != nil {
		return nil, err
	}
	return layoutFormat(layout), nil
}

// directives are those of patterns, as strftime has them.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'B': "January", 'b': "Jan", 'A': "Monday", 'a': "Mon", 'z': "-0700", 'Z': "MST", 'f': "000000", '%': "%",
}

const patternHelp = `rfc3339, unix, unix_ms, excel, or a pattern of %Y %y %m %d %e %H %I %M %S %p %B %b %A %a %z %Z %f`

// layoutOf turns a pattern into a layout of the package time.
func layoutOf(pattern string) (string, error) {
	if !strings.Contains(pattern, "%") {
		return "", fmt.Errorf("%s", patternHelp)
	}
	var b strings.Builder
	for n := 0; n < len(pattern); n++ {
		c := pattern[n]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' && c != 'T' || c >= 'A' && c <= 'Z' && c != 'T' {
			return "", fmt.Errorf("%s; %q stands for nothing", patternHelp, string(c))
		}
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		n++
		if n >= len(pattern) || directives[pattern[n]] == "" {
			return "", fmt.Errorf("%s", patternHelp)
		}
		b.WriteString(directives[pattern[n]])
	}
	return b.String(), nil
}

func layoutFormat(layout string) dateFormat {
	named := strings.Contains(layout, "MST")
	return func(value string, location *time.Location) (time.Time, bool) {
		value = english(value)
		if !named {
			at, err := time.ParseInLocation(layout, value, location)
			return at, err == nil
		}
		return parseNamedZone(layout, value, location)
	}
}

// zones are the abbreviations that exports have. Where two zones share one, it
// is the one of the platforms' tools.
var zones = map[string]int{
	"WIB": 7, "WITA": 8, "WIT": 9, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
	"PST": -8, "PDT": -7, "BST": 1, "CET": 1, "CEST": 2, "SGT": 8, "MYT": 8, "AEST": 10, "AEDT": 11, "JST": 9,
}

// parseNamedZone reads a date whose zone is a name, of which the package time
// knows only those of the location.
func parseNamedZone(layout, value string, location *time.Location) (time.Time, bool) {
	at, err := time.ParseInLocation(layout, value, location)
	if err != nil {
		return at, false
	}
	name, offset := at.Zone()
	if hours, ok := zones[name]; ok {
		if offset != hours*3600 {
			year, month, day := at.Date()
			hour, minute, second := at.Clock()
			return time.Date(year, month, day, hour, minute, second, at.Nanosecond(), time.FixedZone(name, hours*3600)), true
		}
		return at, true
	}
	_, real := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), 0, 0, 0, location).Zone()
	return at, offset != 0 && offset == real // else a name that nobody knows, which would pass for UTC
}

// months are Indonesian names that English has otherwise; the longer ones first.
var months = strings.NewReplacer(
	"Januari", "January", "Februari", "February", "Maret", "March", "Mei", "May", "Juni", "June", "Juli", "July",
	"Agustus", "August", "Oktober", "October", "Desember", "December",
	"Agu", "Aug", "Agt", "Aug", "Okt", "Oct", "Des", "Dec",
)

// english turns Indonesian names of months into those that the package time
// reads.
func english(value string) string { return months.Replace(strings.TrimSpace(value)) }

func unixFormat(unit time.Duration) dateFormat {
	return func(value string, location *time.Location) (time.Time, bool) {
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		seconds := n * unit.Seconds()
		if err != nil || math.Abs(seconds) > 1e11 || math.IsNaN(seconds) {
			return time.Time{}, false
		}
		return time.UnixMilli(int64(math.Round(seconds * 1000))).In(location), true
	}
}

// excelFormat reads the days since 1900 that a spreadsheet keeps of a date.
func excelFormat(value string, location *time.Location) (time.Time, bool) {
	days, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || days < 1 || days > 200_000 {
		return time.Time{}, false
	}
	at, err := excelize.ExcelDateToTime(days, false)
	if err != nil {
		return time.Time{}, false
	}
	at = at.Round(time.Second)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, location), true
}

// parseDates reads a date in the first format that fits.
func parseDates(value string, formats []dateFormat, location *time.Location) (time.Time, bool) {
	for _, format := range formats {
		if at, ok := format(value, location); ok {
			return at, true
		}
	}
	return time.Time{}, false
}
