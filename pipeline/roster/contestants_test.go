package roster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/roster"
)

const landak = `elections:
  - id: pilkada-2024-landak
    name: Pilkada Kabupaten Landak 2024
    region: "61.08"
    stages: [{name: bakal_calon, from: 2024-08-27}, {name: calon, from: 2024-09-22}, {name: selesai, from: 2025-02-20}]
    contestants:
      - id: landak-1
        number: 1
        names: ["Ani Sari", "Bima Tirta"]
        aliases: ["ANTIR"]
        parties: ["Partai Contoh"]
        hashtags: ["#antirmenang"]
        incumbent: true
      - id: landak-2
        number: 2
        names: ["Citra Dewi", "Dodo Eka"]
`

func TestElectionCoversRegionAndDate(t *testing.T) {
	elections, err := roster.ParseElections("c.yaml", []byte(landak))
	if err != nil {
		t.Fatal(err)
	}
	election := &elections.Elections[0]
	during := time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		region string
		at     time.Time
		want   bool
	}{
		"in the region":        {"61.08", during, true},
		"in a district of it":  {"61.08.05", during, true},
		"in its province":      {"61", during, true},
		"elsewhere":            {"62.01", during, false},
		"a like-named code":    {"61.0", during, false},
		"region unknown":       {"", during, true},
		"date unknown":         {"61.08", time.Time{}, true},
		"before the first day": {"61.08", time.Date(2024, 8, 26, 16, 59, 0, 0, time.UTC), false},
		"on the first day":     {"61.08", time.Date(2024, 8, 26, 17, 0, 0, 0, time.UTC), true},
		"after it finished":    {"61.08", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := election.Covers(test.region, test.at); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestContestantsErrorsNamePlaceAndWhatIsAllowed(t *testing.T) {
	tests := map[string]struct{ change, to, want string }{
		"unknown key":         {"number: 1", "nomer: 1", `c.yaml:8: key "elections[0].contestants[0].nomer"`},
		"number as text":      {"number: 1", `number: "1"`, "allowed: a whole number"},
		"number taken":        {"number: 2", "number: 1", `c.yaml:15: key "elections[0].contestants[1].number": value 1: allowed: a number that no other contestant has`},
		"id taken":            {"landak-2", "landak-1", "an id that is used once (line 7 has it)"},
		"bad region":          {`"61.08"`, `"Landak"`, "a region code such as"},
		"bad date":            {"2024-09-22", "22/9/2024", "a date such as 2024-08-27"},
		"stages out of order": {"2024-09-22", "2024-01-22", "a date after the stage before"},
		"hashtag without #":   {"#antirmenang", "antirmenang", "a hashtag that begins with #"},
		"two incumbents":      {"number: 2", "number: 2\n        incumbent: true", "one incumbent an election (contestants[0] is it)"},
		"no names":            {`["Citra Dewi", "Dodo Eka"]`, "[]", "at least one name"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := roster.ParseElections("c.yaml", []byte(strings.Replace(landak, test.change, test.to, 1)))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant it to contain %q", err, test.want)
			}
		})
	}
}
