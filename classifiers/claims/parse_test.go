package claims

import (
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseNamesWhatIsWrong(t *testing.T) {
	const head = "id,text,date,source,url,verdict\n"
	tests := map[string]struct{ in, want string }{
		"empty":          {"", "c.csv:1: the file is empty"},
		"no text":        {"id,date\n", "c.csv:1: the column text is missing"},
		"unknown column": {"id,text,when\n", `c.csv:1: column "when": allowed: id, text, date`},
		"twice":          {"id,text,id\n", `c.csv:1: column "id" occurs twice`},
		"no id":          {head + ",klaim,,,,\n", `c.csv:2:1: column "id": value "": allowed: a text`},
		"bad date":       {head + "a,klaim,,,,\nb,klaim,14-02-2024,,,\n", `c.csv:3:9: column "date": value "14-02-2024": allowed: a date such as`},
		"bad address":    {head + "a,klaim,,,javascript:x,\n", `c.csv:2:11: column "url": value "javascript:x": allowed: an address`},
		"bad verdict":    {head + "a,klaim,,,,mungkin\n", `c.csv:2:12: column "verdict": value "mungkin": allowed: false, misleading`},
		"too few values": {head + "a,klaim\n", "c.csv:2: wrong number of values: allowed: 6"},
		"open quote":     {head + "a,\"klaim,,,,\n", "c.csv:"},
		"not UTF-8":      {head + "a,kl\xffim,,,,\n", `column "text"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("c.csv", strings.NewReader(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
}

func TestParseReadsVerdictsInBothLanguages(t *testing.T) {
	claims, err := Parse("c.csv", strings.NewReader("\ufeffid,text,verdict\na,satu dua,SALAH\nb,\"tiga, empat\",menyesatkan\nc,lima,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"false", "misleading", "false"} {
		if claims[i].Verdict != want {
			t.Errorf("claim %s: verdict %q, want %q", claims[i].ID, claims[i].Verdict, want)
		}
	}
	if claims[1].Text != "tiga, empat" {
		t.Errorf("text %q", claims[1].Text)
	}
}

func TestCheckFindsWhatCannotWork(t *testing.T) {
	claims := []Claim{
		{ID: "a", Text: "Gajah terbang mendarat di alun-alun kota Banjarmasin", Verdict: "false"},
		{ID: "a", Text: "Buaya raksasa menelan perahu pengangkut logistik di Barito", Verdict: "false"},
		{ID: "b", Text: "pemilu curang", Verdict: "false"},
		{ID: "c", Text: "gajah TERBANG, mendarat di alun-alun kota banjarmasin!!", Verdict: "false"},
		{ID: "d", Text: "surat suara pemilih di TPS kota", Verdict: "false"},
		{ID: "e", Text: "benar", Verdict: "true"},
	}
	var got []string
	for _, f := range Check(claims) {
		got = append(got, f.String())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"claim a: the id is also that of the claim in row 1",
		"claim b: too short to match",
		"claim c: says the same as claim a",
		"claim d: too common to match",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d findings, want 4:\n%s", len(got), text)
	}
}

func TestTrueClaimsNeverMatch(t *testing.T) {
	text := "Gajah terbang mendarat di alun-alun kota Banjarmasin kemarin sore"
	var s Scratch
	if m := Build([]Claim{{ID: "a", Text: text, Verdict: "true"}}).Match(text, &s); len(m) > 0 {
		t.Errorf("got %s", show(m))
	}
	if m := Build([]Claim{{ID: "a", Text: text, Verdict: "false"}}).Match(text, &s); len(m) != 1 || m[0].Score < 0.95 {
		t.Errorf("got %s", show(m))
	}
}

func TestMatchSaysWhereTheClaimStands(t *testing.T) {
	const before, after = "Assalamualaikum, baca sampai habis ya. ", ". Wallahualam, semoga kita semua selamat"
	const claim = "Listrik akan dipadamkan serentak saat penghitungan suara supaya surat suara bisa ditukar"
	var s Scratch
	matches := library(t).Match(before+claim+after, &s)
	if len(matches) == 0 {
		t.Fatal("no match")
	}
	if m := matches[0]; m.Start != len(before) || m.End != len(before)+len(claim) {
		t.Errorf("%d to %d, want %d to %d", m.Start, m.End, len(before), len(before)+len(claim))
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	x := library(t)
	var s Scratch
	for _, text := range append([]string{"7 kontainer surat suara tercoblos di tanjung priok"}, ordinary...) {
		x.Match(text, &s)
		if n := testing.AllocsPerRun(50, func() { x.Match(text, &s) }); n != 0 {
			t.Errorf("%v allocations on %q", n, text)
		}
	}
}

// TestLargeLibraryStaysSmall measures what an index takes beside its claims, and
// that every claim finds itself among the others.
func TestLargeLibraryStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a large library")
	}
	claims := manyClaims(50_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := Build(claims)
	runtime.GC()
	runtime.ReadMemStats(&after)
	perClaim := float64(after.HeapAlloc-before.HeapAlloc) / float64(len(claims))
	t.Logf("%.0f bytes a claim", perClaim)
	if perClaim > 400 {
		t.Errorf("%.0f bytes a claim beside its text, want at most 400", perClaim)
	}
	var s Scratch
	lost := 0
	for i := 0; i < len(claims); i += 50 {
		if m := x.Match("lihat ini teman "+claims[i].Text+" astaga", &s); len(m) == 0 || m[0].Claim.ID != claims[i].ID {
			lost++
		}
	}
	if lost > 10 {
		t.Errorf("%d of 1000 claims do not find themselves", lost)
	}
	runtime.KeepAlive(x)
}

func FuzzParse(f *testing.F) {
	f.Add(defaultLibrary)
	f.Add("id,text\na,\"b\nc\"\n")
	f.Fuzz(func(t *testing.T, in string) {
		claims, err := Parse("c.csv", strings.NewReader(in))
		if err != nil {
			return
		}
		for _, c := range claims {
			if c.ID == "" || c.Text == "" || !utf8.ValidString(c.Text) {
				t.Fatalf("%+v", c)
			}
		}
		if len(claims) < 1000 {
			Check(claims)
		}
	})
}

func FuzzMatch(f *testing.F) {
	x := library(f)
	for _, text := range []string{"", "😡", "\xff", "7 kontainer surat suara tercoblos di tanjung priok", "http", "@", "1 2 3 4"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Scratch
		for _, m := range x.Match(text, &s) {
			if m.Score < Possible || m.Score > 1 || m.Start < 0 || m.Start >= m.End || m.End > len(text) {
				t.Fatalf("%+v of %d bytes", m, len(text))
			}
		}
	})
}
