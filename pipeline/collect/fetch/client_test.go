package fetch

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	tests := map[string]bool{
		"8.8.8.8": true, "103.28.14.1": true, "2606:4700::1111": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:0:1::": false,
	}
	for address, want := range tests {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public is %v, want %v", address, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	c := New("s", Configuration{Hosts: []string{"a.example", ".go.id"}, Timeout: time.Second}, nil)
	defer c.Close()
	tests := map[string]bool{
		"a.example": true, "A.Example.": true, "b.a.example": false, "a.example.evil.example": false,
		"go.id": true, "kalbar.go.id": true, "evilgo.id": false, "": false,
	}
	for host, want := range tests {
		if got := c.hostAllowed(host); got != want {
			t.Errorf("%q: allowed is %v, want %v", host, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"": 0, "0": 0, "90": 90 * time.Second, "Wed, 20 Nov 2024 00:01:00 GMT": time.Minute,
		"Tue, 19 Nov 2024 00:00:00 GMT": 0, "soon": 0, "-1": 0, "99999999999": 0, "2000000000": 24 * time.Hour,
	}
	for value, want := range tests {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
