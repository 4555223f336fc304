package console_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// made is the path of the case that an answer leads to.
func made(t *testing.T, got answer) string {
	t.Helper()
	target := got.header.Get("Location")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(target, "/cases/") {
		t.Fatalf("status %d, sent to %q: %s", got.status, target, got.body)
	}
	return target
}

// makeCase makes a case of Sumarni's post and one of Wulan's, in two provinces.
func makeCase(t *testing.T, v *visitor, posts ...string) string {
	t.Helper()
	return made(t, v.submit("/cases/new?item="+url.QueryEscape(posts[0]), "/cases", url.Values{"title": {"Akun Sumarni"}, "post": posts, "note": {"catatan pertama"}}))
}

func TestACaseFromTheItemToTheAgency(t *testing.T) {
	s, a := caseSite(t, flags())
	v := s.as("andi")
	item := v.get("/items/mastodon:1093")
	if !strings.Contains(item.body, "Unggahan ini belum masuk kasus") || !strings.Contains(item.body, "/cases/new?item=mastodon%3A1093&amp;kind=account") {
		t.Fatal("the item offers no case")
	}
	form := v.get("/cases/new?item=mastodon:1093")
	for _, want := range []string{"Sumarni Dewi, S.Pd., @sumarni", `value="mastodon:1093" checked`} {
		if !strings.Contains(form.body, want) {
			t.Errorf("the form has no %q", want)
		}
	}
	path := makeCase(t, v, "mastodon:1093")
	page := v.get(path)
	for _, want := range []string{"/61/0001", "Akun Sumarni", "catatan pertama", "Kasus dibuat dengan 1 unggahan", "andi mengerjakan kasus ini", "Sisa 7 hari", "Tandai siap diserahkan"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page.body, "Tutup kasus") || strings.Contains(page.body, path+"/hold") {
		t.Error("an analyst closes what was not handed over, or holds")
	}
	if got := v.get("/items/mastodon:1093"); !strings.Contains(got.body, `href="`+path+`"`) {
		t.Error("the item does not lead to its case")
	}
	for _, step := range []struct {
		action string
		fields url.Values
		want   string
	}{
		{"/note", url.Values{"note": {"Sudah dicek ke <b>dinas</b>"}}, "Sudah dicek ke &lt;b&gt;dinas&lt;/b&gt;"},
		{"/ready", nil, "Siap diserahkan"},
		{"/handover", url.Values{"receiver": {"KASN"}}, "Pilih instansi penerima dari daftar"},
		{"/handover", url.Values{"receiver": {"Bawaslu RI"}, "reference": {"B-7/2026"}, "date": {"1999-01-01"}}, "Tanggal penyerahan harus"},
		{"/handover", url.Values{"receiver": {"Bawaslu RI"}, "reference": {"B-7/2026"}}, "Diserahkan kepada Bawaslu RI, nomor B-7/2026"},
		{"/close", url.Values{"outcome": {"proven"}}, "Ditutup: Terbukti menurut instansi penerima"},
		{"/reopen", url.Values{"reason": {"x"}}, ""},
	} {
		got := v.submit(path, path+step.action, withDate(v, path, step.fields))
		if step.want == "" {
			if got.status != http.StatusSeeOther && got.status != http.StatusForbidden {
				t.Errorf("%s: status %d", step.action, got.status)
			}
			continue
		}
		if got.status != http.StatusSeeOther {
			t.Errorf("%s: status %d", step.action, got.status)
		}
		if page := v.get(path); !strings.Contains(page.body, step.want) {
			t.Errorf("after %s the page has no %q", step.action, step.want)
		}
	}
	one, err := a.cases.Case(t.Context(), access.Viewer{Name: "x", Role: access.Supervisor}, strings.TrimPrefix(path, "/cases/"))
	if err != nil || one.Status != cases.Closed || one.Reference != "B-7/2026" {
		t.Errorf("%+v, %v", one, err)
	}
	if got := v.get("/cases"); strings.Contains(got.body, "Akun Sumarni") {
		t.Error("a closed case is among those in work")
	}
	if got := v.get("/cases?status=closed&q=b-7%2F2026"); !strings.Contains(got.body, "Akun Sumarni") {
		t.Error("a closed case is not found by its reference")
	}
}

var dateField = regexp.MustCompile(`name="date" type="date" required value="([0-9-]+)"`)

// withDate adds the day that the page has filled in, as a browser sends it.
func withDate(v *visitor, path string, fields url.Values) url.Values {
	if found := dateField.FindStringSubmatch(v.get(path).body); found != nil && fields != nil && fields.Get("date") == "" {
		fields.Set("date", found[1])
	}
	return fields
}

func TestWhoSeesACase(t *testing.T) {
	s, _ := caseSite(t, flags())
	path := makeCase(t, s.as("bos"), "mastodon:1093", "facebook:55102") // 61.08 and 35.77
	for name, test := range map[string]struct {
		status        int
		sees, seesNot string
	}{
		"bos":    {200, "@sumarni1093", "tidak Anda lihat"},
		"andi":   {200, "@wulan55102", "tidak Anda lihat"},
		"kalbar": {200, "@sumarni1093", "@wulan55102"},
		"landak": {200, "1 unggahan ada di wilayah yang tidak Anda lihat", "Jawa Timur"},
		"jatim":  {200, "@wulan55102", "@sumarni1093"},
		"oka":    {200, "@sumarni1093", `action="` + path + `/note"`},
	} {
		got := s.as(name).get(path)
		if got.status != test.status || !strings.Contains(got.body, test.sees) || strings.Contains(got.body, test.seesNot) {
			t.Errorf("%s: status %d, has %q: %t, has %q: %t", name, got.status, test.sees, strings.Contains(got.body, test.sees), test.seesNot, strings.Contains(got.body, test.seesNot))
		}
	}
	only := makeCase(t, s.as("andi"), "mastodon:1093")
	for name, fields := range map[string]url.Values{"/note": {"note": {"x"}}, "/pack": nil, "/report": nil, "/ready": nil} {
		if got := s.as("jatim").submit("/account", only+name, fields); got.status != http.StatusNotFound {
			t.Errorf("%s from another region: status %d", name, got.status)
		}
		if got := s.as("oka").submit("/account", only+name, fields); got.status != http.StatusForbidden {
			t.Errorf("%s by an operator: status %d", name, got.status)
		}
	}
	if got := s.as("jatim").get(only); got.status != http.StatusNotFound {
		t.Errorf("a case of another region: status %d", got.status)
	}
	if got := s.as("jatim").get("/cases?status=all"); strings.Contains(got.body, only) || !strings.Contains(got.body, path) {
		t.Error("the list of another region")
	}
}

func TestTwoPeopleChangeACaseAtOnce(t *testing.T) {
	s, _ := caseSite(t, flags())
	bos := s.as("bos")
	path := makeCase(t, bos, "mastodon:1093")
	stale := hiddenFields(bos.get(path).body)
	if got := bos.submit(path, path+"/rename", url.Values{"title": {"Judul baru"}}); got.status != http.StatusSeeOther {
		t.Fatal(got.status)
	}
	stale.Set("title", "Judul lama")
	bos.submit(path, path+"/rename", url.Values{"title": {"Judul lama"}, "revision": {stale.Get("revision")}})
	if page := bos.get(path); !strings.Contains(page.body, "baru saja diubah orang lain") || !strings.Contains(page.body, "Judul baru") {
		t.Error("a change on an older state is not refused")
	}
}

func hiddenFields(body string) url.Values {
	fields := url.Values{}
	for _, f := range hidden.FindAllStringSubmatch(body, -1) {
		fields.Set(f[1], f[2])
	}
	return fields
}

func TestAnExportIsAPackThatHolds(t *testing.T) {
	s, a := caseSite(t, flags())
	v := s.as("andi")
	v.get("/items/mastodon:1093")
	v.submit("/items/mastodon:1093", "/items/mastodon:1093/decide", url.Values{"do": {"violation"}, "rule": {"DS-2"}, "note": {"jelas"}})
	path := makeCase(t, v, "mastodon:1093")
	got := v.submit(path, path+"/pack", url.Values{"mark": {"abcdef0123456789"}})
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/zip" || !strings.Contains(got.header.Get("Content-Disposition"), "netra-kasus-") {
		t.Fatalf("status %d, %v: %.300s", got.status, got.header, got.body)
	}
	if !strings.Contains(got.header.Get("Set-Cookie"), "netra_export=abcdef0123456789") {
		t.Errorf("the script is not told: %q", got.header.Values("Set-Cookie"))
	}
	archive, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	for _, want := range []string{"manifest.json", "custody.json", "laporan/Laporan.pdf", "laporan/Laporan.docx", "proofs.txt", "signature.txt"} {
		if !strings.Contains(strings.Join(names, " "), want) {
			t.Errorf("the pack has no %s: %v", want, names)
		}
	}
	key := a.log.PublicKey()
	if err := verifyPack(t, []byte(got.body), key); err != nil {
		t.Errorf("the pack does not hold: %s", err)
	}
	broken := []byte(got.body)
	broken[len(broken)/2] ^= 1
	if err := verifyPack(t, broken, key); err == nil {
		t.Error("a changed pack holds")
	}
	page := v.get(path)
	if !strings.Contains(page.body, "Paket bukti diekspor") {
		t.Error("the time line does not tell of the export")
	}
	admin := s.visit()
	admin.login(s.admin, s.secret)
	if got := admin.get("/audit?action=evidence.export"); !strings.Contains(got.body, "bukti diekspor") {
		t.Error("the audit log does not tell of the export")
	}
	if got := v.submit("/items/mastodon:1093", "/items/mastodon:1093/pack", nil); got.status != http.StatusOK || !bytes.HasPrefix([]byte(got.body), []byte("PK")) {
		t.Errorf("the pack of one post: status %d", got.status)
	}
	for format, begin := range map[string]string{"pdf": "%PDF-1.7", "docx": "PK"} {
		if got := v.submit(path, path+"/report", url.Values{"format": {format}}); got.status != http.StatusOK || !strings.HasPrefix(got.body, begin) {
			t.Errorf("%s: status %d", format, got.status)
		}
	}
	if got := v.get("/cases/key"); strings.TrimSpace(got.body) != strings.TrimSpace(a.log.PublicKey()) {
		t.Errorf("the key: %q", got.body)
	}
}

func TestPagesOfCasesStaySmall(t *testing.T) {
	many := append(flags(), manyFlags(90)...)
	s, a := caseSite(t, many)
	boss := access.Viewer{Name: "bos", Role: access.Supervisor}
	var posts []string
	for i := range 90 {
		posts = append(posts, many[len(flags())+i].Post.ID)
	}
	one, err := a.cases.Create(t.Context(), boss, cases.Draft{Title: strings.Repeat("panjang ", 20), Kind: cases.OfCopies, Posts: posts})
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if _, err := a.cases.Note(t.Context(), boss, one.ID, strings.Repeat("catatan <&> ", 600)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		if _, err := a.cases.Create(t.Context(), boss, cases.Draft{Title: strings.Repeat("judul panjang ", 12), Kind: cases.OfAccount, Posts: posts[i : i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	v := s.as("bos")
	for _, path := range []string{"/cases", "/cases?page=2", "/cases/" + one.ID, "/cases/" + one.ID + "?posts=3&events=2", "/cases/new?item=" + posts[0]} {
		got := v.get(path)
		if got.status != http.StatusOK || len(got.body) > 200<<10 {
			t.Errorf("%s: status %d, %d bytes", path, got.status, len(got.body))
		}
	}
	if got := v.get("/cases?page=2"); !strings.Contains(got.body, "41 kasus") || !strings.Contains(got.body, `rel="prev"`) {
		t.Error("the second page")
	}
}

// verifyPack checks a pack as the command does.
func verifyPack(t *testing.T, data []byte, key string) error {
	t.Helper()
	known, err := seal.ParsePublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	result, err := pack.Verify(bytes.NewReader(data), int64(len(data)), pack.Options{Keys: []note.Verifier{known}})
	if err == nil && result.Fault != nil {
		err = result.Fault
	}
	return err
}

// TestCasesInBrowser works on a case in a real Chromium.
func TestCasesInBrowser(t *testing.T) {
	needsBrowser(t)
	s, _ := caseSite(t, append(flags(), copies(3)...))
	inBrowser(t, "cases.test.mjs", "NETRA_URL="+s.url, "NETRA_PASSWORD="+secret)
	if t.Failed() {
		t.Logf("the console's log:\n%s", s.log.String())
	}
}
