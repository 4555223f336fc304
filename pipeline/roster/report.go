package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report says what an import does to the entries that were there, entry by
// entry, and where it contradicts them or itself.
type Report struct {
	Changes
	// News are the entries that are new, changed or ended, in order of account
	// and first day. Unchanged ones are counted only.
	News []Change
	// Conflicts are for a person to look at: the import is taken all the same,
	// and where both cannot hold its word counts.
	Conflicts []Conflict
}

// ChangeKind is what becomes of an entry.
type ChangeKind string

// The kinds of changes.
const (
	ChangeNew     ChangeKind = "new"
	ChangeChanged ChangeKind = "changed"
	ChangeEnded   ChangeKind = "ended"
)

// Change is an entry that an import brings, changes or ends.
type Change struct {
	Kind   ChangeKind
	Before Entry // zero for a new one
	After  Entry
}

// Fields names what differs between before and after, in the names of the
// columns.
func (c *Change) Fields() []string {
	before, after := &c.Before, &c.After
	var fields []string
	add := func(name string, differs bool) {
		if differs {
			fields = append(fields, name)
		}
	}
	b, a := &before.Person, &after.Person
	add("nip", b.PersonID != a.PersonID)
	add("name", b.Name != a.Name)
	add("agency", b.Agency != a.Agency)
	add("unit", b.Unit != a.Unit)
	add("position", b.Position != a.Position)
	add("region", b.Region != a.Region)
	add("status", b.Status != a.Status)
	add("valid_until", !before.ValidUntil.Equal(after.ValidUntil))
	add("handle", before.Handle != after.Handle)
	add("basis", b.Basis != a.Basis)
	return fields
}

// ConflictKind is how entries contradict each other.
type ConflictKind string

// The kinds of conflicts.
const (
	// ConflictTwoPersons is one account that is tied to two persons on one date.
	ConflictTwoPersons ConflictKind = "two_persons"
	// ConflictOverlap is a period of an account that overlaps another one of the
	// same person, which it replaces.
	ConflictOverlap ConflictKind = "overlap"
	// ConflictTwoAgencies is one person in two agencies on one date.
	ConflictTwoAgencies ConflictKind = "two_agencies"
	// ConflictTwoNames is one NIP or NIK with two names.
	ConflictTwoNames ConflictKind = "two_names"
)

// Conflict is two entries that contradict each other from a day on, until a day,
// both counted; a zero Until leaves the end open.
type Conflict struct {
	Kind        ConflictKind
	One, Other  Entry
	From, Until time.Time
}

// String says for people what contradicts what; it shows no NIP or NIK.
func (c *Conflict) String() string {
	when := "from " + c.From.Format(time.DateOnly)
	if !c.Until.IsZero() {
		when += " until " + c.Until.Format(time.DateOnly)
	}
	switch c.Kind {
	case ConflictTwoPersons:
		return fmt.Sprintf("account %s is tied to %s and to %s %s", shown(c.One.Key()), who(&c.One), who(&c.Other), when)
	case ConflictOverlap:
		return fmt.Sprintf("account %s of %s has two periods that overlap %s", shown(c.One.Key()), who(&c.One), when)
	case ConflictTwoAgencies:
		return fmt.Sprintf("%s is in two agencies %s: %s (account %s) and %s (account %s)", c.One.Person.Name, when,
			c.One.Person.Agency, shown(c.One.Key()), c.Other.Person.Agency, shown(c.Other.Key()))
	default:
		return fmt.Sprintf("one NIP or NIK has two names %s: %s (account %s) and %s (account %s)", when,
			c.One.Person.Name, shown(c.One.Key()), c.Other.Person.Name, shown(c.Other.Key()))
	}
}

func who(e *Entry) string {
	if e.Person.Agency == "" {
		return e.Person.Name
	}
	return e.Person.Name + " (" + e.Person.Agency + ")"
}

// Compare says what Merge would do with the same entries.
func Compare(stored, imported []Entry) Report {
	merged, changes := Merge(stored, imported)
	r := Report{Changes: changes}
	r.compareEntries(byAccount(stored), merged)
	r.accountConflicts(byAccount(stored), imported)
	r.personConflicts(merged, imported)
	slices.SortStableFunc(r.Conflicts, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.One.Key(), b.One.Key()), a.From.Compare(b.From))
	})
	return r
}

// compareEntries finds what is another in the merged entries.
func (r *Report) compareEntries(before map[string][]Entry, merged []Entry) {
	for _, e := range merged {
		old := sameStart(before[e.Key()], &e)
		switch {
		case old == nil:
			r.News = append(r.News, Change{Kind: ChangeNew, After: e})
		case equal(old, &e):
		case old.Open() && !e.Open():
			r.News = append(r.News, Change{Kind: ChangeEnded, Before: *old, After: e})
		default:
			r.News = append(r.News, Change{Kind: ChangeChanged, Before: *old, After: e})
		}
	}
}

func sameStart(entries []Entry, e *Entry) *Entry {
	for i := range entries {
		if entries[i].ValidFrom.Equal(e.ValidFrom) {
			return &entries[i]
		}
	}
	return nil
}

// accountConflicts finds stored periods of accounts that the import contradicts.
// A stored period that the import has itself, perhaps with an end, is none.
func (r *Report) accountConflicts(before map[string][]Entry, imported []Entry) {
	now := byAccount(imported)
	for i := range imported {
		e := &imported[i]
		for _, old := range before[e.Key()] {
			if restated := sameStart(now[e.Key()], &old); restated != nil && restated.Person.PersonID == old.Person.PersonID {
				continue
			}
			c, overlaps := conflictOf(ConflictTwoPersons, &old, e)
			if !overlaps {
				continue
			}
			if old.Person.PersonID == e.Person.PersonID {
				if e.ValidFrom.After(old.ValidFrom) {
					continue // the office has changed from a day on
				}
				c.Kind = ConflictOverlap
			}
			r.Conflicts = append(r.Conflicts, c)
		}
	}
}

// personConflicts finds persons of the import with two agencies or two names on
// one date.
func (r *Report) personConflicts(merged, imported []Entry) {
	concerned := map[string]bool{}
	for i := range imported {
		concerned[imported[i].Person.PersonID] = true
	}
	persons := map[string][]Entry{}
	for _, e := range merged {
		if concerned[e.Person.PersonID] {
			persons[e.Person.PersonID] = append(persons[e.Person.PersonID], e)
		}
	}
	for _, entries := range persons {
		r.personConflict(entries, ConflictTwoAgencies, func(e *Entry) string { return e.Person.Agency })
		r.personConflict(entries, ConflictTwoNames, func(e *Entry) string { return e.Person.Name })
	}
}

// personConflict finds one contradiction for each pair of values.
func (r *Report) personConflict(entries []Entry, kind ConflictKind, value func(*Entry) string) {
	found := map[[2]string]bool{}
	for i := range entries {
		for j := i + 1; j < len(entries); j++ {
			a, b := strings.ToLower(value(&entries[i])), strings.ToLower(value(&entries[j]))
			if a == b || a == "" || b == "" || found[[2]string{a, b}] || found[[2]string{b, a}] {
				continue
			}
			if c, overlaps := conflictOf(kind, &entries[i], &entries[j]); overlaps {
				found[[2]string{a, b}] = true
				r.Conflicts = append(r.Conflicts, c)
			}
		}
	}
}

// conflictOf is the time that two entries have in common, false where it is none.
func conflictOf(kind ConflictKind, one, other *Entry) (Conflict, bool) {
	c := Conflict{Kind: kind, One: *one, Other: *other, From: one.ValidFrom}
	if other.ValidFrom.After(c.From) {
		c.From = other.ValidFrom
	}
	c.Until = one.ValidUntil
	if !other.Open() && (c.Until.IsZero() || other.ValidUntil.Before(c.Until)) {
		c.Until = other.ValidUntil
	}
	return c, c.From.Unix() < min(one.end(), other.end())
}
