package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
)

// formField is the hidden field that carries the proof.
const formField = "csrf"

// forms proves that a form was served by this console to this browser: the
// field holds a keyed hash of a random cookie and of who is logged in. It needs
// no memory on the server, so that it works before the login, too, and through
// restarts.
type forms struct {
	key    []byte
	secure bool
}

func (f *forms) cookieName() string {
	if f.secure {
		return "__Host-netra_form"
	}
	return "netra_form"
}

// token returns the proof for the forms of the page that answers r, and gives
// the browser its cookie where it has none.
func (f *forms) token(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(f.cookieName())
	if err != nil || len(cookie.Value) < 20 {
		cookie = &http.Cookie{
			Name: f.cookieName(), Value: rand.Text(), Path: "/", HttpOnly: true,
			Secure: f.secure, SameSite: http.SameSiteStrictMode,
		}
		http.SetCookie(w, cookie)
		r.AddCookie(cookie) // a second form on the page gets the same
	}
	return f.sign(cookie.Value, r)
}

func (f *forms) valid(r *http.Request) bool {
	cookie, err := r.Cookie(f.cookieName())
	if err != nil || len(cookie.Value) < 20 {
		return false
	}
	return hmac.Equal([]byte(f.sign(cookie.Value, r)), []byte(r.PostForm.Get(formField)))
}

func (f *forms) sign(cookie string, r *http.Request) string {
	user := of(r).user
	mac := hmac.New(sha256.New, f.key)
	mac.Write([]byte(cookie + "\x00" + strconv.FormatInt(user.ID, 10) + "\x00" + user.Stamp))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
