// Package roster knows whom Netra watches and for whom they could speak: the
// accounts of civil servants with the dates from which they count, the
// elections with their contestants, and the regions. It parses their files,
// answers who stands behind an account on a given date, and keeps that answer
// fresh while the program runs.
//
// It does no I/O of its own: where entries are kept is the store's business.
// NIP and NIK end here, as keyed hashes. The worker and the collectors resolve
// accounts with it, the import command parses and compares with it.
package roster

import (
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Roster is a set of entries that answers quickly who stands behind an account
// on a date. It never changes: a new import makes a new Roster.
type Roster struct {
	version  string
	accounts int
	// first finds the first of an account's periods; an account's periods
	// follow one another, and the last of them has last set.
	first   map[string]uint32
	periods []period
	// order lists the accounts by platform and id.
	order []listed
	// offices holds what many people share, once.
	offices []office
}

// period is one entry in compact form: a roster has some 100,000 to millions.
type period struct {
	from, until int64 // Unix seconds, until exclusive
	personID    string
	name        string
	office      uint32
	last        bool
}

type office struct {
	agency, unit, position, region, status, basis string
}

// New builds a roster. Where periods of one account overlap, which ParseCSV and
// Merge rule out, the later one wins.
func New(entries []Entry) *Roster {
	sorted := sortedEntries(entries)
	r := &Roster{
		version: Version(entries),
		first:   make(map[string]uint32, len(sorted)),
		periods: make([]period, len(sorted)),
	}
	offices := make(map[office]uint32)
	for i := range sorted {
		e := &sorted[i]
		key := e.Key()
		if _, ok := r.first[key]; !ok {
			r.first[key] = uint32(i)
			r.accounts++
			r.order = append(r.order, listed{key: key, colon: uint32(len(e.Platform)), first: uint32(i)})
		}
		r.order[len(r.order)-1].handle = e.Handle
		r.periods[i] = period{
			from: e.ValidFrom.Unix(), until: e.end(),
			personID: e.Person.PersonID, name: e.Person.Name,
			office: r.officeOf(offices, &e.Person),
			last:   i == len(sorted)-1 || sorted[i+1].Key() != key,
		}
	}
	return r
}

func (r *Roster) officeOf(known map[office]uint32, p *post.Person) uint32 {
	o := office{p.Agency, p.Unit, p.Position, p.Region, p.Status, p.Basis}
	if index, ok := known[o]; ok {
		return index
	}
	index := uint32(len(r.offices))
	known[o] = index
	r.offices = append(r.offices, o)
	return index
}

// Resolve returns the person behind the account with the given key
// ("platform:account id") on the day of at, and false where the account is not
// in the roster or not on that day.
func (r *Roster) Resolve(key string, at time.Time) (post.Person, bool) {
	i, ok := r.first[key]
	if !ok {
		return post.Person{}, false
	}
	second := at.Unix()
	found := -1
	for ; ; i++ {
		p := &r.periods[i]
		if p.from <= second && second < p.until {
			found = int(i)
		}
		if p.last {
			break
		}
	}
	if found < 0 {
		return post.Person{}, false
	}
	return r.person(&r.periods[found]), true
}

func (r *Roster) person(p *period) post.Person {
	o := &r.offices[p.office]
	return post.Person{
		PersonID: p.personID, Name: p.name, Agency: o.agency, Unit: o.unit,
		Position: o.position, Region: o.region, Status: o.status, Basis: o.basis,
	}
}

// Has says whether the account is in the roster on any date.
func (r *Roster) Has(key string) bool {
	_, ok := r.first[key]
	return ok
}

// Len is the number of accounts.
func (r *Roster) Len() int { return r.accounts }

// Version is a hash of the entries: equal entries, in whatever order, have the
// same version.
func (r *Roster) Version() string { return r.version }
