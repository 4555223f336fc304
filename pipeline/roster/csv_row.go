package roster

import (
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

// readEntry reads one row, noting every value that is not allowed.
func (p *parser) readEntry(line int, values map[string]string) Entry {
	for _, column := range []string{"name", "account_id"} {
		if values[column] == "" {
			p.bad(line, column, "", "a text")
		}
	}
	if !slices.Contains(post.Platforms, values["platform"]) {
		p.bad(line, "platform", values["platform"], strings.Join(post.Platforms, ", "))
	}
	if region := values["region"]; region != "" && !regionPattern.MatchString(region) {
		p.bad(line, "region", region, "a code such as 61, 61.08, 61.08.05 or 61.08.05.2001, or nothing")
	}
	from, until := p.readPeriod(line, values)
	return Entry{
		Platform: values["platform"], AccountID: values["account_id"], Handle: values["handle"],
		Person: post.Person{
			PersonID: p.readNumber(line, values["nip"]),
			Name:     oneSpaced(values["name"]),
			Agency:   oneSpaced(values["agency"]),
			Unit:     oneSpaced(values["unit"]),
			Position: oneSpaced(values["position"]),
			Region:   values["region"],
			Status:   strings.ToLower(values["status"]),
			Basis:    values["basis"],
		},
		ValidFrom: from, ValidUntil: until,
	}
}

func (p *parser) readNumber(line int, value string) string {
	digits, err := numberDigits(value)
	if err != nil {
		p.problem(line, "column \"nip\": %v; allowed: the %d digits of a NIP or the %d of a NIK", err, nipDigits, nikDigits)
		return ""
	}
	return hashNumber(p.hash, digits)
}

func (p *parser) readPeriod(line int, values map[string]string) (from, until time.Time) {
	from, ok := p.readDate(line, "valid_from", values["valid_from"])
	if values["valid_until"] == "" {
		return from, time.Time{}
	}
	until, untilOK := p.readDate(line, "valid_until", values["valid_until"])
	if ok && untilOK && until.Before(from) {
		p.bad(line, "valid_until", values["valid_until"], "a date from valid_from ("+values["valid_from"]+") on, or nothing")
	}
	return from, until
}

func (p *parser) readDate(line int, column, value string) (time.Time, bool) {
	date, err := time.ParseInLocation(time.DateOnly, value, strict.WIB)
	if err != nil || date.Year() < 1945 || date.Year() > 2200 {
		allowed := "a date from 1945 to 2200 such as 2024-08-27"
		if column == "valid_until" {
			allowed += ", or nothing"
		}
		p.bad(line, column, value, allowed)
		return time.Time{}, false
	}
	return date, true
}

// oneSpaced puts one space between words, however many stood there. The ends of
// s are trimmed already.
func oneSpaced(s string) string {
	if !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}
