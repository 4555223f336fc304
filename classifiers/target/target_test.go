package target_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/target"
	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/roster"
)

const contestants = `elections:
  - id: kota
    region: "94.71"
    stages: [{name: calon, from: 2024-09-22}, {name: selesai, from: 2025-01-01}]
    contestants:
      - {id: kota-1, number: 1, names: ["H. Ratih Puspaningrum, S.H.", "Joko Waluyo"], aliases: ["RAJA", "Bu Ratih"], parties: ["Partai Rumah Rakyat", "PRR"], hashtags: ["#RajaMelayani"]}
      - {id: kota-2, number: 2, names: ["Ahmad Zulkifli Noor", "Siti Marfuah"], aliases: ["AZIS", "Haji Zul"], parties: ["Partai Amanah Kota"], hashtags: ["#AzisLanjutkan"], incumbent: true}
`

type found struct{ Text, Contestant string }

// finder resolves the mentions of a text as the classifier does.
type finder struct {
	resolver *target.Resolver
	matcher  *keyword.Matcher
}

func newFinder(t *testing.T) *finder {
	t.Helper()
	elections, err := roster.ParseElections("c.yaml", []byte(contestants))
	if err != nil {
		t.Fatal(err)
	}
	resolver, err := target.New(elections)
	if err != nil {
		t.Fatal(err)
	}
	builder := keyword.NewBuilder()
	space := builder.NewSpace()
	err = resolver.Phrases(func(phrase string, payload uint32) error { return builder.Add(space, phrase, payload) })
	if err != nil {
		t.Fatal(err)
	}
	return &finder{resolver: resolver, matcher: builder.Freeze()}
}

func (f *finder) find(in, region string, at time.Time) []found {
	var doc text.Doc
	f.matcher.Analyze(&doc, in)
	var hits []target.Hit
	for _, m := range f.matcher.Match(&doc, nil) {
		hits = append(hits, target.Hit{Payload: m.Payload, First: int(m.First), Last: int(m.Last)})
	}
	var all []found
	for _, m := range f.resolver.Resolve(&doc, hits, region, at, new(target.Scratch)) {
		if m.Certainty == target.Possible {
			continue
		}
		all = append(all, found{doc.Slice(m.First, m.Last), m.Contestant})
	}
	return all
}

func TestResolveFindsWhoIsMeant(t *testing.T) {
	finder := newFinder(t)
	tests := map[string]struct {
		in   string
		want []found
	}{
		"full name":                     {"Ratih Puspaningrum luar biasa", []found{{"Ratih Puspaningrum", "kota-1"}}},
		"with a title":                  {"H. Ratih Puspaningrum hadir", []found{{"Ratih Puspaningrum", "kota-1"}}},
		"the pair by one name each":     {"Ratih-Joko menang", []found{{"Ratih-Joko", "kota-1"}}},
		"alias":                         {"dukung AZIS terus", []found{{"AZIS", "kota-2"}}},
		"alias with honorific":          {"haji zul orang baik", []found{{"haji zul", "kota-2"}}},
		"alias that is a word":          {"raja hutan itu singa", nil},
		"number":                        {"coblos nomor 2 besok", []found{{"nomor 2", "kota-2"}}},
		"number with a dot":             {"pilih no. 2 ya", []found{{"no. 2", "kota-2"}}},
		"number glued":                  {"pilih no2", []found{{"no2", "kota-2"}}},
		"number in words":               {"dukung nomor urut dua", []found{{"nomor urut dua", "kota-2"}}},
		"Javanese number":               {"coblos nomer loro", []found{{"nomer loro", "kota-2"}}},
		"paslon with zero":              {"paslon 02 hadir", []found{{"paslon 02", "kota-2"}}},
		"zero form":                     {"kami 02 di TPS", []found{{"02", "kota-2"}}},
		"keycap":                        {"coblos 2️⃣", []found{{"2️⃣", "kota-2"}}},
		"bare number behind coblos":     {"coblos 2 ya", []found{{"2", "kota-2"}}},
		"party":                         {"Partai Amanah Kota busuk", []found{{"Partai Amanah Kota", "kota-2"}}},
		"hashtag":                       {"mantap #AzisLanjutkan", []found{{"#AzisLanjutkan", "kota-2"}}},
		"hand sign with evidence":       {"coblos ✌️ di TPS", []found{{"✌️", "kota-2"}}},
		"hand sign alone":               {"liburan ke pantai ✌️", nil},
		"a number that nobody has":      {"coblos nomor 7", nil},
		"rank of a list":                {"syarat nomor 2: fotokopi KTP", nil},
		"two goals":                     {"menang 2 gol", nil},
		"a date":                        {"02 November kita ke TPS", nil},
		"a namesake":                    {"sepupu Joko menang lomba", nil},
		"part of a name, about a vote":  {"Pak Joko paslon yang jujur", []found{{"Joko", "kota-1"}, {"paslon", ""}}[:1]},
		"attack and support":            {"Nomor 1 pembohong, pilih nomor 2", []found{{"Nomor 1", "kota-1"}, {"nomor 2", "kota-2"}}},
		"a word that begins a sentence": {"Tadi macet. Raja jalanan lewat semua", nil},
		"an alias in a sentence":        {"kami ikut RAJA saja", []found{{"RAJA", "kota-1"}}},
		"the incumbent":                 {"Petahana, lanjutkan!", []found{{"Petahana", "kota-2"}}},
		"the incumbent by name":         {"petahana Haji Zul hadir", []found{{"Haji Zul", "kota-2"}}},
		"a hashtag is no election":      {"coblos nomor 2 ya #OSIS", []found{{"nomor 2", "kota-2"}}},
		"pupils who have an office":     {"ketua OSIS dukung paslon 02", []found{{"paslon 02", "kota-2"}}},
		"a chosen word":                 {"besok dukung raja ya", []found{{"raja", "kota-1"}}},
		"a word beside a vote":          {"pilih pemimpin yang tidak seperti raja", nil},
		"a pupils' election":            {"Pemilihan ketua OSIS: nomor 1 Rafa, nomor 2 Kirana, coblos besok", nil},
		"chillies":                      {"pilih cabai segar, nomor 1", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := finder.find(test.in, "94.71", time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%q:\n%s", test.in, diff)
			}
		})
	}
}

func TestResolveKeepsToRegionAndDate(t *testing.T) {
	finder := newFinder(t)
	during := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	if got := finder.find("coblos nomor 2", "31.01", during); got != nil {
		t.Errorf("elsewhere: %v", got)
	}
	if got := finder.find("coblos nomor 2", "94.71", during.AddDate(1, 0, 0)); got != nil {
		t.Errorf("after the election: %v", got)
	}
}
