package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// refusal says why a person whom the provider knows may not log in; why is the
// end of a key of words, login.refused.WHY.
type refusal struct {
	why   string
	cause error
}

func (e *refusal) Error() string { return fmt.Sprintf("%s: %v", e.why, e.cause) }
func (e *refusal) Unwrap() error { return e.cause }

// admit finds the user of an identity, or makes one, with the rights that the
// provider says of them now.
func (c *Console) admit(r *http.Request, who identity) (state.User, error) {
	user, err := c.state.UserOf(r.Context(), who.subject)
	known := err == nil
	if err != nil && !errors.Is(err, state.ErrNoUser) {
		return state.User{}, err
	}
	rights, err := c.config.OIDC.rights(who.claims, user, known)
	if err != nil {
		return state.User{}, err
	}
	switch {
	case known && user.Disabled:
		return state.User{}, &refusal{"disabled", state.ErrDisabled}
	case !known:
		err = c.welcome(r, who, rights)
	case !rights.Equal(user.Rights()):
		err = c.adjust(r.Context(), r, user, rights)
	}
	if err != nil {
		return state.User{}, err
	}
	return c.state.UserOf(r.Context(), who.subject)
}

func (c *Console) welcome(r *http.Request, who identity, rights state.Rights) error {
	n := state.NewUser{
		Name: c.config.OIDC.name(who), DisplayName: rights.DisplayName, Role: rights.Role, Regions: rights.Regions, Identity: who.subject,
	}
	_, err := c.state.AddUser(r.Context(), n, func(tx *database.Tx) error {
		e := event(r, didAddUser, "user "+n.Name, rightsDetail(rights))
		e.By.Name, e.Detail["via"] = n.Name, viaOIDC
		return c.audit.Append(r.Context(), tx, e)
	})
	if errors.Is(err, state.ErrUserExists) {
		// Somebody with a password has the name: who may say so at the provider is
		// not thereby that person.
		return &refusal{"taken", err}
	}
	return err
}

func (c *Console) adjust(ctx context.Context, r *http.Request, user state.User, rights state.Rights) error {
	err := c.state.SetRights(ctx, user.ID, rights, func(tx *database.Tx, before state.User) error {
		e := event(r, didRights, ofUser(user), changes(before.Rights(), rights))
		e.By, e.Detail["via"] = user.Viewer(), viaOIDC
		return c.audit.Append(ctx, tx, e)
	})
	if errors.Is(err, state.ErrLastAdministrator) {
		return &refusal{"last", err}
	}
	return err
}

// rights reads the claims. Without a claim for roles or regions the known ones
// stay.
func (o OIDCConfiguration) rights(claims map[string]any, user state.User, known bool) (state.Rights, error) {
	rights := user.Rights()
	if names := texts(claims[o.NameClaim]); len(names) > 0 {
		rights.DisplayName = displayName(names[0])
	}
	role, found := o.role(texts(claims[o.RoleClaim]))
	switch {
	case found:
		rights.Role = role
	case len(o.Roles) == 0 && known: // an administrator says
	case o.DefaultRole != "":
		rights.Role = access.Role(o.DefaultRole)
	default:
		return state.Rights{}, &refusal{"role", fmt.Errorf("none of the claim %s gives a role", o.RoleClaim)}
	}
	if o.RegionClaim == "" {
		return rights, nil
	}
	regions, err := regionsOf(texts(claims[o.RegionClaim]))
	if err != nil {
		return state.Rights{}, &refusal{"region", fmt.Errorf("claim %s: %w", o.RegionClaim, err)}
	}
	rights.Regions = regions
	return rights, nil
}

func (o OIDCConfiguration) role(values []string) (access.Role, bool) {
	for _, mapping := range o.Roles {
		for _, value := range values {
			if value == mapping.Value {
				return access.Role(mapping.Role), true
			}
		}
	}
	return "", false
}

// regionsOf reads codes, each by itself or several in a text; * is all of them.
// Nothing is no region, not all.
func regionsOf(values []string) ([]string, error) {
	var codes []string
	for _, value := range values {
		codes = append(codes, splitRegions(value)...)
	}
	if len(codes) == 0 {
		return nil, errors.New("it holds no region")
	}
	if len(codes) == 1 && codes[0] == "*" {
		return nil, nil
	}
	return sortedRegions(codes)
}

// texts are the texts of a claim: one, or a list.
func texts(claim any) []string {
	switch value := claim.(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}

var notInName = regexp.MustCompile(`[^a-zA-Z0-9._@-]+`)

// name is the user's name: that of the claim, as far as it can be one, or else
// one made of the subject.
func (o OIDCConfiguration) name(who identity) string {
	for _, name := range texts(who.claims[o.UserClaim]) {
		name = strings.Trim(notInName.ReplaceAllString(name, "-"), "-._@")
		if name != "" {
			return name[:min(len(name), 64)]
		}
	}
	sum := sha256.Sum256([]byte(who.subject))
	return "sso-" + hex.EncodeToString(sum[:6])
}
