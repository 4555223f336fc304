package console_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

// present is when the tests of supervision take place.
var present = at(22, 21, 0)

// table reads a CSV that was exported, with its head.
func (v *visitor) table(path string) [][]string {
	v.t.Helper()
	got := v.get(path)
	if got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
		v.t.Fatalf("%s: status %d, %s: %.300s", path, got.status, got.header.Get("Content-Type"), got.body)
	}
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil {
		v.t.Fatal(err)
	}
	return rows
}

// column is a column of a table by its name, without the head.
func column(t *testing.T, rows [][]string, name string) []string {
	t.Helper()
	i := slices.Index(rows[0], name)
	if i < 0 {
		t.Fatalf("no column %q in %q", name, rows[0])
	}
	var cells []string
	for _, row := range rows[1:] {
		cells = append(cells, row[i])
	}
	return cells
}

// byHand are the flags and the posts of a period by day and value.
type byHand struct{ flagged, posts map[string]uint64 }

func (s *supervised) byHand(zone *time.Location, from, until time.Time, value func(*post.Flag) []string, of func(*post.HourlyCount) string, sees func(region string) bool) byHand {
	sums := byHand{map[string]uint64{}, map[string]uint64{}}
	key := func(at time.Time, value string) string { return at.In(zone).Format(time.DateOnly) + " " + value }
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(until) }
	for i := range s.flags {
		f := &s.flags[i]
		values := value(f)
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			if within(f.Post.CreatedAt) && sees(f.Person.Region) {
				sums.flagged[key(f.Post.CreatedAt, value)]++
			}
		}
	}
	for i := range s.counts {
		if c := &s.counts[i]; within(c.Hour) && sees(c.Region) {
			sums.posts[key(c.Hour, of(c))] += c.Posts
		}
	}
	return sums
}

func labelsOf(f *post.Flag) (values []string) {
	for _, l := range f.Verdict.Labels {
		values = append(values, string(l.Label))
	}
	return values
}

func TestTrendsAgreeWithACountByHand(t *testing.T) {
	s := newSupervised(t, present, nil)
	all := func(string) bool { return true }
	within := func(outer string) func(string) bool {
		return func(region string) bool { return access.Within(region, outer) }
	}
	province := func(region string) string { return region[:2] }
	for name, test := range map[string]struct {
		who, query string
		zone       string
		value      func(*post.Flag) []string
		of         func(*post.HourlyCount) string
		sees       func(string) bool
		ofAll      bool
	}{
		"labels":                  {"citra", "by=label", "Asia/Jakarta", labelsOf, func(*post.HourlyCount) string { return "" }, all, true},
		"labels, far in the east": {"citra", "by=label&zone=WIT", "Asia/Jayapura", labelsOf, func(*post.HourlyCount) string { return "" }, all, true},
		"provinces":               {"citra", "by=region", "Asia/Jakarta", func(f *post.Flag) []string { return []string{province(f.Person.Region)} }, func(c *post.HourlyCount) string { return province(c.Region) }, all, false},
		"regions of a supervisor": {"kalbar", "by=region", "Asia/Jakarta", func(f *post.Flag) []string { return []string{f.Person.Region} }, func(c *post.HourlyCount) string { return c.Region }, within("61"), false},
		"platforms in a region":   {"citra", "by=platform&region=61.08&zone=WITA", "Asia/Makassar", func(f *post.Flag) []string { return []string{f.Post.Platform} }, func(c *post.HourlyCount) string { return c.Platform }, within("61.08"), false},
		"another's region":        {"madiun", "by=language&region=61", "Asia/Jakarta", func(*post.Flag) []string { return nil }, func(c *post.HourlyCount) string { return c.Language }, func(string) bool { return false }, false},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			from, until := time.Date(2024, 11, 1, 0, 0, 0, 0, zone), time.Date(2024, 11, 21, 0, 0, 0, 0, zone)
			rows := s.boss(test.who).table("/trends/export?from=2024-11-01&until=2024-11-20&" + test.query)
			got := byHand{map[string]uint64{}, map[string]uint64{}}
			for _, row := range rows[1:] {
				flagged, _ := strconv.ParseUint(row[5], 10, 64)
				posts, _ := strconv.ParseUint(row[6], 10, 64)
				if flagged > 0 {
					got.flagged[row[0]+" "+row[3]] = flagged
				}
				value := row[3]
				if test.ofAll {
					value = ""
				}
				if posts > 0 {
					got.posts[row[0]+" "+value] = posts
				}
				rate, _ := strconv.ParseFloat(row[7], 64)
				if want := 1000 * float64(flagged) / float64(posts); posts > 0 && (rate < want-1e-9 || rate > want+1e-9) {
					t.Errorf("%q: the rate is %s, want %f", row, row[7], want)
				}
				if posts == 0 && row[7] != "" {
					t.Errorf("%q: a rate of no posts", row)
				}
			}
			want := s.byHand(zone, from, until, test.value, test.of, test.sees)
			if test.ofAll { // a day without flags has no row
				for key := range want.posts {
					if got.posts[key] == 0 {
						delete(want.posts, key)
					}
				}
			}
			if diff := cmp.Diff(want.flagged, got.flagged); diff != "" {
				t.Errorf("flagged: %s", diff)
			}
			if diff := cmp.Diff(want.posts, got.posts); diff != "" {
				t.Errorf("posts: %s", diff)
			}
			if name != "another's region" && len(got.flagged) == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}

func TestThePageOfTrendsHasTheSameNumbers(t *testing.T) {
	s := newSupervised(t, present, nil)
	var posts, flagged uint64
	for _, c := range s.counts {
		posts += c.Posts
	}
	for range s.flags {
		flagged++
	}
	body := s.boss("citra").get("/trends?from=2024-10-01&until=2024-12-31&step=month").body
	for _, want := range []string{
		fmt.Sprintf(`<dd class="big">%d</dd>`, flagged), `<dd class="big">` + strings.Replace(strconv.FormatUint(posts, 10), "27", "27.", 1) + `</dd>`,
		`<dd class="big">` + strings.Replace(fmt.Sprintf("%.2f", 1000*float64(flagged)/float64(posts)), ".", ",", 1) + `</dd>`,
		"Okt 2024", "Nov 2024", "Des 2024",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for path, want := range map[string]string{
		"/trends?by=warna": "“warna” tidak dikenal", "/trends?zone=UTC": "“UTC” tidak dikenal", "/trends?from=kemarin": "“kemarin” tidak dikenal",
		"/trends?from=2024-11-20&until=2024-11-01": "Tanggal awal lebih lambat", "/trends?from=1990-01-01": "paling lama 10 tahun",
		"/coverage?state=baik": "“baik” tidak dikenal", "/trends?from=2015-01-01&until=2024-11-20&step=hour": "2015",
		"/trends?agency=%00&contestant=%27%3B--": `<dd class="big">0</dd>`,
	} {
		if got := s.boss("citra").get(path); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: status %d without %q", path, got.status, want)
		}
	}
}

// TestTheOverviewAgreesWithACountByHand has ten posts judged twice: seven alike,
// kappa (0.7-0.5)/(1-0.5), and last words of which six of ten are violations.
func TestTheOverviewAgreesWithACountByHand(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		s := newSupervised(t, present, func(c *console.Configuration) {
			c.Database, c.EncryptionSecret = address, strings.Repeat("rahasia ", 5)
		})
		body := s.boss("citra").get("/supervise?from=2024-11-01&until=2024-11-22").body
		bare := strings.Join(strings.Fields(markup.ReplaceAllString(body, " ")), " ")
		for _, want := range []string{
			"7 dari 10 unggahan; selang 95%: 39,7%–89,2%", `<dd class="big">0,40</dd>`, "kesepakatan lemah", "1 sudah diputus penyelia",
			"22 keputusan dalam periode ini",
			`<bdi>andi</bdi>`, "andi 11 6 5 0 0", "budi 10 6 4 0 0", "citra 1 1 0 0 0",
		} {
			if !strings.Contains(body, want) && !strings.Contains(bare, want) {
				t.Errorf("no %q", want)
			}
		}
		shares := sharesIn(body)
		for text, want := range map[string]string{
			"Menunggu": "101", "Perlu pendapat kedua": "1", "Beda pendapat": "2",
			"Lewat tenggat": "1", "Habis dalam 1 hari": "1", "Habis dalam 2 hari": "1", "Habis dalam 3 hari": "1",
		} {
			if shares[text] != want {
				t.Errorf("%s: %q, want %s", text, shares[text], want)
			}
		}
		right, judged := 0, 0
		for _, m := range rightOf.FindAllStringSubmatch(body[strings.Index(body, `id="precision-label"`):strings.Index(body, `id="precision-rule"`)], -1) {
			n, _ := strconv.Atoi(m[1])
			of, _ := strconv.Atoi(m[2])
			right, judged = right+n, judged+of
			low, high := review.Wilson(n, of)
			if want := fmt.Sprintf("%s–%s", percentage(low), percentage(high)); !strings.Contains(body, want) {
				t.Errorf("no interval %s of %d of %d", want, n, of)
			}
		}
		wantRight, wantJudged := s.judgedLabels(t)
		if right != wantRight || judged != wantJudged {
			t.Errorf("by label %d of %d right, want %d of %d", right, judged, wantRight, wantJudged)
		}
		for who, none := range map[string]string{"madiun": "@sumarni", "kalbar": "@wulan"} {
			if body := s.boss(who).get("/supervise?from=2024-11-01&until=2024-11-22").body; strings.Contains(body, none) || !strings.Contains(body, "hanya mencakup wilayah Anda") {
				t.Errorf("%s sees %s, or is not told of the limit", who, none)
			}
		}
		if body := s.boss("madiun").get("/supervise?from=2024-11-01&until=2024-11-22").body; !strings.Contains(body, "Belum ada keputusan") || strings.Contains(body, "andi") {
			t.Error("a supervisor of elsewhere sees the work of another region")
		}
	})
}

// judgedLabels counts the last words by label: a post with two counts for both,
// and a first word counts until there is a second one.
func (s *supervised) judgedLabels(t *testing.T) (right, judged int) {
	t.Helper()
	page, err := s.review.List(t.Context(), citra, review.Filter{Region: "61.08", Status: review.Statuses}, review.ByOldest, "", len(judging)+1)
	if err != nil {
		t.Fatal(err)
	}
	for i, item := range page.Items {
		last := review.Violation // the supervisor's on the third, and the first on the last
		if i != 2 && i < len(judging) {
			last = judging[i][1]
		}
		judged += len(item.Labels)
		if last == review.Violation {
			right += len(item.Labels)
		}
	}
	return right, judged
}

func percentage(share float64) string {
	return strings.TrimSuffix(strings.Replace(fmt.Sprintf("%.1f", 100*share), ".", ",", 1), ",0") + "%"
}

func TestCoverageIsToldAndLimited(t *testing.T) {
	s := newSupervised(t, present, nil)
	v := s.boss("citra")
	body := v.get("/coverage").body
	for _, want := range []string{"4 dari 9 akun (44,4%)", "Pada 2 akun lain", "akun ini tidak lagi terbuka untuk umum", "36 jam", "platform membatasi permintaan", "Tidak ada sumber yang dipasang"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	for name, test := range map[string]struct {
		who, query string
		want       []string
	}{
		"all":           {"citra", "", []string{"full-1", "full-3", "gap-2", "none-1", "unwatched-2", "full-2", "gap-1", "none-2", "unwatched-1"}},
		"a state":       {"citra", "state=none", []string{"none-1", "none-2"}},
		"a platform":    {"citra", "platform=x&state=full", []string{"full-2"}},
		"own regions":   {"madiun", "", []string{"none-1", "unwatched-2", "none-2"}},
		"not one's own": {"madiun", "region=61", nil},
		"an agency":     {"kalbar", "agency=Kecamatan+Sungai+Raya", []string{"gap-2", "gap-1", "unwatched-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			rows := s.boss(test.who).table("/coverage/export?" + test.query)
			if diff := cmp.Diff(test.want, column(t, rows, "Nomor akun")); diff != "" {
				t.Error(diff)
			}
		})
	}
	if body := s.boss("madiun").get("/coverage").body; strings.Contains(body, "full-1") || !strings.Contains(body, "3 dari 3 akun") {
		t.Error("a supervisor of one region sees accounts of another, or other shares")
	}
	if body := v.get("/coverage?after_platform=mastodon&after_account=none-1").body; strings.Contains(body, "@gap-2") || !strings.Contains(body, "@unwatched-2") {
		t.Error("a page does not begin behind the last account")
	}
}

func TestTheExportOfTheQueueIsTheList(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		s := newSupervised(t, present, func(c *console.Configuration) {
			c.Database, c.EncryptionSecret = address, strings.Repeat("rahasia ", 5)
		})
		for _, who := range []access.Viewer{citra, {Name: "madiun", Role: access.Supervisor, Regions: []string{"35.77"}}} {
			for query, filter := range map[string]review.Filter{
				"status=all":                 {Status: review.Statuses},
				"label=hoax&sort=oldest":     {Label: "hoax"},
				"region=35.77&q=catatan":     {Region: "35.77", Search: "catatan"},
				"platform=x&status=conflict": {Platform: "x", Status: []review.Status{review.Conflict}},
			} {
				sort := review.ByUrgency
				if strings.Contains(query, "oldest") {
					sort = review.ByOldest
				}
				page, err := s.review.List(t.Context(), who, filter, sort, "", review.MostPage)
				if err != nil {
					t.Fatal(err)
				}
				var want []string
				for i := range page.Items {
					want = append(want, page.Items[i].ID)
				}
				if diff := cmp.Diff(want, column(t, s.boss(who.Name).table("/queue/export?"+query), "Nomor unggahan")); diff != "" {
					t.Errorf("%s, %s: %s", who.Name, query, diff)
				}
			}
		}
	})
}

func TestExportsAreHarmlessToldOfAndWithoutSecrets(t *testing.T) {
	s := newSupervised(t, present, nil)
	v := s.boss("citra")
	got := v.get("/decisions/export?bom=1&from=2024-11-01&until=2024-11-22")
	if !strings.HasPrefix(got.body, "\ufeff") || got.header.Get("Content-Disposition") != `attachment; filename="netra-decisions-20241122-2100.csv"` || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("begins with %q, %v", got.body[:10], got.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 22 {
		t.Fatalf("%d rows (%v), want a head and 21: the one that waits for a second opinion is nobody's to see", len(rows), err)
	}
	for _, note := range column(t, rows, "Catatan") {
		if note != `'=HYPERLINK("http://x")` {
			t.Errorf("a note is %q", note)
		}
	}
	if handles := column(t, rows, "Nama akun"); !strings.HasPrefix(handles[0], "'@sumarni") {
		t.Errorf("a handle is %q", handles[0])
	}
	for _, path := range []string{"/queue/export?status=all", "/decisions/export", "/coverage/export", "/trends/export"} {
		for _, cell := range slices.Concat(v.table(path)...) {
			if slices.ContainsFunc([]string{"p1", "p2", "p3", "hmac:", "Sumarni Dewi", "NIP", "NIK"}, func(secret string) bool { return strings.HasPrefix(cell, secret) }) {
				t.Errorf("%s tells %q", path, cell)
			}
		}
	}
	entries := s.audited(t, "export")
	if len(entries) != 5 || entries[len(entries)-1].Actor != "citra" || entries[len(entries)-1].Subject != "decisions" || !strings.Contains(entries[len(entries)-1].Detail, `"period":"2024-11-01 2024-11-22"`) {
		t.Errorf("the audit log has %+v", entries)
	}
	if ended := s.audited(t, "export_done"); len(ended) != 5 || !strings.Contains(ended[len(ended)-1].Detail, `"rows":"21"`) {
		t.Errorf("the audit log has %+v", ended)
	}
	if got := v.get("/queue/export?format=pdf"); got.status != 400 || len(s.audited(t, "export")) != 5 {
		t.Errorf("an unknown format: status %d", got.status)
	}
}

// audited are the entries of an action, newest first.
func (s *supervised) audited(t *testing.T, action string) []audit.Entry {
	t.Helper()
	if _, err := s.Audit().Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Audit().List(t.Context(), audit.Filter{Action: action}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestAnExportAsAWorkbook(t *testing.T) {
	s := newSupervised(t, present, nil)
	got := s.boss("citra").get("/trends/export?format=xlsx&by=platform&lang=en")
	if got.status != 200 || !strings.Contains(got.header.Get("Content-Type"), "spreadsheetml") || !strings.HasSuffix(got.header.Get("Content-Disposition"), `.xlsx"`) {
		t.Fatalf("status %d, %v", got.status, got.header)
	}
	file, err := excelize.OpenReader(bytes.NewReader([]byte(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := file.GetRows("Trends")
	if err != nil || len(rows) < 20 || rows[0][0] != "From" || rows[1][4] != "Mastodon" {
		t.Errorf("%v (%v)", rows, err)
	}
}

func TestFiguresThatCannotBeHad(t *testing.T) {
	s := newSite(t, options{data: noFigures{}})
	v := s.loggedIn()
	for path, want := range map[string]int{"/supervise": 200, "/coverage": 503, "/trends": 503, "/coverage/export": 503, "/trends/export": 503, "/queue/export": 200} {
		if got := v.get(path); got.status != want {
			t.Errorf("%s: status %d, want %d", path, got.status, want)
		}
	}
	if body := v.get("/supervise").body; !strings.Contains(body, "ketepatan tidak dapat dihitung sekarang") {
		t.Error("the overview does not say that precision is missing")
	}
}

// noFigures is data of which nothing can be counted.
type noFigures struct{}

func (noFigures) Totals(context.Context) (store.Totals, error) { return store.Totals{}, nil }
