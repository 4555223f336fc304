package console

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/netra-id/netra/pipeline/console/state"
)

// sessionTOTP holds the encrypted secret that a phone is to be shown, until a
// code proves that the phone has it.
const sessionTOTP = "totp"

// totpView is the page of the second factor.
type totpView struct {
	Must bool
	Has  bool
	// Enforced says that the person's role may not be without one.
	Enforced bool
	Since    string
	Left     int
	// Picture is what a phone's camera reads, Secret the same for typing.
	Picture template.HTML
	Secret  string
	Error   string
}

func (c *Console) totpPage(w http.ResponseWriter, r *http.Request) error {
	return c.totpForm(w, r, http.StatusOK, "")
}

func (c *Console) totpForm(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	user, see := of(r).user, c.viewer(r)
	view := totpView{
		Must: c.unsettled(of(r)) == "/account/totp", Has: !user.TOTPSince.IsZero(),
		Enforced: slices.Contains(c.config.Login.TOTPRoles, string(user.Role)),
	}
	if problem != "" {
		view.Error = see.words.T(problem)
	}
	var err error
	if view.Has {
		view.Since = see.since("account.totp.on", "account.totp.off", user.TOTPSince)
		view.Left, err = c.state.RecoveryLeft(r.Context(), user.ID)
	} else {
		err = c.offerTOTP(r, &view)
	}
	if err != nil {
		return err
	}
	return c.render(w, r, status, "totp", view)
}

// offerTOTP shows the secret that was offered before in this session, or a new
// one.
func (c *Console) offerTOTP(r *http.Request, view *totpView) error {
	user := of(r).user
	secret, err := c.offered(r)
	if err != nil {
		if secret, _, err = state.NewTOTP(totpIssuer, user.Name); err != nil {
			return err
		}
		sealed, err := c.state.Seal(user.ID, secret)
		if err != nil {
			return err
		}
		c.sessions.Put(r.Context(), sessionTOTP, base64.StdEncoding.EncodeToString(sealed))
	}
	view.Secret = grouped(secret)
	view.Picture, err = picture(state.TOTPAddress(totpIssuer, user.Name, secret))
	return err
}

// totpIssuer is what a phone calls the console.
const totpIssuer = "Netra"

func (c *Console) offered(r *http.Request) (string, error) {
	sealed, err := base64.StdEncoding.DecodeString(c.sessions.GetString(r.Context(), sessionTOTP))
	if err != nil {
		return "", err
	}
	return c.state.Unseal(of(r).user.ID, sealed)
}

func (c *Console) setTOTP(w http.ResponseWriter, r *http.Request) error {
	user := of(r).user
	if !user.TOTPSince.IsZero() {
		return failure{status: http.StatusConflict}
	}
	secret, err := c.offered(r)
	if err != nil {
		return c.totpForm(w, r, http.StatusUnprocessableEntity, "totp.again")
	}
	codes, err := c.state.SetTOTP(r.Context(), user.ID, secret, r.PostForm.Get("code"), c.recorded(r, didTOTP, ofUser(user), nil))
	if errors.Is(err, state.ErrWrongCode) {
		return c.totpForm(w, r, http.StatusUnprocessableEntity, "code.wrong")
	}
	if err != nil {
		return err
	}
	c.sessions.Remove(r.Context(), sessionTOTP)
	of(r).user.TOTPSince = c.deps.Now()
	return c.render(w, r, http.StatusOK, "secret", secretView{Kind: "recovery", Values: codes, Next: "/account?done=totp"})
}

func (c *Console) removeTOTP(w http.ResponseWriter, r *http.Request) error {
	user := of(r).user
	if slices.Contains(c.config.Login.TOTPRoles, string(user.Role)) {
		return c.totpForm(w, r, http.StatusUnprocessableEntity, "totp.enforced")
	}
	ok, err := c.confirmed(w, r, r.PostForm.Get("password"), func(status int, problem string) error { return c.totpForm(w, r, status, problem) })
	if !ok || err != nil {
		return err
	}
	if err := c.state.ClearTOTP(r.Context(), user.ID, c.recorded(r, didClearTOTP, ofUser(user), nil)); err != nil {
		return err
	}
	http.Redirect(w, r, "/account?done=totp", http.StatusSeeOther)
	return nil
}

// secretView is a page that shows something this once.
type secretView struct {
	// Kind is recovery, password or token: the words are secret.KIND.
	Kind   string
	For    string
	Values []string
	Next   string
}

// grouped writes a secret in groups of four, for typing.
func grouped(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// picture draws a QR code as SVG, so that no page needs an image from elsewhere
// or a looser policy.
func picture(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4 // modules of white around it, as the standard wants
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && dark(code.At(x+run, y)) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %[1]d %[1]d" width="232" height="232" shape-rendering="crispEdges" aria-hidden="true"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s" fill="#000"/></svg>`, //nolint:gosec // numbers only
		size+2*quiet, path.String())), nil
}

func dark(c interface{ RGBA() (r, g, b, a uint32) }) bool {
	r, _, _, _ := c.RGBA()
	return r < 1<<15
}
