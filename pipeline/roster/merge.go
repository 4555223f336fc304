package roster

import (
	"errors"
	"fmt"
	"time"
)

// Changes counts what an import does to the entries that were there.
type Changes struct {
	// New are entries of accounts or periods that were not there.
	New int
	// Changed are entries whose person, office, handle or last day is another.
	Changed int
	// Ended are entries that were open, and that the import gives a last day,
	// or that end because the account's next period begins.
	Ended int
	// Unchanged are entries that were there just so.
	Unchanged int
	// Absent are open entries of accounts that the import does not mention.
	// They stay as they are: a file may hold a part of the roster only.
	Absent int
}

// Any says whether the import changes anything.
func (c Changes) Any() bool { return c.New+c.Changed+c.Ended > 0 }

// Merge lays an import over the entries that are stored. Nothing is lost: an
// account that is not in the import stays with its dates, and a stored period
// stays unless one of the import begins during or before it; then it ends the
// day before, so that a post is always resolved by the office held on its date.
func Merge(stored, imported []Entry) ([]Entry, Changes) {
	var changes Changes
	before, after := byAccount(stored), byAccount(imported)
	merged := make([]Entry, 0, len(stored)+len(imported))
	for _, e := range sortedEntries(stored) {
		now, mentioned := after[e.Key()]
		switch {
		case !mentioned:
			if e.Open() {
				changes.Absent++
			}
			merged = append(merged, e)
		case !replaced(&e, now):
			if cut, ended := endBefore(e, now); ended {
				changes.Ended++
				merged = append(merged, cut)
			} else {
				merged = append(merged, e)
			}
		}
	}
	for _, e := range imported {
		changes.count(&e, before[e.Key()])
	}
	return sortedEntries(append(merged, imported...)), changes
}

// CheckPeriods finds accounts with periods that overlap, which entries of
// several files can have. ParseCSV finds them within one file, by line.
func CheckPeriods(entries []Entry) error {
	sorted := sortedEntries(entries)
	var errs []error
	for i := 1; i < len(sorted) && len(errs) < mostProblems; i++ {
		before, e := &sorted[i-1], &sorted[i]
		if before.Key() == e.Key() && e.ValidFrom.Unix() < before.end() {
			errs = append(errs, fmt.Errorf("account_id %s on %s has a period from %s that overlaps the one from %s; allowed: one period at a time for an account",
				shown(e.AccountID), e.Platform, e.ValidFrom.Format(time.DateOnly), before.ValidFrom.Format(time.DateOnly)))
		}
	}
	return errors.Join(errs...)
}

func (c *Changes) count(e *Entry, before []Entry) {
	for i := range before {
		old := &before[i]
		if !old.ValidFrom.Equal(e.ValidFrom) {
			continue
		}
		switch {
		case equal(old, e):
			c.Unchanged++
		case old.Open() && !e.Open():
			c.Ended++
		default:
			c.Changed++
		}
		return
	}
	c.New++
}

// replaced says whether the import has a period that begins no later than old
// does and reaches into it.
func replaced(old *Entry, now []Entry) bool {
	for i := range now {
		if !now[i].ValidFrom.After(old.ValidFrom) && now[i].end() > old.ValidFrom.Unix() {
			return true
		}
	}
	return false
}

// endBefore ends old on the day before the first imported period that begins
// during it.
func endBefore(old Entry, now []Entry) (Entry, bool) {
	var first time.Time
	for i := range now {
		from := now[i].ValidFrom
		if from.After(old.ValidFrom) && from.Unix() < old.end() && (first.IsZero() || from.Before(first)) {
			first = from
		}
	}
	if first.IsZero() {
		return old, false
	}
	old.ValidUntil = first.AddDate(0, 0, -1)
	return old, true
}

func byAccount(entries []Entry) map[string][]Entry {
	accounts := make(map[string][]Entry, len(entries))
	for _, e := range entries {
		key := e.Key()
		accounts[key] = append(accounts[key], e)
	}
	return accounts
}

func equal(a, b *Entry) bool {
	return a.Handle == b.Handle && a.Person == b.Person &&
		a.ValidFrom.Equal(b.ValidFrom) && a.ValidUntil.Equal(b.ValidUntil)
}
