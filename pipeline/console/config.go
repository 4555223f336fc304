package console

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database too

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/i18n"
)

// Configuration says how the console is served.
type Configuration struct {
	// Listen is the address to listen on.
	Listen string `yaml:"listen"`
	// PublicURL is where people reach the console, where that is another
	// address than Listen; https:// makes cookies secure.
	PublicURL string `yaml:"public_url"`
	// TLSCertificate and TLSKey are PEM files; both or none.
	TLSCertificate string `yaml:"tls_certificate"`
	TLSKey         string `yaml:"tls_key"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies"`
	// Database is where people, reviews, the audit log and lists are kept: the path
	// of a SQLite file, or the address of a PostgreSQL database (postgres://…).
	Database string `yaml:"database"`
	// EncryptionSecret is what second factors are encrypted with, of 32 characters
	// or more; or it is read from EncryptionSecretFile. Without either, a file is
	// made beside the SQLite file.
	EncryptionSecret     string `yaml:"encryption_secret"`
	EncryptionSecretFile string `yaml:"encryption_secret_file"`
	// Language is the language of people who have not chosen one: id or en.
	Language string `yaml:"language"`
	// Timezone is WIB, WITA, WIT or a name such as Asia/Jakarta.
	Timezone string `yaml:"timezone"`
	// PageSize is how many posts are on one page of the list.
	PageSize int `yaml:"page_size"`
	// QueryTimeout bounds one page's queries.
	QueryTimeout time.Duration `yaml:"query_timeout"`
	// ShutdownTimeout bounds how long requests under way may take at the end.
	ShutdownTimeout time.Duration        `yaml:"shutdown_timeout"`
	Session         SessionConfiguration `yaml:"session"`
	Login           LoginConfiguration   `yaml:"login"`
	OIDC            OIDCConfiguration    `yaml:"oidc"`
	API             APIConfiguration     `yaml:"api"`
}

// SessionConfiguration says when a session ends by itself.
type SessionConfiguration struct {
	// Idle ends a session that is not used; Lifetime ends every session.
	Idle     time.Duration `yaml:"idle"`
	Lifetime time.Duration `yaml:"lifetime"`
}

// LoginConfiguration bounds attempts to log in.
type LoginConfiguration struct {
	// Attempts is how many wrong passwords one address may try for one user in
	// a row; after that one more for each Every.
	Attempts int           `yaml:"attempts"`
	Every    time.Duration `yaml:"every"`
	// HashMemoryKiB is argon2id's memory.
	HashMemoryKiB uint32 `yaml:"hash_memory_kib"`
	// TOTPRoles are the roles whose people must have a second factor.
	TOTPRoles []string `yaml:"totp_roles"`
}

// DefaultConfiguration serves this machine only.
func DefaultConfiguration() Configuration {
	return Configuration{
		Listen: "127.0.0.1:8080", Database: "data/console.db", Language: i18n.Indonesian, Timezone: "WIB",
		PageSize: 25, QueryTimeout: 20 * time.Second, ShutdownTimeout: 10 * time.Second,
		Session: SessionConfiguration{Idle: time.Hour, Lifetime: 12 * time.Hour},
		Login:   LoginConfiguration{Attempts: 5, Every: time.Minute, HashMemoryKiB: 64 * 1024},
		OIDC:    defaultOIDC(), API: defaultAPI(),
	}
}

// zones are Indonesia's three, by the names that people use.
var zones = map[string]string{"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}

// check returns the zone, or all that is wrong.
func (c Configuration) check() (*time.Location, error) {
	var errs []error
	wrong := func(key string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("key %q: value %q: allowed: %s", "console."+key, fmt.Sprint(value), allowed))
	}
	name := c.Timezone
	if full, ok := zones[strings.ToUpper(name)]; ok {
		name = full
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		wrong("timezone", c.Timezone, "WIB, WITA, WIT or a name such as Asia/Jakarta")
	}
	if !i18n.Known(c.Language) {
		wrong("language", c.Language, strings.Join(i18n.Languages, ", "))
	}
	if c.PageSize < 1 || c.PageSize > 50 {
		wrong("page_size", c.PageSize, "1 to 50")
	}
	if c.Database == "" {
		wrong("database", c.Database, "the path of a file, or an address such as postgres://netra@db.example/netra")
	}
	if (c.TLSCertificate == "") != (c.TLSKey == "") {
		wrong("tls_key", c.TLSKey, "a file if and only if tls_certificate is set")
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		wrong("public_url", c.PublicURL, "a URL such as https://netra.example.go.id")
	}
	for _, proxy := range c.TrustedProxies {
		if _, err := netip.ParsePrefix(proxy); err != nil {
			wrong("trusted_proxies", proxy, "networks such as 10.0.0.0/8")
		}
	}
	for key, d := range map[string]time.Duration{
		"query_timeout": c.QueryTimeout, "shutdown_timeout": c.ShutdownTimeout,
		"session.idle": c.Session.Idle, "session.lifetime": c.Session.Lifetime, "login.every": c.Login.Every,
	} {
		if d <= 0 {
			wrong(key, d, "a time above 0 such as 30s or 12h")
		}
	}
	if c.Login.Attempts < 1 {
		wrong("login.attempts", c.Login.Attempts, "1 or more")
	}
	for _, role := range c.Login.TOTPRoles {
		if !access.Role(role).Known() {
			wrong("login.totp_roles", role, roleNames())
		}
	}
	if n := len(c.EncryptionSecret); n > 0 && n < leastSecret {
		errs = append(errs, fmt.Errorf("key %q: value of %d characters (not shown): allowed: %d or more", "console.encryption_secret", n, leastSecret))
	}
	if c.EncryptionSecret != "" && c.EncryptionSecretFile != "" {
		wrong("encryption_secret_file", c.EncryptionSecretFile, "none where encryption_secret is set")
	}
	c.OIDC.check(c.PublicURL, wrong)
	c.API.check(wrong)
	return zone, errors.Join(errs...)
}

// secure says whether people reach the console by TLS, so that cookies may be
// kept to it.
func (c Configuration) secure() bool {
	return c.TLSCertificate != "" || strings.HasPrefix(c.PublicURL, "https://")
}

func (c Configuration) trustedProxies() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, proxy := range c.TrustedProxies {
		if prefix, err := netip.ParsePrefix(proxy); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}
