package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// specialPurpose lists the networks of the IANA special-purpose address
// registries that net/netip has no question for, and those that carry an IPv4
// address inside, by which an internal one could be reached.
var specialPurpose = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// Public says whether an address is one of the public internet.
func Public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	for _, prefix := range specialPurpose {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}

// AddressError is a request that was refused for the address behind its host.
type AddressError struct{ Address string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("address %s is internal: allowed: public addresses, or set allow_private", e.Address)
}

// onlyPublic is a net.Dialer's Control: it sees the address after the name was
// resolved, so a name that points inside is found out, too.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	parsed, err := netip.ParseAddr(host)
	if err != nil || !Public(parsed) {
		return &AddressError{Address: address}
	}
	return nil
}
