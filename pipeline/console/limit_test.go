package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestClientAddress(t *testing.T) {
	trusted := clientAddresses{trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	tests := map[string]struct {
		clients         clientAddresses
		remote, forward string
		want            string
	}{
		"direct":                     {clientAddresses{}, "203.0.113.7:1234", "", "203.0.113.7"},
		"a stranger's word":          {trusted, "203.0.113.7:1234", "1.2.3.4", "203.0.113.7"},
		"behind a proxy":             {trusted, "10.0.0.1:1", "198.51.100.9", "198.51.100.9"},
		"behind two proxies":         {trusted, "10.0.0.1:1", "198.51.100.9, 10.2.2.2", "198.51.100.9"},
		"the client lies":            {trusted, "10.0.0.1:1", "1.1.1.1, 198.51.100.9", "198.51.100.9"},
		"proxy without header":       {trusted, "10.0.0.1:1", "", "10.0.0.1"},
		"nonsense in the header":     {trusted, "10.0.0.1:1", "198.51.100.9, nonsense", "10.0.0.1"},
		"an IPv6 household":          {clientAddresses{}, "[2001:db8:1:2:3:4:5:6]:99", "", "2001:db8:1:2::/64"},
		"IPv4 in IPv6":               {clientAddresses{}, "[::ffff:203.0.113.7]:99", "", "203.0.113.7"},
		"a zone":                     {clientAddresses{}, "[fe80::1%eth0]:99", "", "fe80::/64"},
		"no address at all":          {clientAddresses{}, "@", "", "@"},
		"IPv4 in IPv6 proxy":         {trusted, "[::ffff:10.0.0.1]:99", "198.51.100.9", "198.51.100.9"},
		"everything is a proxy":      {trusted, "10.0.0.1:1", "10.3.3.3, 10.2.2.2", "10.3.3.3"},
		"header of another's making": {clientAddresses{}, "10.0.0.1:1", "198.51.100.9", "10.0.0.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = test.remote
			if test.forward != "" {
				r.Header.Set("X-Forwarded-For", test.forward)
			}
			if got := test.clients.of(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLoginLimiterKeepsLittle(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLoginLimiter(LoginConfiguration{Attempts: 2, Every: time.Minute}, func() time.Time { return now })
	for i := range 2 * mostLoginKeys {
		l.wait(strings.Repeat("x", 100), fmt.Sprint("address", i))
	}
	if len(l.keys) != l.used.Len() || len(l.keys) > mostLoginKeys {
		t.Errorf("%d keys, %d in order, at most %d", len(l.keys), l.used.Len(), mostLoginKeys)
	}
}

func TestLoginLimiterSlowsAnAddressWithManyNames(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLoginLimiter(LoginConfiguration{Attempts: 2, Every: time.Minute}, func() time.Time { return now })
	tried := 0
	for i := range 100 {
		if l.wait(fmt.Sprint("user", i), "address") == 0 {
			tried++
		}
	}
	if want := 2 * perAddress; tried != want {
		t.Errorf("%d names were tried, want %d", tried, want)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	if _, err := DefaultConfiguration().check(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for key, change := range map[string]func(*Configuration){
		"timezone":        func(c *Configuration) { c.Timezone = "Mars/Olympus" },
		"language":        func(c *Configuration) { c.Language = "fr" },
		"page_size":       func(c *Configuration) { c.PageSize = 0 },
		"database":        func(c *Configuration) { c.Database = "" },
		"tls_key":         func(c *Configuration) { c.TLSCertificate = "a.pem" },
		"public_url":      func(c *Configuration) { c.PublicURL = "netra.example" },
		"trusted_proxies": func(c *Configuration) { c.TrustedProxies = []string{"10.0.0.1"} },
		"query_timeout":   func(c *Configuration) { c.QueryTimeout = 0 },
		"session.idle":    func(c *Configuration) { c.Session.Idle = -1 },
		"login.attempts":  func(c *Configuration) { c.Login.Attempts = 0 },
	} {
		config := DefaultConfiguration()
		change(&config)
		if _, err := config.check(); err == nil || !strings.Contains(err.Error(), `"console.`+key+`"`) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for name, zone := range map[string]string{"WIB": "Asia/Jakarta", "wita": "Asia/Makassar", "WIT": "Asia/Jayapura", "Asia/Pontianak": "Asia/Pontianak"} {
		config := DefaultConfiguration()
		config.Timezone = name
		if got, err := config.check(); err != nil || got.String() != zone {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}
