package console_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
)

// issuer is a small OpenID provider that speaks over real HTTP: discovery, the
// authorization code with PKCE, and signed ID tokens (OpenID Connect Core 1.0
// section 3.1, RFC 7636).
type issuer struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	client struct{ id, secret, redirect string }

	mu     sync.Mutex
	claims map[string]any
	change func(claims map[string]any) // spoils the next ID token
	sign   *rsa.PrivateKey             // signs instead of key
	codes  map[string]url.Values       // code -> what the authorization was asked with
	refuse string                      // the error of the next authorization
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, codes: map[string]url.Values{}}
	i.client.id, i.client.secret = "netra", "rahasia-klien"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		i.t.Error(err)
	}
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	url := i.server.URL
	i.answer(w, http.StatusOK, map[string]any{
		"issuer": url, "authorization_endpoint": url + "/authorize", "token_endpoint": url + "/token", "jwks_uri": url + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
}

// authorize is the provider's login page, at which everybody is logged in.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	i.mu.Lock()
	defer i.mu.Unlock()
	if query.Get("client_id") != i.client.id || query.Get("redirect_uri") != i.client.redirect || query.Get("response_type") != "code" ||
		!slices.Contains(strings.Fields(query.Get("scope")), "openid") || query.Get("code_challenge_method") != "S256" || query.Get("nonce") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {query.Get("state")}}
	if i.refuse != "" {
		back.Set("error", i.refuse)
		i.refuse = ""
	} else {
		code := rand.Text()
		i.codes[code] = query
		back.Set("code", code)
	}
	http.Redirect(w, r, i.client.redirect+"?"+back.Encode(), http.StatusSeeOther)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	asked, known := i.codes[r.FormValue("code")]
	delete(i.codes, r.FormValue("code")) // a code is good once
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	switch {
	case id != i.client.id || secret != i.client.secret:
		i.answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	case !known || r.FormValue("redirect_uri") != i.client.redirect || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge"):
		i.answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": i.server.URL, "aud": i.client.id, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "nonce": asked.Get("nonce")}
	for name, value := range i.claims {
		claims[name] = value
	}
	if i.change != nil {
		i.change(claims)
		i.change = nil
	}
	key := i.key
	if i.sign != nil {
		key, i.sign = i.sign, nil
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		i.t.Error(err)
		return
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		i.t.Error(err)
		return
	}
	i.answer(w, http.StatusOK, map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token})
}

// says sets what the provider says of the person.
func (i *issuer) says(claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims = claims
}

// federated is a site whose people log in at an issuer.
func federated(t *testing.T, change func(*console.OIDCConfiguration)) (*site, *issuer) {
	t.Helper()
	i := newIssuer(t)
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, _ *console.Dependencies) {
		c.PublicURL = "http://console.test" // the browser of the test finds it by its path
		c.OIDC.Issuer, c.OIDC.ClientID, c.OIDC.ClientSecret, c.OIDC.Name = i.server.URL, i.client.id, i.client.secret, "SSO Bawaslu"
		c.OIDC.Roles = []console.RoleMapping{{Value: "netra-admin", Role: "administrator"}, {Value: "netra-analis", Role: "analyst"}}
		c.OIDC.RegionClaim = "wilayah"
		if change != nil {
			change(&c.OIDC)
		}
	}})
	i.client.redirect = "http://console.test/login/oidc/callback"
	return s, i
}

// through goes from the login through the provider and back; it returns the
// callback's answer and its path.
func (v *visitor) through() (answer, string) {
	v.t.Helper()
	start := v.get("/login/oidc?next=/account")
	if start.status != http.StatusSeeOther {
		v.t.Fatalf("to the provider: status %d", start.status)
	}
	response, err := v.client.Get(start.header.Get("Location")) //nolint:noctx // a test
	if err != nil {
		v.t.Fatal(err)
	}
	_ = response.Body.Close()
	back := strings.TrimPrefix(response.Header.Get("Location"), "http://console.test")
	if response.StatusCode != http.StatusSeeOther || !strings.HasPrefix(back, "/login/oidc/callback?") {
		v.t.Fatalf("the provider answers %d, sends to %s", response.StatusCode, back)
	}
	return v.get(back), back
}

func dewi(more ...any) map[string]any {
	claims := map[string]any{"sub": "42", "preferred_username": "dewi", "name": "Dewi Lestari", "groups": []string{"staf", "netra-analis"}, "wilayah": []string{"61.08", "35"}}
	for i := 0; i+1 < len(more); i += 2 {
		claims[more[i].(string)] = more[i+1]
	}
	return claims
}

func TestPeopleLogInByOpenIDConnect(t *testing.T) {
	s, i := federated(t, nil)
	i.says(dewi())
	v := s.visit()
	if page := v.get("/login").body; !strings.Contains(page, "Masuk dengan SSO Bawaslu") {
		t.Error("the login does not offer it")
	}
	got, callback := v.through()
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/account" {
		t.Fatalf("status %d, sent to %s", got.status, got.header.Get("Location"))
	}
	page := v.get("/account").body
	for _, want := range []string{"Dewi Lestari", "Analis", "Kabupaten Landak, Kalimantan Barat", "Jawa Timur"} {
		if !strings.Contains(page, want) {
			t.Errorf("the account does not show %q", want)
		}
	}
	if strings.Contains(page, `href="/account/password"`) || v.get("/account/password").status != http.StatusNotFound {
		t.Error("a password is offered")
	}
	if got := s.visit().get(callback); !strings.Contains(got.header.Get("Location"), "refused=state") {
		t.Errorf("the callback in another browser: sent to %s", got.header.Get("Location"))
	}
	if got := v.get(callback); !strings.Contains(got.header.Get("Location"), "refused=state") {
		t.Errorf("the callback again: sent to %s", got.header.Get("Location"))
	}
	// The provider says something else at the next login.
	i.says(dewi("wilayah", "*", "groups", "netra-admin", "name", "Dewi L."))
	again := s.visit()
	again.through()
	if page := again.get("/account").body; !strings.Contains(page, "Seluruh Indonesia") || !strings.Contains(page, "Administrator") || !strings.Contains(page, "Dewi L.") {
		t.Error("the rights are not those that the provider says now")
	}
	if got := s.entries(); !slices.Contains(got, "dewi user_added user dewi") || !slices.Contains(got, "dewi rights user dewi") || !slices.Contains(got, "dewi login user dewi") {
		t.Errorf("entries %q", got)
	}
	if log := s.log.String(); strings.Contains(log, i.client.secret) || strings.Contains(log, "code=") {
		t.Error("the log holds a secret")
	}
}

func TestOpenIDConnectRefuses(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(name string, value any) func(*issuer) {
		return func(i *issuer) { i.change = func(claims map[string]any) { claims[name] = value } }
	}
	for name, test := range map[string]struct {
		spoil func(*issuer)
		why   string
	}{
		"a token for another":          {spoil("aud", "other"), "token"},
		"a token of another issuer":    {spoil("iss", "https://evil.example"), "token"},
		"an expired token":             {spoil("exp", time.Now().Add(-time.Hour).Unix()), "token"},
		"the nonce of another login":   {spoil("nonce", "x"), "token"},
		"no nonce":                     {spoil("nonce", ""), "token"},
		"another's signature":          {func(i *issuer) { i.sign = stranger }, "token"},
		"the wrong client secret":      {func(i *issuer) { i.client.secret = "lain" }, "token"},
		"what the provider refuses":    {func(i *issuer) { i.refuse = "access_denied" }, "provider"},
		"no role":                      {func(i *issuer) { i.claims = dewi("groups", []string{"staf"}) }, "role"},
		"no groups":                    {func(i *issuer) { i.claims = dewi("groups", nil) }, "role"},
		"no region":                    {func(i *issuer) { i.claims = dewi("wilayah", nil) }, "region"},
		"no region in the list":        {func(i *issuer) { i.claims = dewi("wilayah", []string{}) }, "region"},
		"a region that cannot be":      {func(i *issuer) { i.claims = dewi("wilayah", "Landak") }, "region"},
		"all regions beside one":       {func(i *issuer) { i.claims = dewi("wilayah", []string{"61", "*"}) }, "region"},
		"the name of a local user":     {func(i *issuer) { i.claims = dewi("preferred_username", "RINA") }, "taken"},
		"the name of an administrator": {func(i *issuer) { i.claims = dewi("preferred_username", "admin") }, "taken"},
	} {
		t.Run(name, func(t *testing.T) {
			s, i := federated(t, nil)
			i.says(dewi())
			i.mu.Lock()
			test.spoil(i)
			i.mu.Unlock()
			v := s.visit()
			got, _ := v.through()
			if want := "/login?refused=" + test.why; got.header.Get("Location") != want {
				t.Errorf("sent to %s, want %s", got.header.Get("Location"), want)
			}
			if v.get("/account").status == http.StatusOK {
				t.Error("somebody is logged in")
			}
			if page := v.get("/login?refused=" + test.why); !strings.Contains(page.body, `role="alert"`) {
				t.Error("the login does not say why")
			}
			if got := s.entries(); !slices.Contains(got, "login_refused user ?") {
				t.Errorf("entries %q", got)
			}
		})
	}
}

func TestADisabledPersonStaysOutWhateverTheProviderSays(t *testing.T) {
	s, i := federated(t, nil)
	i.says(dewi())
	v := s.visit()
	v.through()
	boss := s.administrator()
	boss.submit("/people/3", "/people/3", url.Values{"role": {"analyst"}, "disabled": {"1"}})
	if got := v.get("/account"); got.status != http.StatusSeeOther {
		t.Errorf("the session is open: status %d", got.status)
	}
	if got, _ := v.through(); got.header.Get("Location") != "/login?refused=disabled" {
		t.Errorf("sent to %s", got.header.Get("Location"))
	}
}

func TestAProviderThatIsAwayIsSaid(t *testing.T) {
	s, i := federated(t, nil)
	i.server.Close()
	v := s.visit()
	if got := v.get("/login/oidc"); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, i.server.URL) {
		t.Errorf("status %d", got.status)
	}
	s.add(state.NewUser{Name: "lokal", Role: access.Analyst, Password: s.password})
	if got := v.login("lokal", s.password); got.status != http.StatusSeeOther {
		t.Errorf("a password meanwhile: status %d", got.status)
	}
}

func TestRolesAndRegionsCanBeLeftToAdministrators(t *testing.T) {
	s, i := federated(t, func(c *console.OIDCConfiguration) { c.Roles, c.DefaultRole, c.RegionClaim = nil, "analyst", "" })
	i.says(dewi("preferred_username", "Dewi Lestari/ASN"))
	v := s.visit()
	v.through()
	boss := s.administrator()
	boss.submit("/people/3", "/people/3", url.Values{"role": {"supervisor"}, "regions": {"61"}})
	v.through()
	page := v.get("/account").body
	if !strings.Contains(page, "Dewi-Lestari-ASN") || !strings.Contains(page, "Penyelia") || !strings.Contains(page, "Kalimantan Barat") {
		t.Error("what the administrator said does not hold after the next login")
	}
}
