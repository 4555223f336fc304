package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/console/state"
)

// administrator returns a browser in which the administrator is logged in.
func (s *site) administrator() *visitor {
	s.t.Helper()
	v := s.visit()
	if got := v.login(s.admin, s.secret); got.status != http.StatusSeeOther {
		s.t.Fatalf("log in as administrator: status %d", got.status)
	}
	return v
}

// entries are the audit log's, the first one first, as "actor action subject".
func (s *site) entries() []string {
	s.t.Helper()
	if _, err := s.Audit().Seal(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	all, err := s.Audit().List(s.t.Context(), audit.Filter{}, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, e := range slices.Backward(all) {
		lines = append(lines, strings.TrimSpace(e.Actor+" "+e.Action+" "+e.Subject))
	}
	return lines
}

// clocked is a site whose clock the test sets.
func clocked(t *testing.T, change func(*console.Configuration)) (*site, *time.Time) {
	t.Helper()
	now := time.Now()
	return newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) {
		d.Now = func() time.Time { return now }
		if change != nil {
			change(c)
		}
	}}), &now
}

var keyShown = regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`)

// enrol sets a second factor up and returns its secret and the recovery codes.
func (v *visitor) enrol(now time.Time) (secret string, codes []string) {
	v.t.Helper()
	page := v.get("/account/totp")
	found := keyShown.FindStringSubmatch(page.body)
	if found == nil || !strings.Contains(page.body, "<svg viewBox") {
		v.t.Fatalf("no key is shown: status %d", page.status)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	if got := v.submit("/account/totp", "/account/totp", url.Values{"code": {"000000"}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, found[1]) {
		v.t.Errorf("a wrong code: status %d, or another key is shown", got.status)
	}
	got := v.submit("/account/totp", "/account/totp", url.Values{"code": {oneTime(v.t, secret, now)}})
	for _, code := range shownSecret.FindAllStringSubmatch(got.body, -1) {
		codes = append(codes, code[1])
	}
	if got.status != http.StatusOK || len(codes) != 10 {
		v.t.Fatalf("set up: status %d, %d recovery codes", got.status, len(codes))
	}
	return secret, codes
}

func oneTime(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestTheSecondFactorIsAskedFor(t *testing.T) {
	s, now := clocked(t, nil)
	v := s.loggedIn()
	secret, recovery := v.enrol(*now)
	if page := v.get("/account/totp").body; strings.Contains(page, secret) || keyShown.MatchString(page) {
		t.Error("the key is shown again")
	}
	*now = now.Add(time.Minute)
	code := oneTime(t, secret, *now)

	other := s.visit()
	if got := other.login(s.user, s.password); got.status != http.StatusSeeOther || got.header.Get("Location") != "/login/code" {
		t.Fatalf("after the password: status %d, sent to %s", got.status, got.header.Get("Location"))
	}
	if got := other.get("/account/tokens"); got.status != http.StatusSeeOther {
		t.Errorf("the password alone opens the posts: status %d", got.status)
	}
	submit := func(v *visitor, code string) answer {
		return v.submit("/login/code", "/login/code", url.Values{"code": {code}})
	}
	if got := submit(other, "123"); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "Kode itu salah") {
		t.Errorf("a wrong code: status %d", got.status)
	}
	if got := submit(other, code); got.status != http.StatusSeeOther || other.get("/account/tokens").status != http.StatusOK {
		t.Errorf("the right code: status %d", got.status)
	}
	replay := s.visit()
	replay.login(s.user, s.password)
	if got := submit(replay, code); got.status != http.StatusUnauthorized {
		t.Errorf("the same code again: status %d", got.status)
	}
	if got := submit(replay, recovery[0]); got.status != http.StatusSeeOther || replay.get("/account/tokens").status != http.StatusOK {
		t.Errorf("a recovery code: status %d", got.status)
	}
	again := s.visit()
	again.login(s.user, s.password)
	if got := submit(again, recovery[0]); got.status != http.StatusUnauthorized {
		t.Errorf("the same recovery code: status %d", got.status)
	}
	late := s.visit()
	late.login(s.user, s.password)
	*now = now.Add(6 * time.Minute)
	if got := submit(late, oneTime(t, secret, *now)); late.get("/account/tokens").status == http.StatusOK {
		t.Errorf("a code after six minutes: status %d", got.status)
	}
	log := s.log.String()
	for _, hush := range append(recovery, secret, code, s.password) {
		if strings.Contains(log, hush) {
			t.Errorf("the log holds %q", hush)
		}
	}
	if got := s.entries(); !slices.Contains(got, "rina totp_set user rina") || !slices.Contains(got, "rina recovery_code user rina") {
		t.Errorf("entries %q", got)
	}
}

func TestCodesCannotBeGuessed(t *testing.T) {
	s, now := clocked(t, nil)
	secret, _ := s.loggedIn().enrol(*now)
	*now = now.Add(time.Minute)
	v := s.visit()
	v.login(s.user, s.password)
	for i := range s.config.Login.Attempts {
		if got := v.submit("/login/code", "/login/code", url.Values{"code": {"999999"}}); got.status != http.StatusUnauthorized {
			t.Fatalf("attempt %d: status %d", i, got.status)
		}
	}
	again := s.visit() // another browser does not begin anew
	again.login(s.user, s.password)
	if got := again.submit("/login/code", "/login/code", url.Values{"code": {oneTime(t, secret, *now)}}); got.status != http.StatusTooManyRequests {
		t.Errorf("status %d", got.status)
	}
}

func TestARoleCanRequireTheSecondFactor(t *testing.T) {
	s, now := clocked(t, func(c *console.Configuration) { c.Login.TOTPRoles = []string{"supervisor"} })
	v := s.loggedIn()
	for _, path := range []string{"/account", "/account/tokens"} {
		if got := v.get(path); got.status != http.StatusSeeOther || got.header.Get("Location") != "/account/totp" {
			t.Errorf("%s: status %d, sent to %s", path, got.status, got.header.Get("Location"))
		}
	}
	v.enrol(*now)
	if got := v.get("/account/tokens"); got.status != http.StatusOK {
		t.Errorf("after it is set up: status %d", got.status)
	}
	if got := v.submit("/account/totp", "/account/totp/remove", url.Values{"password": {s.password}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("it is taken away: status %d", got.status)
	}
	if got := s.administrator().get("/people"); got.status != http.StatusOK {
		t.Errorf("another role: status %d", got.status)
	}
}

func TestAnAdministratorAddsAndChangesPeople(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	boss := s.administrator()
	got := boss.submit("/people/new", "/people", url.Values{"name": {"sari"}, "display_name": {" Sari \u202e<b>Dewi  "}, "role": {"analyst"}, "regions": {"61.08, 61; 35.77"}})
	found := shownSecret.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || found == nil {
		t.Fatalf("add: status %d", got.status)
	}
	password := found[1]
	sari := s.visit()
	if got := sari.login("sari", password); got.status != http.StatusSeeOther {
		t.Fatalf("the temporary password: status %d", got.status)
	}
	if got := sari.get("/account/tokens"); got.header.Get("Location") != "/account/password" {
		t.Errorf("a temporary password opens the posts: status %d", got.status)
	}
	change := func(old, fresh, again string) answer {
		return sari.submit("/account/password", "/account/password", url.Values{"old": {old}, "new": {fresh}, "again": {again}})
	}
	for name, test := range map[string]struct{ old, fresh, again, words string }{
		"short":  {password, "pendek", "pendek", "12 sampai 256"},
		"differ": {password, "jendela biru 77", "jendela biru 78", "tidak sama"},
		"same":   {password, password, password, "sama dengan yang lama"},
		"common": {password, "bawaslu-2024!", "bawaslu-2024!", "terlalu umum"},
		"name":   {password, "sari.sari.2024", "sari.sari.2024", "nama pengguna"},
		"wrong":  {"bukan itu dia", "jendela biru 77", "jendela biru 77", "tidak cocok"},
	} {
		if got := change(test.old, test.fresh, test.again); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, test.words) {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
	if got := change(password, "jendela biru 77", "jendela biru 77"); got.status != http.StatusSeeOther {
		t.Fatalf("a good one: status %d", got.status)
	}
	if got := sari.get("/items/mastodon:1093"); got.status != http.StatusOK {
		t.Errorf("inside the regions: status %d", got.status)
	}
	page := boss.get("/people").body
	path := regexp.MustCompile(`href="(/people/\d+)">Sari &lt;b&gt;Dewi`).FindStringSubmatch(page)
	if path == nil || !strings.Contains(page, "Kota Madiun, Jawa Timur; Kalimantan Barat") {
		t.Fatal("the list does not show her name and regions")
	}
	// A change of rights holds from the next request on.
	if got := boss.submit(path[1], path[1], url.Values{"role": {"analyst"}, "regions": {"35"}, "display_name": {"Sari Dewi"}}); got.status != http.StatusSeeOther {
		t.Errorf("change: status %d", got.status)
	}
	if got := sari.get("/items/mastodon:1093"); got.status != http.StatusNotFound {
		t.Errorf("outside the new regions: status %d", got.status)
	}
	boss.submit(path[1], path[1], url.Values{"role": {"administrator"}})
	if got := sari.get("/items/mastodon:1093"); got.status != http.StatusForbidden || sari.get("/people").status != http.StatusOK {
		t.Errorf("in the new role: status %d", got.status)
	}
	boss.submit(path[1], path[1], url.Values{"role": {"analyst"}, "disabled": {"1"}})
	if got := sari.get("/account"); got.status != http.StatusSeeOther {
		t.Errorf("disabled, but the session is open: status %d", got.status)
	}
	if got := sari.login("sari", "jendela biru 77"); got.status != http.StatusUnauthorized || !strings.Contains(got.body, "dinonaktifkan") {
		t.Errorf("disabled, but logs in: status %d", got.status)
	}
	if strings.Contains(s.log.String(), password) || strings.Contains(strings.Join(s.entries(), "\n"), password) {
		t.Error("the password is in a log")
	}
	want := []string{"admin user_added user sari", "sari login user sari", "sari password user sari", "sari item.open mastodon:1093", "admin rights user sari", "admin rights user sari", "admin rights user sari", "login_refused user sari"}
	got2 := slices.DeleteFunc(s.entries(), func(line string) bool { return !strings.Contains(line, "sari") || strings.Contains(line, "password_") })
	if i := slices.IndexFunc(got2, func(l string) bool { return strings.HasPrefix(l, "admin user_added") }); i < 0 || !slices.Equal(got2[i:], want) {
		t.Errorf("entries\n%q, want\n%q", got2, want)
	}
}

func TestWrongPeopleAreRefusedInWords(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	boss := s.administrator()
	for words, fields := range map[string]url.Values{
		"sudah ada":           {"name": {"RINA"}, "role": {"analyst"}},
		"Nama pengguna: 1":    {"name": {"a b"}, "role": {"analyst"}},
		"Pilih peran":         {"name": {"budi"}, "role": {"root"}},
		"“99” tidak dikenal":  {"name": {"budi"}, "role": {"analyst"}, "regions": {"61 99"}},
		"“abc” tidak dikenal": {"name": {"budi"}, "role": {"analyst"}, "regions": {"abc"}},
	} {
		got := boss.submit("/people/new", "/people", fields)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, words) {
			t.Errorf("%s: status %d", words, got.status)
		}
	}
	got := boss.submit("/people/1", "/people/1", url.Values{"role": {"analyst"}})
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "administrator terakhir") {
		t.Errorf("the last administrator: status %d", got.status)
	}
	for _, path := range []string{"/people", "/people/1", "/audit?actor=%3Cscript%3E&subject=%22%3E&from=kemarin&before=x"} {
		checkMarkup(t, path, boss.get(path).body)
	}
}

func TestSessionsCanBeEnded(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	first, second, third := s.loggedIn(), s.loggedIn(), s.loggedIn()
	end := regexp.MustCompile(`action="(/account/sessions/[^/"]+/end)"`)
	others := end.FindAllStringSubmatch(first.get("/account").body, -1)
	if len(others) != 2 {
		t.Fatalf("%d other sessions are shown, want 2", len(others))
	}
	first.submit("/account", others[0][1], nil)
	open := func() (n int) {
		for _, v := range []*visitor{first, second, third} {
			if v.get("/account/tokens").status == http.StatusOK {
				n++
			}
		}
		return n
	}
	if got := open(); got != 2 {
		t.Errorf("%d are open after one was ended", got)
	}
	first.submit("/account", "/account/sessions/end", nil)
	if got := open(); got != 1 || first.get("/account/tokens").status != http.StatusOK {
		t.Errorf("%d are open after the others were ended", got)
	}
	boss := s.administrator()
	// Another's session is not ended by its name under one's own account.
	stranger := regexp.MustCompile(`action="/people/2/sessions/([^/"]+)/end"`).FindStringSubmatch(boss.get("/people/2").body)
	if stranger == nil {
		t.Fatal("the administrator does not see the session")
	}
	boss.submit("/account", "/account/sessions/"+stranger[1]+"/end", nil)
	if open() != 1 {
		t.Error("it ended another's session")
	}
	boss.submit("/people/2", "/people/2/sessions/end", nil)
	if open() != 0 || boss.get("/people").status != http.StatusOK {
		t.Error("the administrator did not end the person's sessions, or ended their own")
	}
}

func TestAnAdministratorHelpsThoseWhoLostTheirPhoneOrPassword(t *testing.T) {
	s, now := clocked(t, nil)
	v := s.loggedIn()
	v.enrol(*now)
	boss := s.administrator()
	boss.submit("/people/2", "/people/2/totp/reset", nil)
	other := s.visit()
	if got := other.login(s.user, s.password); got.header.Get("Location") == "/login/code" {
		t.Error("the second factor is asked for still")
	}
	got := boss.submit("/people/2", "/people/2/password", nil)
	fresh := shownSecret.FindStringSubmatch(got.body)
	if fresh == nil {
		t.Fatalf("status %d", got.status)
	}
	if v.get("/account/tokens").status == http.StatusOK || other.get("/account/tokens").status == http.StatusOK {
		t.Error("sessions are open after the password was reset")
	}
	if got := other.login(s.user, fresh[1]); got.status != http.StatusSeeOther || other.get("/account/tokens").header.Get("Location") != "/account/password" {
		t.Errorf("the temporary password: status %d", got.status)
	}
}

func TestTheAuditPageShowsAndVerifies(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	s.visit().login(s.user, "salah sama sekali")
	s.visit().login("kata sandi yang salah ketik", "x")
	v := s.loggedIn()
	v.get("/items/mastodon:1093")
	v.submit("/account", "/logout", nil)
	boss := s.administrator()
	page := boss.get("/audit").body
	for _, want := range []string{"gagal masuk", "unggahan dibuka", "mastodon:1093", "keluar", "user rina", "Belum diperiksa"} {
		if !strings.Contains(page, want) {
			t.Errorf("the log does not show %q", want)
		}
	}
	if strings.Contains(page, "salah ketik") || strings.Contains(page, "127.0.0.1") {
		t.Error("the log shows what was typed as a name, or an address")
	}
	if got := boss.get("/audit?action=item.open").body; !strings.Contains(got, "mastodon:1093") || strings.Contains(got, ">gagal masuk</td>") {
		t.Error("the filter does not choose")
	}
	boss.submit("/audit", "/audit/verify", nil)
	if got := boss.get("/audit").body; !strings.Contains(got, "Utuh.") {
		t.Error("the verification is not told")
	}
}

func TestDistributedGuessingIsHeldUpButNotThePerson(t *testing.T) {
	now := time.Now()
	s := newSite(t, options{stored: flags(), change: func(c *console.Configuration, d *console.Dependencies) {
		c.TrustedProxies = []string{"127.0.0.0/8"}
		d.Now = func() time.Time { return now }
	}})
	from := func(address, password string) answer {
		v := s.visit()
		token := hidden.FindStringSubmatch(v.get("/login").body)[2]
		form := url.Values{"csrf": {token}, "user": {s.user}, "password": {password}}
		return v.do(http.MethodPost, "/login", strings.NewReader(form.Encode()), http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "X-Forwarded-For": {address},
		})
	}
	if got := from("203.0.113.1", s.password); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	refused := 0
	for i := range 40 { // each address tries once
		if from("198.51.100."+string(rune('0'+i/10))+string(rune('0'+i%10)), "salah sama sekali").status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("%d of 40 guesses from as many addresses were held up", refused)
	}
	if got := from("203.0.113.1", s.password); got.status != http.StatusSeeOther {
		t.Errorf("the person is shut out: status %d", got.status)
	}
}

// TestPagesAboutPeopleAreSmall fills the lists as full as they get.
func TestPagesAboutPeopleAreSmall(t *testing.T) {
	s := newSite(t, options{stored: flags()})
	for i := range 500 {
		s.add(state.NewUser{
			Name: "petugas." + string(rune('a'+i/26%26)) + string(rune('a'+i%26)) + string(rune('a'+i/676)), DisplayName: strings.Repeat("<Nama Panjang>", 6), Role: access.Analyst,
			Regions: []string{"61.08", "61.12", "35.77"}, Identity: "https://sso.example " + string(rune('a'+i/26%26)) + string(rune('a'+i%26)) + string(rune('a'+i/676)),
		})
	}
	boss := s.administrator()
	for i := range 60 {
		s.visit().login(s.user, strings.Repeat("x", i))
	}
	for _, path := range []string{"/people", "/people?page=6", "/people?q=petugas", "/audit", "/people/2", "/account", "/account/totp"} {
		if got := boss.get(path); got.status != http.StatusOK || len(got.body) > 200<<10 {
			t.Errorf("%s: status %d, %d KB", path, got.status, len(got.body)>>10)
		}
	}
}
