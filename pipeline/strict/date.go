package strict

import "time"

// WIB is Western Indonesian Time, in which dates without a zone are meant.
var WIB = time.FixedZone("WIB", 7*60*60)

// Date is a day, written 2024-08-27, without a zone.
type Date struct{ time.Time }

// UnmarshalText reads YYYY-MM-DD as the start of that day in WIB.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.ParseInLocation(time.DateOnly, string(text), WIB)
	if err != nil {
		return err
	}
	d.Time = t
	return nil
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

// Allowed says how a date is written.
func (d *Date) Allowed() string { return "a date such as 2024-08-27" }
