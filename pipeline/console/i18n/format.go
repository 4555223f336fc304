package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Number writes a whole number with its thousands set apart: 1.234 or 1,234.
func (c *Catalogue) Number(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(c.T("number.thousands"))
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Decimal writes a number with two decimals: 0,93 or 0.93.
func (c *Catalogue) Decimal(f float64) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', 2, 64), ".", c.T("number.decimal"), 1)
}

// Date writes a day: 20 Nov 2024.
func (c *Catalogue) Date(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + c.T("month."+strconv.Itoa(int(t.Month()))) + " " + strconv.Itoa(t.Year())
}

// DateTime writes a day and time with the zone's name: 20 Nov 2024, 08.05 WIB.
func (c *Catalogue) DateTime(t time.Time) string {
	zone, _ := t.Zone()
	return c.Date(t) + ", " + t.Format("15") + c.T("time.separator") + t.Format("04") + " " + zone
}
