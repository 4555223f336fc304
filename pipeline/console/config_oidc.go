package console

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
)

// OIDCConfiguration says how people log in by OpenID Connect, beside or instead
// of passwords. Without an issuer they do not.
type OIDCConfiguration struct {
	// Issuer is the provider's address, from where the rest is discovered.
	Issuer       string `yaml:"issuer"`
	ClientID     string `yaml:"client_id"`
	ClientSecret string `yaml:"client_secret"`
	// Name is what the button says that leads to the provider.
	Name   string   `yaml:"name"`
	Scopes []string `yaml:"scopes"`
	// UserClaim names the person in Netra, NameClaim is shown to others.
	UserClaim string `yaml:"user_claim"`
	NameClaim string `yaml:"name_claim"`
	// RoleClaim holds a value or a list of them; the first of Roles that is among
	// them gives the role, at each login. DefaultRole is that of all others; where
	// it is empty they are refused.
	RoleClaim   string        `yaml:"role_claim"`
	Roles       []RoleMapping `yaml:"roles"`
	DefaultRole string        `yaml:"default_role"`
	// RegionClaim holds a region's code or a list of them, or * for all; people
	// without it are refused. Where it is empty, an administrator limits regions.
	RegionClaim string `yaml:"region_claim"`
}

// RoleMapping gives a role to people with a value of a claim.
type RoleMapping struct {
	Value string `yaml:"value"`
	Role  string `yaml:"role"`
}

func defaultOIDC() OIDCConfiguration {
	return OIDCConfiguration{
		Name: "SSO", Scopes: []string{"openid", "profile", "email"}, UserClaim: "preferred_username", NameClaim: "name", RoleClaim: "groups",
	}
}

func (o OIDCConfiguration) on() bool { return o.Issuer != "" }

func (o OIDCConfiguration) check(publicURL string, wrong func(key string, value any, allowed string)) {
	for _, mapping := range o.Roles {
		if mapping.Value == "" || !access.Role(mapping.Role).Known() {
			wrong("oidc.roles", mapping.Value+": "+mapping.Role, "a value of the claim with one of "+roleNames())
		}
	}
	if o.DefaultRole != "" && !access.Role(o.DefaultRole).Known() {
		wrong("oidc.default_role", o.DefaultRole, roleNames()+", or none")
	}
	if !o.on() {
		return
	}
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		wrong("oidc.issuer", o.Issuer, "an https:// address")
	}
	if o.ClientID == "" {
		wrong("oidc.client_id", o.ClientID, "the client's id at the issuer")
	}
	if !slices.Contains(o.Scopes, "openid") {
		wrong("oidc.scopes", strings.Join(o.Scopes, " "), "a list with openid")
	}
	if o.UserClaim == "" {
		wrong("oidc.user_claim", o.UserClaim, "a claim such as preferred_username")
	}
	if publicURL == "" {
		wrong("public_url", publicURL, "the console's address, where oidc.issuer is set: people come back to it")
	}
}

func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

func roleNames() string {
	names := make([]string, len(access.Roles))
	for i, role := range access.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}
