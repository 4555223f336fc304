package suggest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster/suggest"
)

var persons = []post.Person{
	{PersonID: "1", Name: "Norhalimah, S.Pd.", Agency: "Dinas Pendidikan Kabupaten Banua Hulu", Unit: "SDN 3 Sungai Pinang", Position: "Guru kelas"},
	{PersonID: "2", Name: "Drs. H. Mohammad Yusuf Rifani, M.Si.", Agency: "Satpol PP Kabupaten Banua Hulu", Position: "Kepala Satuan"},
	{PersonID: "3", Name: "Budi Santoso", Agency: "Dinas Kesehatan Kabupaten Landak", Unit: "Puskesmas Ngabang", Position: "Perawat"},
	{PersonID: "4", Name: "Budi Santoso", Agency: "Kementerian Agama", Position: "Penyuluh"},
	{PersonID: "5", Name: "Sri", Agency: "Kecamatan Menjalin"},
	{PersonID: "6", Name: "Sudjarwo Soebagyo", Agency: "Inspektorat Kabupaten Landak"},
}

func TestSuggestRanksTheRightPersonFirst(t *testing.T) {
	tests := map[string]struct {
		candidate suggest.Candidate
		want      string // name and agency of the first, empty for none at 0.5
	}{
		"name and school":             {suggest.Candidate{Name: "Norhalimah", Handle: "norhalimah.banua", Bio: "Guru SDN 3 Sungai Pinang"}, "1"},
		"titles and another spelling": {suggest.Candidate{Name: "M. Jusuf Rifani", Handle: "@yusufrifani", Bio: "Satpol PP Banua Hulu, ASN"}, "2"},
		"handle only":                 {suggest.Candidate{Name: "", Handle: "@yusuf_rifani88", Bio: ""}, "2"},
		"namesakes, by the agency":    {suggest.Candidate{Name: "Budi Santoso", Handle: "budsan", Bio: "penyuluh kemenag"}, "4"},
		"namesakes, by the unit":      {suggest.Candidate{Name: "budi santoso", Handle: "budi.santoso", Bio: "Pkm Ngabang | PNS"}, "3"},
		"old spelling":                {suggest.Candidate{Name: "Sujarwo Subagio", Handle: "sujarwo", Bio: ""}, "6"},
		"somebody else":               {suggest.Candidate{Name: "Joko Widodo", Handle: "jokowi", Bio: "ASN dinas kesehatan"}, ""},
		"a common first name only":    {suggest.Candidate{Name: "Sri Wahyuni Lestari", Handle: "sriwahyuni", Bio: ""}, ""},
		"a shop of that name":         {suggest.Candidate{Name: "Toko Budi Makmur Jaya", Handle: "budimakmur", Bio: "grosir"}, ""},
		"nothing":                     {suggest.Candidate{}, ""},
	}
	ranker := suggest.New(persons)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ranker.Suggest(test.candidate, 0.5, 3)
			if test.want == "" {
				if len(got) > 0 {
					t.Fatalf("suggested %+v", got[0])
				}
				return
			}
			if len(got) == 0 {
				t.Fatalf("nothing was suggested; below: %+v", ranker.Suggest(test.candidate, 0, 1))
			}
			if got[0].Person.PersonID != test.want || len(got[0].Reasons) == 0 || got[0].Score > 1 {
				t.Errorf("suggested %+v", got[0])
			}
		})
	}
}

func TestNamesakesWithoutMoreAreDoubted(t *testing.T) {
	got := suggest.New(persons).Suggest(suggest.Candidate{Name: "Budi Santoso", Handle: "bs"}, 0, 3)
	if len(got) != 2 || got[0].Score >= 0.55 || !strings.Contains(strings.Join(got[0].Reasons, "; "), "2 persons fit as well") {
		t.Errorf("%+v", got)
	}
}

func TestCandidatesAreRead(t *testing.T) {
	got, err := suggest.ParseCandidates("c.csv", strings.NewReader("\ufeffHandle,platform,followers,account_id,bio\n@a,X,12,1,\"guru, ibu\"\n"))
	want := []suggest.Candidate{{Platform: "x", AccountID: "1", Handle: "@a", Bio: "guru, ibu"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for text, want := range map[string]string{
		"":                  "c.csv:1: not a CSV file with a header",
		"platform,handle\n": `c.csv:1: column "account_id" is missing`,
		"platform,account_id,handle\nmyspace,1,a\n": `c.csv:2: column "platform": value "myspace"; allowed: bluesky`,
		"platform,account_id,handle\nx,,a\n":        `c.csv:2: column "account_id": value missing`,
		"platform,account_id,handle\nx,\"1,a\n":     "c.csv: ",
	} {
		if _, err := suggest.ParseCandidates("c.csv", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func FuzzSuggest(f *testing.F) {
	ranker := suggest.New(persons)
	f.Add("Budi Santoso", "@budi", "ASN dinkes")
	f.Add("م. يوسف", "\xff\xfe", "sdn 3")
	f.Fuzz(func(t *testing.T, name, handle, bio string) {
		for _, s := range ranker.Suggest(suggest.Candidate{Name: name, Handle: handle, Bio: bio}, 0, 10) {
			if !(s.Score >= 0 && s.Score <= 1.0001) || len(s.Reasons) == 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

func BenchmarkSuggest(b *testing.B) {
	first, last := strings.Fields("Budi Siti Ahmad Nur Agus Dewi Joko Rina Eko Wati"), strings.Fields("Santoso Aminah Wijaya Rahman Lestari Saputra Hidayat Pratama")
	many := make([]post.Person, 100000)
	for n := range many {
		many[n] = post.Person{PersonID: fmt.Sprint(n), Name: fmt.Sprintf("%s %s Nama%d", first[n%len(first)], last[n%len(last)], n%9000), Agency: "Dinas Kesehatan Kabupaten Landak"}
	}
	ranker := suggest.New(many)
	b.ResetTimer()
	for b.Loop() {
		ranker.Suggest(suggest.Candidate{Name: "Budi Santoso", Handle: "@budisantoso", Bio: "dinkes landak"}, 0.5, 3)
	}
}
