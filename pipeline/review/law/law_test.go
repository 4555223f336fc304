package law_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review/law"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, time.FixedZone("WIB", 7*60*60))
	if err != nil {
		panic(err)
	}
	return t
}

func TestTheStageAtThePostsDateDecidesTheCode(t *testing.T) {
	tests := map[string]struct {
		labels     []post.Label
		stage      string
		date       time.Time
		rules      string
		stageKnown bool
	}{
		"would-be candidate": {[]post.Label{post.Support}, "bakal_calon", day("2024-09-01"), "KE-2 KE-4 KE-5", true},
		"candidate":          {[]post.Label{post.Support}, "calon", day("2024-10-01"), "DS-2 DS-6 DS-7 DS-8", true},
		"silent days":        {[]post.Label{post.Support}, "masa_tenang", day("2024-11-25"), "DS-2 DS-6 DS-7 DS-8", true},
		"unknown stage":      {[]post.Label{post.Support}, "", day("2024-10-01"), "KE-2 KE-4 KE-5 DS-2 DS-6 DS-7 DS-8", false},
		"attack":             {[]post.Label{post.Attack}, "calon", day("2024-10-01"), "DS-12", true},
		"a promise too":      {[]post.Label{post.Support, post.OfficePromise}, "calon", day("2024-10-01"), "DS-2 DS-6 DS-7 DS-8 DS-12", true},
		"hate speech":        {[]post.Label{post.HateSpeech}, "calon", day("2024-10-01"), "", true},
		"before the decree":  {[]post.Label{post.Support}, "calon", day("2022-09-21"), "", true},
		"its first day":      {[]post.Label{post.Support}, "calon", day("2022-09-22"), "DS-2 DS-6 DS-7 DS-8", true},
		"nothing":            {nil, "calon", day("2024-10-01"), "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := law.Suggest(test.labels, test.stage, test.date)
			var codes []string
			for _, r := range s.Rules {
				codes = append(codes, r.Code)
				if !strings.HasPrefix(r.Text.ID, "dugaan ") || !strings.HasPrefix(r.Text.EN, "alleged: ") {
					t.Errorf("%s is not said to be alleged: %+v", r.Code, r.Text)
				}
			}
			if got := strings.Join(codes, " "); got != test.rules || s.StageKnown != test.stageKnown {
				t.Errorf("rules %q, stage known %t; want %q, %t", got, s.StageKnown, test.rules, test.stageKnown)
			}
		})
	}
}

func TestTheBasisIsThatOfTheDate(t *testing.T) {
	codes := func(label post.Label, date string) (codes []string) {
		for _, b := range law.Suggest([]post.Label{label}, "calon", day(date)).Basis {
			codes = append(codes, b.Code)
		}
		return codes
	}
	for _, test := range []struct {
		label post.Label
		date  string
		code  string
		want  bool
	}{
		{post.Hoax, "2024-10-01", "ITE-28-3", true}, {post.Hoax, "2023-10-01", "ITE-28-3", false},
		{post.HateSpeech, "2026-01-01", "KUHP-242", false}, {post.HateSpeech, "2026-01-02", "KUHP-242", true},
		{post.MoneyPolitics, "2024-10-01", "UU10-187A", true}, {post.MoneyPolitics, "2024-10-01", "PP94-5n", true},
	} {
		if got := slices.Contains(codes(test.label, test.date), test.code); got != test.want {
			t.Errorf("%s on %s: %s %t, want %t", test.label, test.date, test.code, got, test.want)
		}
	}
	for _, label := range post.Labels {
		if len(codes(label, "2024-10-01")) == 0 {
			t.Errorf("%s has no legal basis", label)
		}
	}
	if a, b := law.Suggest(nil, "", day("2024-08-01")).Agency, law.Suggest(nil, "", day("2024-10-01")).Agency; a != "KASN" || b != "BKN" {
		t.Errorf("agencies %s and %s", a, b)
	}
}

func TestABadFileSaysWhere(t *testing.T) {
	for data, want := range map[string]string{
		"rules:\n  - {code: XX-1, from: 2022-09-22}\n":                         "KE-4",
		"rules:\n  - {code: KE-1, from: 2022-09-22, labels: [like]}\n":         "support",
		"rules:\n  - {code: KE-1, from: 2022-09-22, until: 2021-01-01}\n":      "after from",
		"basis:\n  - {code: A, regime: dunia, article: a, from: 2022-09-22}\n": "pilkada",
		"stages:\n  - {stage: calon, part: ZZ}\n":                              "KE",
		"rule: []\n": "rules",
		"basis:\n  - {code: A, regime: asn, article: a}\n  - {code: A, regime: asn}\n": "once",
	} {
		_, err := law.Parse("f.yaml", []byte(data))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "f.yaml:") {
			t.Errorf("%q: %v, want it to say %q", data, err, want)
		}
	}
	if !law.Known("DS-6") || law.Known("DS-99") || law.Known("") {
		t.Error("known codes")
	}
}
