package roster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/strict"
)

var key = []byte("a key of thirty-two bytes or more")

const (
	header = "nip,name,agency,unit,position,region,status,valid_from,valid_until,platform,account_id,handle,basis\n"
	nip    = "198001012005011001"
	row    = nip + ",Budi  Santoso,Dinas  Pendidikan,SMAN 1,Guru,61.08,PNS,2020-01-01,2024-08-31,mastodon,42,@budi@contoh.id,profil menyebut NIP\n"
)

func TestParseCSVReadsARow(t *testing.T) {
	want := []roster.Entry{{
		Platform: "mastodon", AccountID: "42", Handle: "@budi@contoh.id",
		Person: post.Person{
			PersonID: "hmac:28cfef425ac0555ecbd05fb4d4dcf7ae26830c1e030725cf3b5a60e51d1125a4",
			Name:     "Budi Santoso", Agency: "Dinas Pendidikan", Unit: "SMAN 1", Position: "Guru",
			Region: "61.08", Status: "pns", Basis: "profil menyebut NIP",
		},
		ValidFrom:  time.Date(2020, 1, 1, 0, 0, 0, 0, strict.WIB),
		ValidUntil: time.Date(2024, 8, 31, 0, 0, 0, 0, strict.WIB),
	}}
	tests := map[string]string{
		"plain":             header + row,
		"byte order mark":   "\ufeff" + header + row,
		"CRLF":              strings.ReplaceAll(header+row, "\n", "\r\n"),
		"mixed line ends":   strings.Replace(header+row, "\n", "\r\n", 1),
		"no last line end":  header + strings.TrimSuffix(row, "\n"),
		"blank lines":       header + "\n\r\n" + row + "\n",
		"NIP in groups":     header + strings.Replace(row, nip, "19800101 200501 1 001", 1),
		"columns elsewhere": reversed(header) + reversed(row),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := roster.ParseCSV("roster.csv", strings.NewReader(text), key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func reversed(line string) string {
	fields := strings.Split(strings.TrimSpace(line), ",")
	for i, j := 0, len(fields)-1; i < j; i, j = i+1, j-1 {
		fields[i], fields[j] = fields[j], fields[i]
	}
	return strings.Join(fields, ",") + "\n"
}

func TestParseCSVHashesTheNumberUnderTheKey(t *testing.T) {
	id := func(text string, key []byte) string {
		t.Helper()
		entries, err := roster.ParseCSV("roster.csv", strings.NewReader(header+text), key)
		if err != nil {
			t.Fatal(err)
		}
		return entries[0].Person.PersonID
	}
	first := id(row, key)
	// The value was made with: printf 198001012005011001 | openssl dgst -sha256 -hmac "$KEY"
	if want := "hmac:28cfef425ac0555ecbd05fb4d4dcf7ae26830c1e030725cf3b5a60e51d1125a4"; first != want {
		t.Errorf("hash %s, want %s", first, want)
	}
	if other := id(row, []byte(strings.Repeat("k", 32))); other == first {
		t.Error("another key gives the same hash")
	}
	if strings.Contains(first, nip) {
		t.Error("the hash holds the number")
	}
	if _, err := roster.ParseCSV("roster.csv", strings.NewReader(header+row), key[:31]); err == nil ||
		!strings.Contains(err.Error(), "31 bytes; allowed: 32 or more") {
		t.Errorf("short key: %v", err)
	}
}

func TestParseCSVNamesWhatIsWrong(t *testing.T) {
	with := func(old, now string) string { return header + strings.Replace(row, old, now, 1) }
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty file":       {"", []string{`roster.csv:1: the file is empty; allowed: a header line`}},
		"missing column":   {strings.Replace(header, "basis", "handle2", 1), []string{`unknown column "handle2" (did you mean "handle"?); allowed: nip,`, `column "basis" is missing`}},
		"repeated column":  {strings.Replace(header, "basis", "name", 1), []string{`column "name" stands there twice`, `column "basis" is missing`}},
		"semicolons":       {strings.ReplaceAll(header, ",", ";"), []string{"separated by semicolons; allowed: commas"}},
		"UTF-16":           {"\xff\xfen\x00", []string{"UTF-16; allowed: UTF-8"}},
		"short row":        {header + "a,b\n", []string{"roster.csv:2: 2 columns; allowed: 13"}},
		"invalid UTF-8":    {with("Guru", "Gur\xff"), []string{`roster.csv:2: column "position": value "Gur\xff"; allowed: valid UTF-8`}},
		"control":          {with("Guru", "Gu\x00ru"), []string{`column "position"`, "no control characters"}},
		"platform":         {with("mastodon", "friendster"), []string{`column "platform": value "friendster"; allowed: bluesky, facebook`}},
		"region":           {with("61.08", "6108"), []string{`column "region": value "6108"; allowed: a code such as 61`}},
		"valid_from":       {with("2020-01-01", "01/01/2020"), []string{`column "valid_from": value "01/01/2020"; allowed: a date`}},
		"no valid_from":    {with("2020-01-01", ""), []string{`column "valid_from": value missing`}},
		"impossible date":  {with("2024-08-31", "2024-02-30"), []string{`column "valid_until": value "2024-02-30"`}},
		"until first":      {with("2024-08-31", "2019-12-31"), []string{`column "valid_until": value "2019-12-31"; allowed: a date from valid_from (2020-01-01) on`}},
		"no account":       {with(",42,", ",,"), []string{`column "account_id": value missing`}},
		"no name":          {with("Budi  Santoso", " "), []string{`column "name": value missing`}},
		"short NIP":        {with(nip, nip[:17]), []string{`column "nip": value of 17 digits (not shown); allowed: the 18 digits of a NIP or the 16 of a NIK`}},
		"letters in NIP":   {with(nip, nip[:17]+"O"), []string{`value of 18 characters, not all of them digits (not shown)`}},
		"bad quotes":       {with("Guru", `Gu"ru`), []string{"roster.csv:2: not valid CSV"}},
		"the same twice":   {header + row + row, []string{"roster.csv:3: account_id \"42\" on mastodon has a period that overlaps the one in line 2"}},
		"one day too many": {header + row + strings.Replace(row, "2020-01-01,2024-08-31", "2024-08-31,", 1), []string{"overlaps the one in line 2"}},
		"two lines": {header + strings.Replace(row, "61.08", "x", 1) + strings.Replace(row, "PNS,2020", "PNS,x", 1),
			[]string{`roster.csv:2: column "region"`, `roster.csv:3: column "valid_from"`}},
		"NIP elsewhere":         {with("61.08", nip), []string{`column "region": value (not shown, since it may be a NIP or NIK)`}},
		"NIP as the header":     {row, []string{"unknown column (not shown"}},
		"NIP in groups, region": {with("61.08", "19800101 200501 1 001"), []string{"not shown"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := roster.ParseCSV("roster.csv", strings.NewReader(test.text), key)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant it to contain %q", err, want)
				}
			}
			if strings.Contains(err.Error(), nip[:17]) || strings.Contains(err.Error(), "200501 1") {
				t.Errorf("the message shows the NIP: %v", err)
			}
		})
	}
}

func TestParseCSVKeepsPeriodsThatFollowOneAnother(t *testing.T) {
	text := header + row + strings.Replace(row, "2020-01-01,2024-08-31", "2024-09-01,", 1)
	entries, err := roster.ParseCSV("roster.csv", strings.NewReader(text), key)
	if err != nil || len(entries) != 2 {
		t.Errorf("got %d entries, %v", len(entries), err)
	}
}

func TestParseCSVTellsAFewOfManyProblems(t *testing.T) {
	text := header + strings.Repeat("a,b\n", 1000)
	_, err := roster.ParseCSV("roster.csv", strings.NewReader(text), key)
	if err == nil || strings.Count(err.Error(), "\n") > 60 || !strings.Contains(err.Error(), "and 950 more") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseCSV(f *testing.F) {
	f.Add(header + row)
	f.Add("\ufeff" + header + "\"")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := roster.ParseCSV("f", strings.NewReader(text), key)
		if err != nil && len(entries) > 0 {
			t.Error("entries beside an error")
		}
		for i := range entries {
			if !strings.HasPrefix(entries[i].Person.PersonID, "hmac:") {
				t.Error("an entry without a hashed number")
			}
		}
	})
}

func BenchmarkParseCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString(header)
	for i := range 10_000 {
		fmt.Fprintf(&text, "%018d,Nama %d,Dinas %d,Unit,Staf,61.08,pns,2020-01-01,,x,%d,@a%d,profil\n", i, i, i%50, i, i)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := roster.ParseCSV("b", strings.NewReader(text.String()), key); err != nil {
			b.Fatal(err)
		}
	}
}
