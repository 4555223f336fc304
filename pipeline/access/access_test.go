package access

import "testing"

func TestAProvinceIncludesItsRegencies(t *testing.T) {
	viewer := Viewer{Role: Analyst, Regions: []string{"61", "63.05"}}
	for region, want := range map[string]bool{
		"61": true, "61.08": true, "61.08.05": true, "63.05": true, "63.05.01": true,
		"6": false, "63": false, "63.051": false, "611": false, "62.08": false, "": false,
	} {
		if got := viewer.Sees(region); got != want {
			t.Errorf("region %q seen: %v, want %v", region, got, want)
		}
	}
	if !(Viewer{Role: Analyst}).Sees("") {
		t.Error("a viewer of all regions does not see a post without a region")
	}
}

func TestNobodyReviewsAndAdministersAtOnce(t *testing.T) {
	for _, role := range Roles {
		if role.May(Review) && role.May(Administer) {
			t.Errorf("%s may review and administer", role)
		}
	}
	if Role("").May(Read) || Role("root").May(Read) {
		t.Error("an unknown role may read")
	}
}
