package console_test

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/tuning"
)

const supportFile = "keywords/support.yaml"

// operator is somebody who tunes the lists, in a browser without scripts.
func (s *site) operator(name string, regions ...string) *visitor {
	s.t.Helper()
	s.add(state.NewUser{Name: name, Role: access.Operator, Regions: regions, Password: secret})
	v := s.visit()
	if got := v.login(name, secret); got.status != http.StatusSeeOther {
		s.t.Fatalf("log in: status %d", got.status)
	}
	return v
}

// expect fails the test where the answer is another.
func (a answer) expect(t *testing.T, status int, contains ...string) answer {
	t.Helper()
	text := html.UnescapeString(a.body)
	if a.status != status {
		t.Errorf("status %d, want %d\n%s", a.status, status, text)
	}
	for _, want := range contains {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not contain %q", want)
		}
	}
	return a
}

// draftVersion is where a draft stands.
func (s *site) draftVersion(name string) tuning.Draft {
	s.t.Helper()
	d, err := s.desk.book.Draft(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *site) fileOf(name, file string) string {
	s.t.Helper()
	bundle, err := s.desk.book.Bundle(s.t.Context(), s.draftVersion(name).Version)
	if err != nil {
		s.t.Fatal(err)
	}
	data, _ := bundle.Read(file)
	return string(data)
}

// TestASloganIsAddedPublishedAndTakenBack is the operator's day without scripts.
func TestASloganIsAddedPublishedAndTakenBack(t *testing.T) {
	s := newSite(t, options{tuning: tuning.Configuration{BacktestFirst: true, SecondPerson: true}})
	ani, budi := s.operator("ani"), s.operator("budi")
	ani.submit("/tuning", "/tuning/drafts", url.Values{"name": {"slogan pagi"}, "why": {"terlihat pagi ini"}}).expect(t, http.StatusSeeOther)
	draft := "/tuning/drafts/slogan%20pagi"
	ani.get(draft).expect(t, http.StatusOK, "Rancangan ini belum mengubah apa pun", "support/vote-for")

	form := draft + "/rule?file=" + supportFile
	fields := url.Values{"rule_id": {"lentera"}, "any": {"nyalakan lentera\r\nlentera landak"}, "weight": {"0,8"}, "flags": {"ayo nyalakan lentera"}, "file": {supportFile}}
	ani.submit(form, draft+"/rule", with(fields, "weight", "8")).expect(t, http.StatusUnprocessableEntity, "angka di atas 0, paling besar 1")
	ani.submit(form, draft+"/rule", fields).expect(t, http.StatusSeeOther)
	if text := s.fileOf("slogan pagi", supportFile); !strings.HasSuffix(text, "  - id: lentera\n    any: [\"nyalakan lentera\", \"lentera landak\"]\n    weight: 0.8\n    flags: [\"ayo nyalakan lentera\"]\n") {
		t.Errorf("the file ends in %q", text[len(text)-200:])
	}
	ani.get(draft).expect(t, http.StatusOK, "support/lentera", "Lolos pemeriksaan", "jalankan uji ulang")
	ani.submit(draft, draft+"/publish", url.Values{"why": {"x"}, "version": {s.draftVersion("slogan pagi").Version}, "over": {"1"}}).
		expect(t, http.StatusUnprocessableEntity, "jalankan uji ulang")

	got := ani.submit(draft, draft+"/backtests", url.Values{"from": {"2024-11-01"}, "until": {"2024-11-20"}}).expect(t, http.StatusSeeOther)
	test := got.header.Get("Location")
	if len(s.desk.tests.started) != 1 {
		t.Fatalf("%d back-tests were started", len(s.desk.tests.started))
	}
	ani.get(test).expect(t, http.StatusOK, "Berjalan", "1 Nov 2024 sampai 20 Nov 2024", "Hentikan")
	if s.draftVersion("slogan pagi").Backtest != 0 {
		t.Error("a back-test that runs counts as seen")
	}
	if err := s.desk.finish(t.Context(), s.desk.tests.started[0], backtest.Report{Added: 1, AddedSamples: []backtest.Finding{found("x:1", "61.08", "ayo nyalakan lentera", false, true)}}); err != nil {
		t.Fatal(err)
	}
	ani.get(test).expect(t, http.StatusOK, "menambah 1 unggahan", "tercatat sudah dilihat", "<mark")
	ani.get(draft).expect(t, http.StatusOK, "operator lain harus menyetujuinya")
	ani.submit(draft, draft+"/approve", url.Values{"version": {s.draftVersion("slogan pagi").Version}}).expect(t, http.StatusUnprocessableEntity, "tidak dapat menyetujuinya sendiri")
	budi.submit(draft, draft+"/approve", nil).expect(t, http.StatusSeeOther)
	ani.submit(draft, draft+"/publish", url.Values{"why": {""}}).expect(t, http.StatusUnprocessableEntity, "Tulis alasannya")
	ani.submit(draft, draft+"/publish", url.Values{"why": {"slogan pagi"}}).expect(t, http.StatusSeeOther)
	ani.get("/tuning").expect(t, http.StatusOK, "Terbitan 2 sekarang berlaku", "disetujui budi")
	if n := len(s.desk.shelf.laid); n != 2 {
		t.Errorf("%d publications are laid out", n)
	}

	ani.get("/tuning/publications/1").expect(t, http.StatusOK, "Kembali ke terbitan 1", "support/lentera")
	budi.submit("/tuning/publications/1", "/tuning/publications/1/rollback", url.Values{"why": {"menandai salam"}, "over": {"1"}}).expect(t, http.StatusConflict, "Terbitan lain baru saja berlaku")
	budi.submit("/tuning/publications/1", "/tuning/publications/1/rollback", url.Values{"why": {"menandai salam"}}).expect(t, http.StatusSeeOther)
	current, err := s.desk.book.Current(t.Context())
	if err != nil || current.Number != 3 || current.Kind != tuning.Rollback || current.By != "budi" {
		t.Errorf("%+v %v", current, err)
	}
	s.acts(t, "lists.publish", "ani", "operator")
	s.acts(t, "lists.rollback", "budi", "operator")
	s.acts(t, "draft.approve", "budi", "operator")
}

// acts fails the test where the audit log does not say who did it, and as what.
func (s *site) acts(t *testing.T, action, actor, role string) {
	t.Helper()
	for {
		if n, err := s.Audit().Seal(t.Context()); err != nil || n == 0 {
			break
		}
	}
	entries, err := s.Audit().List(t.Context(), audit.Filter{Action: action}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Actor == actor && e.Role == role }) {
		t.Errorf("the audit log of %s does not have %s as %s: %+v", action, actor, role, entries)
	}
}

func with(fields url.Values, name, value string) url.Values {
	changed := url.Values{}
	for key, values := range fields {
		changed[key] = values
	}
	changed.Set(name, value)
	return changed
}

// TestWhatTwoOperatorsEditAtOnceIsJoined has both open the same rule.
func TestWhatTwoOperatorsEditAtOnceIsJoined(t *testing.T) {
	s := newSite(t, options{})
	ani, budi := s.operator("ani"), s.operator("budi")
	form := practice + "/rule?file=" + supportFile + "&id=vote-for"
	mine := formOf(ani.get(form).body)
	theirs := formOf(budi.get(form).body)
	budi.submit(form, practice+"/rule", with(theirs, "weight", "0.7")).expect(t, http.StatusSeeOther)
	mine.Set("description_id", "ajakan saya")
	got := ani.submit(form, practice+"/rule", mine).expect(t, http.StatusConflict, "Diubah orang lain", "diubah oleh budi", "0.7")
	joined := formOf(got.body)
	if joined.Get("weight") != "0.7" || joined.Get("description_id") != "ajakan saya" {
		t.Errorf("the form has weight %q, description %q", joined.Get("weight"), joined.Get("description_id"))
	}
	ani.submit(form, practice+"/rule", joined).expect(t, http.StatusSeeOther)
	if text := s.fileOf("latihan", supportFile); !strings.Contains(text, "weight: 0.7\n") || !strings.Contains(text, "ajakan saya") {
		t.Errorf("one of both was lost:\n%s", text)
	}
	stale := with(mine, "version", "sha256:0")
	ani.submit(form, practice+"/rule", stale).expect(t, http.StatusConflict)
}

var filledField = regexp.MustCompile(`(?s)<(?:input [^>]*?name="([^"]+)" (?:type="[^"]*" )?value="([^"]*)"|textarea [^>]*?name="([^"]+)"[^>]*>([^<]*)</textarea>)`)

// formOf reads a page's fields, as a browser would send them.
func formOf(page string) url.Values {
	fields := url.Values{}
	for _, m := range filledField.FindAllStringSubmatch(page, -1) {
		switch {
		case m[1] != "":
			fields.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		case m[3] != "":
			fields.Set(html.UnescapeString(m[3]), html.UnescapeString(m[4]))
		}
	}
	fields.Del("csrf")
	return fields
}

func TestTheFormAndTheTextEditTheSameFile(t *testing.T) {
	s := newSite(t, options{})
	ani := s.operator("ani")
	page := practice + "/file?path=" + supportFile
	text := s.fileOf("latihan", supportFile)
	ani.submit(page, practice+"/file", url.Values{"text": {strings.Replace(text, "label: support", "label: suport", 1)}}).expect(t, http.StatusUnprocessableEntity, "salah satu dari", "Berkas belum disimpan")
	if s.fileOf("latihan", supportFile) != text {
		t.Error("a file that is wrong was saved")
	}
	ani.submit(page, practice+"/file", url.Values{"text": {strings.ReplaceAll("# catatan\n"+text, "\n", "\r\n")}}).expect(t, http.StatusSeeOther)
	if got := s.fileOf("latihan", supportFile); got != "# catatan\n"+text {
		t.Errorf("the file begins with %q", got[:40])
	}
	ani.submit(practice+"/group?file=keywords/groups.yaml&name=@vote", practice+"/group", url.Values{"words": {"coblos\nnyoblos\ncoblos\n\n"}}).expect(t, http.StatusSeeOther)
	if got := s.fileOf("latihan", "keywords/groups.yaml"); !strings.Contains(got, `"@vote": [coblos, nyoblos]`) && !strings.Contains(got, `"@vote": ["coblos", "nyoblos"]`) {
		t.Errorf("%.400s", got)
	}
	ani.submit(practice+"/thresholds", practice+"/thresholds", url.Values{"limit_hoax": {"0,75"}}).expect(t, http.StatusSeeOther)
	if got := s.fileOf("latihan", "thresholds.yaml"); got != "thresholds:\n  hoax: 0.75\n" {
		t.Errorf("%q", got)
	}
	rule := practice + "/rule?file=" + supportFile + "&id=praise"
	fields := formOf(ani.get(rule).body)
	fields.Set("do", "remove")
	ani.submit(rule, practice+"/rule", fields).expect(t, http.StatusSeeOther)
	ani.get(rule).expect(t, http.StatusNotFound)
}

func TestWordsOfATableGoIn(t *testing.T) {
	s := newSite(t, options{})
	ani := s.operator("ani")
	token := hidden.FindStringSubmatch(ani.get(practice + "/words").body)[2]
	upload := func(name string, data []byte) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("csrf", token)
		file, err := form.CreateFormFile("table", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = file.Write(data)
		_ = form.Close()
		return ani.do(http.MethodPost, practice+"/words", io.Reader(&body), http.Header{"Content-Type": {form.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
	}
	got := upload("slogan.csv", []byte("kata;asal\ngaspol landak;ani\n<b>jari</b>;budi\n")).expect(t, http.StatusOK, "2 kata dari kolom kata")
	if strings.Contains(got.body, "<b>jari") {
		t.Error("a word became markup")
	}
	upload("foto.png", []byte("\x89PNG\x00")).expect(t, http.StatusUnprocessableEntity, "tidak dapat dibaca")
	if got := upload("besar.csv", bytes.Repeat([]byte("kata\n"), 3<<20)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a file of 15 MB: status %d", got.status)
	}
	ani.submit(practice+"/words", practice+"/words", url.Values{"words": {"gaspol landak\ngaspol landak"}, "target": {supportFile + "#vote-for"}}).expect(t, http.StatusSeeOther)
	if got := s.fileOf("latihan", supportFile); !strings.Contains(got, `any: ["@vote", "gaspol landak"]`) {
		t.Errorf("%.600s", got)
	}
	ani.submit(practice+"/words", practice+"/words", url.Values{"words": {"gaspol landak"}, "target": {supportFile + "#vote-for"}}).expect(t, http.StatusUnprocessableEntity, "Tidak ada kata baru")
}

func TestATextIsTriedWithoutBeingKept(t *testing.T) {
	s := newSite(t, options{})
	ani := s.operator("ani")
	try := func(text string) answer {
		return ani.submit(practice+"/try", practice+"/try", url.Values{"text": {text}, "region": {"61.08"}, "date": {"2024-11-10"}})
	}
	try("ayo coblos nomor 2").expect(t, http.StatusOK, "Dugaan dukungan", "Bernadus Lantang", "support/vote-for")
	try("ayo nyoblos ramai-ramai").expect(t, http.StatusOK, "Tidak ditandai", "tidak ada @contestant dalam jarak 6 kata")
	try("ASN dilarang mengajak coblos nomor 2").expect(t, http.StatusOK, "dilemahkan oleh konteks", "dilarang")
	if got := try(`<script>alert("coblos nomor 2")</script>` + strings.Repeat("coblos nomor 2 ", 3000)); got.status != http.StatusOK || len(got.body) > 200<<10 || strings.Contains(got.body, "<script>alert") {
		t.Errorf("status %d, %d bytes", got.status, len(got.body))
	}
	try("  ").expect(t, http.StatusUnprocessableEntity, "Tempelkan teksnya")
	if strings.Contains(s.log.String(), "ramai-ramai") {
		t.Error("the text is in the log")
	}
}

func TestAReportShowsOnlyTheReadersRegions(t *testing.T) {
	s := newSite(t, options{})
	all, landak := s.operator("ani"), s.operator("landak", "61.08")
	report := backtest.Report{
		Added: 1, Dropped: 1, LostConfirmed: []backtest.Finding{found("x:2", "35.77", "coblos nomor 2 di Madiun", true, false)},
		AddedSamples: []backtest.Finding{found("x:1", "61.08", "coblos nomor 2 di Landak", false, true)}, DroppedSamples: []backtest.Finding{found("x:2", "35.77", "coblos nomor 2 di Madiun", true, false)},
	}
	number, err := s.desk.tests.New(t.Context(), s.draftVersion("latihan").Version, time.Time{}, time.Time{}, "ani")
	if err == nil {
		err = s.desk.finish(t.Context(), number, report)
	}
	if err != nil {
		t.Fatal(err)
	}
	all.get("/tuning/backtests/2").expect(t, http.StatusOK, "di Madiun", "di Landak")
	got := landak.get("/tuning/backtests/2").expect(t, http.StatusOK, "di Landak", "di luar wilayah Anda")
	if strings.Contains(got.body, "Madiun") {
		t.Error("a post of another region is shown")
	}
}

func TestABackTestIsStoppedAndGoesOn(t *testing.T) {
	s := newSite(t, options{})
	ani := s.operator("ani")
	got := ani.submit(practice, practice+"/backtests", nil).expect(t, http.StatusSeeOther)
	page := got.header.Get("Location")
	ani.submit(page, page+"/stop", nil).expect(t, http.StatusSeeOther)
	ani.get(page).expect(t, http.StatusOK, "Dihentikan", "Lanjutkan")
	if goOn, err := s.desk.book.SaveBacktest(t.Context(), s.desk.tests.started[0], 10, 5, nil); err != nil || goOn {
		t.Errorf("its process is not told: %v %v", goOn, err)
	}
	ani.submit(page, page+"/resume", nil).expect(t, http.StatusSeeOther)
	if len(s.desk.tests.started) != 2 {
		t.Errorf("started %v", s.desk.tests.started)
	}
}

// TestTuningPagesStaySmall fills a draft with thousands of rules and words.
func TestTuningPagesStaySmall(t *testing.T) {
	s := newSite(t, options{})
	ani := s.operator("ani")
	var list strings.Builder
	list.WriteString("list: besar\nlabel: support\nrules:\n")
	for i := range 1500 {
		word := strings.Repeat(string(rune('a'+i%26)), 3) + strings.Repeat("k", i/26)
		list.WriteString("  - {id: r" + strings.Repeat("x", i%40) + word + ", any: [\"" + word + " raya\"]}\n")
	}
	draft := s.draftVersion("latihan")
	bundle, err := s.desk.book.Bundle(t.Context(), draft.Version)
	if err != nil {
		t.Fatal(err)
	}
	if bundle, err = bundle.With("keywords/besar.yaml", []byte(list.String())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.desk.book.Change(t.Context(), "latihan", 0, bundle, "ani", ""); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{practice, practice + "?q=raya", "/tuning/diff?from=1&to=draft:latihan", practice + "/words", practice + "/try", "/tuning"} {
		if got := ani.get(path); got.status != http.StatusOK || len(got.body) > 200<<10 {
			t.Errorf("%s: status %d, %d bytes", path, got.status, len(got.body))
		}
	}
}
