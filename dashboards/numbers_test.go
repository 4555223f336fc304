package dashboards_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(strings.ReplaceAll(name, "utc", "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

const day = 24 * time.Hour

// days is the time of the known data without the post of a month before; the range
// begins at midnight in Jakarta.
func days(zone string, step time.Duration, chosen map[string][]string) view {
	return view{from: time.Date(2024, 11, 19, 17, 0, 0, 0, time.UTC), until: time.Date(2024, 11, 25, 17, 0, 0, 0, time.UTC), zone: zone, step: step, chosen: chosen}
}

// long is the time of all of it.
func long(zone string, step time.Duration) view {
	return view{from: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), until: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), zone: zone, step: step}
}

func only(namesAndValues ...string) map[string][]string {
	chosen := map[string][]string{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		chosen[namesAndValues[i]] = append(chosen[namesAndValues[i]], namesAndValues[i+1])
	}
	return chosen
}

// number is a panel, how it is looked at, and what its query must return.
type number struct {
	uid, title string
	view       view
	columns    []string // empty for all
	want       []string
}

func TestPanelsShowTheRightNumbers(t *testing.T) {
	s := newSource(t)
	s.fill(t)
	for _, test := range numbers() {
		t.Run(fmt.Sprintf("%s/%s/%s %v %v", test.uid, test.title, test.view.zone, test.view.step, test.view.chosen), func(t *testing.T) {
			one := panelOf(t, test.uid, test.title).Targets[0]
			got, err := s.run(t, test.view, one.RawSQL, one.QueryType == "timeseries")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.text(zoneOf(t, test.view.zone), test.columns...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func numbers() []number {
	const uid = "netra-ringkasan"
	jakarta, makassar := "Asia/Jakarta", "Asia/Makassar"
	return []number{
		{uid, "Unggahan terkumpul", days(jakarta, time.Hour, nil), nil, []string{"200"}},
		{uid, "Unggahan terkumpul", long("utc", 30*day), nil, []string{"207"}},
		{uid, "Unggahan terkumpul", days(jakarta, time.Hour, only("agency", pendidikan)), nil, []string{"120"}},
		{uid, "Unggahan terkumpul", days(jakarta, time.Hour, only("election", "pilkada-landak")), nil, []string{"120"}},
		{uid, "Unggahan terkumpul", days(jakarta, time.Hour, only("label", "hoax")), nil, []string{"200"}},
		{uid, "Unggahan ditandai", days(jakarta, time.Hour, nil), nil, []string{"4"}},
		{uid, "Unggahan ditandai", long(jakarta, 30*day), nil, []string{"5"}},
		{uid, "Unggahan ditandai", days(jakarta, time.Hour, only("region", "61")), nil, []string{"3"}},
		{uid, "Unggahan ditandai", days(jakarta, time.Hour, only("region", landak, "region", madiun)), nil, []string{"3"}},
		{uid, "Unggahan ditandai", days(jakarta, time.Hour, only("election", "pilkada-landak")), nil, []string{"2"}},
		{uid, "Unggahan ditandai", days(jakarta, time.Hour, only("label", "attack", "platform", "x", "language", "id")), nil, []string{"1"}},
		{uid, "Tanda per 1.000 unggahan", days(jakarta, time.Hour, nil), nil, []string{"20"}},
		{uid, "Ketepatan yang ditinjau", days(jakarta, time.Hour, nil), nil, []string{"0.6667"}},
		{uid, "Ketepatan yang ditinjau", days(jakarta, time.Hour, only("platform", "youtube")), nil, []string{"0"}},
		{uid, "Diputus", days(jakarta, time.Hour, nil), nil, []string{"3"}},
		{uid, "Akun tercakup penuh", days(jakarta, time.Hour, nil), nil, []string{"0.5"}},
		{uid, "Semua unggahan dan yang ditandai", days(jakarta, day, nil), nil, []string{"11-20T00 | 175 | 4", "11-21T00 | 25 | 0"}},
		{uid, "Semua unggahan dan yang ditandai", days(makassar, day, nil), nil, []string{"11-20T00 | 150 | 2", "11-21T00 | 50 | 2"}},
		{uid, "Semua unggahan dan yang ditandai", days(jakarta, 6*time.Hour, nil), nil, []string{"11-20T06 | 150 | 2", "11-20T18 | 25 | 2", "11-21T06 | 25 | 0"}},
		{uid, "Semua unggahan dan yang ditandai", long("utc", 7*day), nil, []string{"10-21T00 | 7 | 1", "11-18T00 | 200 | 4"}},
		{uid, "Semua unggahan dan yang ditandai", long("Asia/Jayapura", 30*day), nil, []string{"10-01T00 | 7 | 1", "11-01T00 | 200 | 4"}},
		{uid, "Tanda menurut jenis", days(jakarta, day, nil), nil, []string{"11-20T00 | dukungan | 3", "11-20T00 | hoaks | 1", "11-20T00 | serangan | 1"}},
		{uid, "Tanda per 1.000 unggahan menurut jenis", days(jakarta, 7*day, nil), nil, []string{"11-18T00 | dukungan | 15", "11-18T00 | hoaks | 5", "11-18T00 | serangan | 5"}},
		{uid, "Tanda menurut peserta", days(jakarta, 7*day, nil), nil, []string{"11-18T00 | 1. Ani – Budi | 2", "11-18T00 | 1. Dedi | 1", "11-18T00 | 2. Citra | 1", "11-18T00 | tanpa peserta | 1"}},
		{uid, "Tanda per 1.000 unggahan menurut platform", days(jakarta, 7*day, nil), nil, []string{"11-18T00 | x | 15.3846", "11-18T00 | youtube | 200"}},
		{uid, "Tanda per 1.000 unggahan menurut provinsi", days(jakarta, 7*day, nil), nil, []string{"11-18T00 | Jawa Timur | 20", "11-18T00 | Kalimantan Barat | 24"}},
		{uid, "Ketepatan menurut jenis", days(jakarta, time.Hour, nil), nil, []string{
			"dukungan | 2 | 2 | 1 | 0.3424 | 1", "hoaks | 1 | 0 | 0 | 0 | 0.7935", "serangan | 1 | 1 | 1 | 0.2065 | 1"}},
		{uid, "Ketepatan menurut peserta", days(jakarta, time.Hour, nil), []string{"peserta", "diputus", "ketepatan"}, []string{"1. Ani – Budi | 2 | 1", "2. Citra | 1 | 1"}},
		{uid, "Peta provinsi", days(jakarta, time.Hour, nil), []string{"kode", "provinsi", "unggahan", "ditandai", "laju"}, []string{"61 | Kalimantan Barat | 125 | 3 | 24", "35 | Jawa Timur | 50 | 1 | 20"}},
		{uid, "Provinsi", days(jakarta, time.Hour, nil), nil, []string{"61 | Kalimantan Barat | 125 | 3 | 24", "35 | Jawa Timur | 50 | 1 | 20", " | tanpa wilayah | 25 | 0 | 0"}},
	}
}

// The dashboards must say the same as the console's pages, which ask store.Trends.
func TestNumbersAgreeWithTheConsolesTrends(t *testing.T) {
	s := newSource(t)
	s.fill(t)
	filters := map[string]struct {
		filter store.FlagFilter
		chosen map[string][]string
	}{
		"all":      {},
		"region":   {store.FlagFilter{Region: "61"}, only("region", "61")},
		"regency":  {store.FlagFilter{Region: landak}, only("region", landak)},
		"agency":   {store.FlagFilter{Agency: pendidikan}, only("agency", pendidikan)},
		"platform": {store.FlagFilter{Platform: "youtube"}, only("platform", "youtube")},
		"language": {store.FlagFilter{Language: "jv"}, only("language", "jv")},
		"label":    {store.FlagFilter{Label: post.Support}, only("label", "support")},
		"nothing":  {store.FlagFilter{Agency: "tidak ada"}, only("agency", "tidak ada")},
	}
	steps := map[string]time.Duration{"hour": time.Hour, "day": day, "week": 7 * day, "month": 30 * day}
	zones := []string{"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"}
	for name, f := range filters {
		for step, width := range steps {
			for i, zone := range zones {
				if name != "all" && i != len(name+step)%len(zones) {
					continue // each filter in some zone, all of them without one
				}
				t.Run(fmt.Sprintf("%s, a %s, %s", name, step, zone), func(t *testing.T) {
					v := days(zone, width, f.chosen)
					v.from = v.from.AddDate(0, -2, 0)
					one := panelOf(t, "netra-ringkasan", "Semua unggahan dan yang ditandai").Targets[0]
					got, err := s.run(t, v, one.RawSQL, true)
					if err != nil {
						t.Fatal(err)
					}
					f.filter.From, f.filter.Until = v.from, v.until
					trends, err := s.store.Trends(t.Context(), store.TrendQuery{Filter: f.filter, Step: step, Zone: zone})
					if err != nil {
						t.Fatal(err)
					}
					want := []string{}
					for _, trend := range trends {
						want = append(want, fmt.Sprintf("%s | %d | %d", trend.At.In(zoneOf(t, zone)).Format("01-02T15"), trend.Posts, trend.Flagged))
					}
					if diff := cmp.Diff(want, got.text(zoneOf(t, zone))); diff != "" {
						t.Error(diff)
					}
				})
			}
		}
	}
}
