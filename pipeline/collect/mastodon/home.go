package mastodon

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
)

// home is where an account is asked for.
type home struct {
	*instance
	// acct is the account's name on the instance, empty where only its id is
	// known.
	acct string
	// id is the account's id on the instance, where the roster has it and no
	// handle.
	id string
}

// homeOf finds the instance of an account by its handle, or by its id where
// that is a handle or an address.
func (s *Source) homeOf(owner collect.Account) (home, error) {
	for _, name := range []string{owner.Handle, owner.ID} {
		if user, domain, ok := splitHandle(name); ok {
			i, known := s.instances[domain]
			if !known {
				return home{}, collect.Errorf(collect.KindRefused, "account %s: instance %q is not configured: allowed: %s", name, domain, strings.Join(s.domains, ", "))
			}
			return home{instance: i, acct: user}, nil
		}
	}
	if len(s.domains) > 1 {
		return home{}, collect.Errorf(collect.KindRefused, "account %s: handle %q does not say which instance it is of: allowed: a handle such as @budi@%s", owner.ID, owner.Handle, s.domains[0])
	}
	only := s.instances[s.domains[0]]
	if name := strings.TrimPrefix(owner.Handle, "@"); name != "" {
		return home{instance: only, acct: name}, nil
	}
	return home{instance: only, id: owner.ID}, nil
}

// splitHandle reads @name@domain, name@domain and https://domain/@name.
func splitHandle(handle string) (user, domain string, ok bool) {
	handle = strings.TrimSpace(handle)
	if u, err := url.Parse(handle); err == nil && u.Scheme == "https" {
		user, ok = strings.CutPrefix(strings.TrimSuffix(u.Path, "/"), "/@")
		domain = u.Host
		if name, remote, found := strings.Cut(user, "@"); found {
			user, domain = name, remote
		}
	} else {
		user, domain, ok = strings.Cut(strings.TrimPrefix(handle, "@"), "@")
	}
	domain = strings.ToLower(domain)
	return user, domain, ok && user != "" && domain != "" && !strings.ContainsAny(user+domain, "/@ ")
}

// domainsOf lists the domains of the instances.
func domainsOf(instances []Instance) []string {
	domains := make([]string, 0, len(instances))
	for _, i := range instances {
		domains = append(domains, strings.ToLower(i.Domain))
	}
	return slices.Clip(domains)
}

// String names the account for messages.
func (h home) String() string {
	if h.acct == "" {
		return fmt.Sprintf("account %s of %s", h.id, h.domain)
	}
	return handleOf(h.acct, h.domain)
}
