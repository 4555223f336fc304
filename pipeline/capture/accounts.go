package capture

import (
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// Match is an account of the roster that may be meant.
type Match struct {
	// Key is "platform:account id".
	Key      string
	Platform string
	Account  post.Account
	Person   post.Person
	// Exact says that handle, id or key is what was searched for.
	Exact bool
}

// mostMatches bounds what a search finds.
const mostMatches = 20

// Search finds accounts of the roster in the viewer's regions by handle, id, key
// or the person's name; platform may be empty. The exact ones come first.
func (d *Desk) Search(by access.Viewer, platform, text string) []Match {
	wanted := strings.ToLower(strings.TrimSpace(text))
	if wanted == "" {
		return nil
	}
	link := ParseLink(wanted)
	if link.Web && strings.Contains(wanted, "/") && link.Handle != "" {
		wanted, platform = strings.ToLower(link.Handle), link.Platform
	}
	now := d.now()
	var exact, near []Match
	current := d.roster()
	for _, p := range post.Platforms {
		if platform != "" && p != platform {
			continue
		}
		for _, a := range current.Accounts(p, post.Earliest, now) {
			if !by.Sees(a.Region) {
				continue
			}
			isExact, isNear := matches(p, &a, wanted)
			switch {
			case isExact:
				exact = append(exact, d.match(current, p, &a, true))
			case isNear && len(near) < mostMatches:
				near = append(near, d.match(current, p, &a, false))
			}
		}
	}
	all := slices.Concat(exact, near)
	return all[:min(len(all), mostMatches)]
}

func matches(platform string, a *roster.Account, wanted string) (exact, near bool) {
	id, handle := strings.ToLower(a.ID), strings.ToLower(a.Handle)
	bare := strings.TrimPrefix(wanted, "@")
	if bare == "" {
		return false, false
	}
	exact = id == wanted || handle != "" && strings.TrimPrefix(handle, "@") == bare || wanted == platform+":"+id
	return exact, strings.Contains(handle, bare) || strings.Contains(strings.ToLower(a.Name), bare) || len(bare) > 3 && strings.Contains(id, bare)
}

func (d *Desk) match(current Roster, platform string, a *roster.Account, exact bool) Match {
	m := Match{
		Key: post.AccountKey(platform, a.ID), Platform: platform, Exact: exact,
		Account: post.Account{ID: a.ID, Handle: a.Handle, Name: a.Name},
	}
	for _, at := range []time.Time{d.now(), a.From} {
		if person, ok := current.Resolve(m.Key, at); ok {
			m.Person = person
			break
		}
	}
	return m
}

// account is the roster's account with a key, where the viewer sees its region.
func (d *Desk) account(by access.Viewer, key string) (Match, bool) {
	platform, _, ok := strings.Cut(key, ":")
	if !ok || !d.roster().Has(key) {
		return Match{}, false
	}
	current := d.roster()
	for _, a := range current.Accounts(platform, post.Earliest, d.now()) {
		if post.AccountKey(platform, a.ID) == key {
			return d.match(current, platform, &a, true), by.Sees(a.Region)
		}
	}
	return Match{}, false
}

// hinted is the roster's account that a link leads to, where exactly one is; its
// zero value else.
func (d *Desk) hinted(l Link) Match {
	if l.Handle == "" {
		return Match{}
	}
	found := d.Search(access.Viewer{}, l.Platform, l.Handle)
	if len(found) > 0 && found[0].Exact && (len(found) == 1 || !found[1].Exact) {
		return found[0]
	}
	return Match{}
}
