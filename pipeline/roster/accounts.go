package roster

import (
	"math"
	"time"

	"github.com/netra-id/netra/pipeline/strict"
)

// Account is one account of a platform as it is collected.
type Account struct {
	ID, Handle, Name string
	// Region is that of the person's office, empty where it is not known.
	Region string
	// From is the first moment at which the account counts, and Until the first
	// at which it no longer does; a zero Until leaves the end open.
	From, Until time.Time
}

// Accounts lists the accounts of a platform with a period that holds at any time
// from since to until, both counted, in order of their ids. Periods of one
// account with a pause between them are one, from the first to the last; who
// stood behind it on a date is for Resolve.
func (r *Roster) Accounts(platform string, since, until time.Time) []Account {
	var accounts []Account
	for i := r.search(platform); i < len(r.order) && r.order[i].platform() == platform; i++ {
		if a, ok := r.account(&r.order[i], since.Unix(), until.Unix()); ok {
			accounts = append(accounts, a)
		}
	}
	return accounts
}

// Keys lists the keys ("platform:account id") of all accounts that count at the
// time, in order of platforms and ids.
func (r *Roster) Keys(at time.Time) []string {
	var keys []string
	for i := range r.order {
		if _, ok := r.account(&r.order[i], at.Unix(), at.Unix()); ok {
			keys = append(keys, r.order[i].key)
		}
	}
	return keys
}

func (r *Roster) account(l *listed, since, until int64) (Account, bool) {
	a := Account{ID: l.key[l.colon+1:], Handle: l.handle}
	found := false
	for i := l.first; ; i++ {
		p := &r.periods[i]
		if p.from <= until && since < p.until {
			if !found {
				a.From = time.Unix(p.from, 0).In(strict.WIB)
			}
			found = true
			a.Name, a.Region, a.Until = p.name, r.offices[p.office].region, time.Time{}
			if p.until != math.MaxInt64 {
				a.Until = time.Unix(p.until, 0).In(strict.WIB)
			}
		}
		if p.last {
			return a, found
		}
	}
}

// search returns where a platform's accounts begin in the order.
func (r *Roster) search(platform string) int {
	low, high := 0, len(r.order)
	for low < high {
		middle := (low + high) / 2
		if r.order[middle].platform() < platform {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// listed is an account in the order of platforms and ids.
type listed struct {
	key, handle string
	colon       uint32 // where the platform ends in the key
	first       uint32 // of its periods
}

func (l *listed) platform() string { return l.key[:l.colon] }
