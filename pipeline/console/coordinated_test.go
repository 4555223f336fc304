package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
)

func TestClustersAreListedByRankWithTheirReasons(t *testing.T) {
	s, all := coordinatedSite(t)
	s.addPeople()
	v := s.visit()
	v.login("andi", secret)
	got := v.get("/clusters")
	for _, want := range []string{"42 unggahan dari 42 akun", "120 unggahan dari 120 akun", "ucapan selamat", "meneruskan unggahan orang lain", "3 kelompok", "Tinggi"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if campaign, greeting := strings.Index(got.body, "42 unggahan"), strings.Index(got.body, "120 unggahan"); campaign > greeting {
		t.Error("the greeting is before the campaign")
	}
	if got := v.get("/clusters?grade=high"); strings.Contains(got.body, "ucapan selamat") || !strings.Contains(got.body, "42 unggahan") {
		t.Error("the grade does not filter")
	}
	if got := v.get("/clusters?lang=en"); !strings.Contains(got.body, "42 posts by 42 accounts") {
		t.Error("the list is not in English")
	}
	page := v.get("/clusters/" + all[0].ID + "?lang=id")
	if page.status != http.StatusOK || strings.Count(page.body, "Buka unggahan") != min(25, all[0].Flagged) || !strings.Contains(page.body, "coblos nomor 2") {
		t.Errorf("the cluster's page has %d flagged posts, want %d", strings.Count(page.body, "Buka unggahan"), all[0].Flagged)
	}
}

func TestAClusterShowsNumbersOfOtherRegionsAndPostsOfOwn(t *testing.T) {
	s, all := coordinatedSite(t)
	s.add(state.NewUser{Name: "landak", Role: access.Analyst, Regions: []string{"61.08"}, Password: secret})
	s.add(state.NewUser{Name: "kalteng", Role: access.Analyst, Regions: []string{"62.08"}, Password: secret})
	v := s.visit()
	v.login("landak", secret)
	page := v.get("/clusters/" + all[0].ID)
	own := strings.Count(page.body, "Buka unggahan")
	if page.status != http.StatusOK || own == 0 || own >= all[0].Flagged {
		t.Errorf("status %d, %d posts of %d shown", page.status, own, all[0].Flagged)
	}
	if !strings.Contains(page.body, "di luar wilayah Anda") || !strings.Contains(page.body, "42") {
		t.Error("the numbers of other regions are not told")
	}
	other := s.visit()
	other.login("kalteng", secret)
	if got := other.get("/clusters/" + all[0].ID); got.status != http.StatusNotFound {
		t.Errorf("a cluster of other regions: status %d", got.status)
	}
	if _, err := s.Audit().Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	administrator := s.visit()
	administrator.login(s.admin, s.secret)
	if got := administrator.get("/audit"); !strings.Contains(got.body, "cluster "+all[0].ID) {
		t.Error("that a cluster was looked at is not in the log")
	}
}

func TestACaseIsMadeOfAClustersPosts(t *testing.T) {
	s, all := coordinatedSite(t)
	s.addPeople()
	v := s.visit()
	v.login("andi", secret)
	page := "/clusters/" + all[0].ID
	ids := regexp.MustCompile(`name="post" value="([^"]+)"`).FindAllStringSubmatch(v.get(page).body, -1)
	if len(ids) != min(25, all[0].Flagged) {
		t.Fatalf("the form has %d posts, want %d", len(ids), min(25, all[0].Flagged))
	}
	fields := url.Values{"kind": {"copies"}, "title": {"Unggahan serempak"}, "item": {ids[0][1]}}
	for _, id := range ids {
		fields.Add("post", id[1])
	}
	if got := v.submit(page, "/cases", fields); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/cases/") {
		t.Errorf("status %d, sent to %q", got.status, got.header.Get("Location"))
	}
}

// TestCoordinatedInBrowser runs the pages of clusters in a real Chromium.
func TestCoordinatedInBrowser(t *testing.T) {
	needsBrowser(t)
	s, _ := coordinatedSite(t)
	s.addPeople()
	inBrowser(t, "coordinated.test.mjs", "NETRA_URL="+s.url, "NETRA_PASSWORD="+secret)
	if t.Failed() {
		t.Logf("the console's log:\n%s", s.log.String())
	}
}
