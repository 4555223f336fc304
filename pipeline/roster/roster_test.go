package roster_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/strict"
)

func day(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	date, err := time.ParseInLocation(time.DateOnly, s, strict.WIB)
	if err != nil {
		panic(err)
	}
	return date
}

func entry(account, agency, from, until string) roster.Entry {
	return roster.Entry{
		Platform: "x", AccountID: account,
		Person:    post.Person{PersonID: "hmac:" + account, Name: "Nama " + account, Agency: agency},
		ValidFrom: day(from), ValidUntil: day(until),
	}
}

func TestResolve(t *testing.T) {
	r := roster.New([]roster.Entry{
		entry("1", "baru", "2024-09-01", ""),
		entry("1", "lama", "2020-01-01", "2024-08-31"),
		entry("1", "pertama", "2010-01-01", "2010-01-01"),
		entry("2", "lain", "2020-01-01", ""),
	})
	tests := map[string]struct{ key, at, want string }{
		"open period":                 {"x:1", "2030-01-01T00:00:00+07:00", "baru"},
		"its first second in WIB":     {"x:1", "2024-09-01T00:00:00+07:00", "baru"},
		"the last second before":      {"x:1", "2024-08-31T23:59:59.999+07:00", "lama"},
		"the same in UTC":             {"x:1", "2024-08-31T16:59:59Z", "lama"},
		"after the change in UTC":     {"x:1", "2024-08-31T17:00:00Z", "baru"},
		"a period of one day":         {"x:1", "2010-01-01T12:00:00+07:00", "pertama"},
		"between periods":             {"x:1", "2015-01-01T00:00:00Z", ""},
		"before the first period":     {"x:1", "2009-12-31T23:59:59+07:00", ""},
		"another account":             {"x:2", "2024-01-01T00:00:00Z", "lain"},
		"an unknown account":          {"x:3", "2024-01-01T00:00:00Z", ""},
		"the same id, other platform": {"web:1", "2024-10-01T00:00:00Z", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			person, ok := r.Resolve(test.key, at)
			if person.Agency != test.want || ok != (test.want != "") {
				t.Errorf("got %+v, %t; want agency %q", person, ok, test.want)
			}
		})
	}
	if r.Len() != 2 || !r.Has("x:1") || r.Has("x:3") {
		t.Errorf("Len %d, Has(x:1) %t, Has(x:3) %t", r.Len(), r.Has("x:1"), r.Has("x:3"))
	}
}

func TestVersionIsOfTheEntriesNotTheirOrder(t *testing.T) {
	entries := []roster.Entry{entry("1", "a", "2020-01-01", ""), entry("2", "b", "2020-01-01", "")}
	version := roster.Version(entries)
	slices.Reverse(entries)
	if roster.Version(entries) != version {
		t.Error("another order has another version")
	}
	entries[0].Person.Agency = "c"
	if roster.Version(entries) == version {
		t.Error("a changed entry has the same version")
	}
}

func TestMerge(t *testing.T) {
	type entries = []roster.Entry
	tests := map[string]struct {
		stored, imported, want entries
		changes                roster.Changes
	}{
		"first import": {
			nil, entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "a", "2020-01-01", "")},
			roster.Changes{New: 1},
		},
		"the same again": {
			entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "a", "2020-01-01", "")},
			roster.Changes{Unchanged: 1},
		},
		"another agency, corrected": {
			entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "b", "2020-01-01", "")}, entries{entry("1", "b", "2020-01-01", "")},
			roster.Changes{Changed: 1},
		},
		"ended by the file": {
			entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "a", "2020-01-01", "2024-01-01")}, entries{entry("1", "a", "2020-01-01", "2024-01-01")},
			roster.Changes{Ended: 1},
		},
		"moved to another agency": {
			entries{entry("1", "a", "2020-01-01", "")},
			entries{entry("1", "b", "2024-03-01", "")},
			entries{entry("1", "a", "2020-01-01", "2024-02-29"), entry("1", "b", "2024-03-01", "")},
			roster.Changes{New: 1, Ended: 1},
		},
		"not mentioned": {
			entries{entry("1", "a", "2020-01-01", ""), entry("3", "c", "2019-01-01", "2019-12-31")},
			entries{entry("2", "b", "2024-03-01", "")},
			entries{entry("1", "a", "2020-01-01", ""), entry("2", "b", "2024-03-01", ""), entry("3", "c", "2019-01-01", "2019-12-31")},
			roster.Changes{New: 1, Absent: 1},
		},
		"history stays": {
			entries{entry("1", "a", "2010-01-01", "2010-12-31"), entry("1", "b", "2020-01-01", "")},
			entries{entry("1", "b", "2020-01-01", "")},
			entries{entry("1", "a", "2010-01-01", "2010-12-31"), entry("1", "b", "2020-01-01", "")},
			roster.Changes{Unchanged: 1},
		},
		"an earlier start": {
			entries{entry("1", "a", "2020-01-01", "")}, entries{entry("1", "a", "2018-01-01", "")}, entries{entry("1", "a", "2018-01-01", "")},
			roster.Changes{New: 1},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, changes := roster.Merge(test.stored, test.imported)
			if roster.Version(got) != roster.Version(test.want) {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
			if changes != test.changes {
				t.Errorf("changes %+v, want %+v", changes, test.changes)
			}
		})
	}
}

func BenchmarkResolve(b *testing.B) {
	const accounts = 100_000
	entries := make([]roster.Entry, accounts)
	keys := make([]string, accounts)
	for i := range entries {
		entries[i] = entry(fmt.Sprint(i), fmt.Sprint("Dinas ", i%50), "2020-01-01", "")
		keys[i] = entries[i].Key()
	}
	r := roster.New(entries)
	at := day("2024-01-01")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := r.Resolve(keys[i%accounts], at); !ok {
			b.Fatal("not found")
		}
	}
}
