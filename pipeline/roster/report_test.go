package roster_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/roster"
)

// rowsOf makes entries of rows "nip-digit name agency from until account".
func rowsOf(t *testing.T, rows ...string) []roster.Entry {
	t.Helper()
	var text strings.Builder
	text.WriteString(header)
	for _, row := range rows {
		f := strings.Split(row, "|")
		text.WriteString(strings.Repeat(f[0], 18) + "," + f[1] + "," + f[2] + ",,,61.08,pns," + f[3] + "," + f[4] + ",x," + f[5] + ",,dasar\n")
	}
	entries, err := roster.ParseCSV("r.csv", strings.NewReader(text.String()), key)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestCompareReportsWhatAnImportDoes(t *testing.T) {
	stored := []string{
		"1|Budi|Dinkes|2020-01-01||a",
		"2|Siti|Disdik|2020-01-01||b",
		"3|Ani|Setda|2020-01-01||c",
	}
	tests := map[string]struct {
		imported  []string
		news      []string
		conflicts []string
	}{
		"the same again": {stored, nil, nil},
		"a new account of a known person": {
			[]string{"1|Budi|Dinkes|2021-01-01||d"}, []string{"new x:d"}, nil,
		},
		"somebody retires": {
			[]string{"1|Budi|Dinkes|2020-01-01|2024-10-31|a"}, []string{"ended x:a valid_until"}, nil,
		},
		"another office from a day on": {
			[]string{"1|Budi|Setda|2024-11-01||a"}, []string{"ended x:a valid_until", "new x:a"}, nil,
		},
		"a correction": {
			[]string{"2|Siti Aminah|Disdik|2020-01-01||b"}, []string{"changed x:b name"}, nil,
		},
		"the account of somebody else": {
			[]string{"2|Siti|Disdik|2024-01-01||a"}, []string{"ended x:a valid_until", "new x:a"},
			[]string{`account "x:a" is tied to Budi (Dinkes) and to Siti (Disdik) from 2024-01-01`},
		},
		"the account of somebody else, from the same day on": {
			[]string{"2|Siti|Disdik|2020-01-01|2022-12-31|a"}, []string{"ended x:a nip,name,agency,valid_until"},
			[]string{`account "x:a" is tied to Budi (Dinkes) and to Siti (Disdik) from 2020-01-01 until 2022-12-31`},
		},
		"handed on, as both rows say": {
			[]string{"1|Budi|Dinkes|2020-01-01|2023-12-31|a", "2|Siti|Disdik|2024-01-01||a"},
			[]string{"ended x:a valid_until", "new x:a"}, nil,
		},
		"a period that swallows another": {
			[]string{"1|Budi|Dinkes|2019-01-01||a"}, []string{"new x:a"},
			[]string{`account "x:a" of Budi (Dinkes) has two periods that overlap from 2020-01-01`},
		},
		"a person in two agencies": {
			[]string{"3|Ani|Bappeda|2024-05-01||e"}, []string{"new x:e"},
			[]string{`Ani is in two agencies from 2024-05-01: Setda (account "x:c") and Bappeda (account "x:e")`},
		},
		"two agencies one after the other": {
			[]string{"3|Ani|Setda|2020-01-01|2024-04-30|c", "3|Ani|Bappeda|2024-05-01||e"},
			[]string{"ended x:c valid_until", "new x:e"}, nil,
		},
		"one number, two people": {
			[]string{"3|Joko|Setda|2024-05-01||e"}, []string{"new x:e"},
			[]string{`one NIP or NIK has two names from 2024-05-01: Ani (account "x:c") and Joko (account "x:e")`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			report := roster.Compare(rowsOf(t, stored...), rowsOf(t, test.imported...))
			var news, conflicts []string
			for _, c := range report.News {
				line := string(c.Kind) + " " + c.After.Key()
				if c.Kind != roster.ChangeNew {
					line += " " + strings.Join(c.Fields(), ",")
				}
				news = append(news, line)
			}
			for _, c := range report.Conflicts {
				conflicts = append(conflicts, c.String())
			}
			if diff := cmp.Diff(test.news, news); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.conflicts, conflicts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccountsAreThoseThatCountNowOrDidUntilLately(t *testing.T) {
	entries := rowsOf(t,
		"1|Budi|Dinkes|2020-01-01||a",
		"2|Siti|Disdik|2020-01-01|2024-10-31|b", // retired last month
		"3|Ani|Setda|2025-01-01||c",             // begins next year
		"4|Joko|Setda|2019-01-01|2020-12-31|d",
		"4|Joko|Bappeda|2021-01-01||d",
	)
	r := roster.New(entries)
	now := entries[0].ValidFrom.AddDate(4, 10, 4) // 2024-11-05
	ids := func(days int) (list []string) {
		for _, a := range r.Accounts("x", now.AddDate(0, 0, -days), now) {
			list = append(list, a.ID+" "+a.Name+" "+a.Region)
		}
		return list
	}
	if diff := cmp.Diff([]string{"a Budi 61.08", "b Siti 61.08", "d Joko 61.08"}, ids(7)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a Budi 61.08", "d Joko 61.08"}, ids(3)); diff != "" {
		t.Error(diff)
	}
	if got := r.Accounts("x", now, now)[1]; !got.Until.IsZero() || got.From.Year() != 2021 {
		t.Errorf("the office of today is %+v", got)
	}
	if got := r.Accounts("mastodon", now, now); got != nil {
		t.Errorf("%v", got)
	}
}

func TestSilentIsByRegionAndStage(t *testing.T) {
	elections, err := roster.ParseElections("e.yaml", []byte(`
elections:
  - id: landak
    name: Landak
    region: "61.08"
    stages: [{name: calon, from: 2024-09-22}, {name: masa_tenang, from: 2024-11-24}, {name: pemungutan_suara, from: 2024-11-27}]
    contestants: [{id: landak-1, number: 1, names: [A]}]
`))
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) (at bool, elsewhere bool, unknown bool) {
		when := elections.Elections[0].Stages[1].From.AddDate(0, 0, n)
		return elections.Silent("61.08.05", when), elections.Silent("62.01", when), elections.Silent("", when)
	}
	for n, want := range map[int]bool{-1: false, 0: true, 2: true, 3: false} {
		if here, elsewhere, unknown := day(n); here != want || elsewhere || unknown != want {
			t.Errorf("day %d: %v %v %v", n, here, elsewhere, unknown)
		}
	}
}

func TestKeysAreOfAccountsThatCountAtTheTime(t *testing.T) {
	entry := func(platform, id, from, until string) roster.Entry {
		e := roster.Entry{Platform: platform, AccountID: id, ValidFrom: day(from)}
		if until != "" {
			e.ValidUntil = day(until)
		}
		return e
	}
	r := roster.New([]roster.Entry{
		entry("x", "1", "2020-01-01", ""), entry("tiktok", "2", "2020-01-01", "2021-01-01"), entry("rss", "3", "2030-01-01", ""), entry("rss", "0", "2020-01-01", ""),
	})
	if diff := cmp.Diff([]string{"rss:0", "x:1"}, r.Keys(day("2024-11-20"))); diff != "" {
		t.Error(diff)
	}
}
