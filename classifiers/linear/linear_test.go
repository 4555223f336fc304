package linear_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/linear"
)

func shipped(t testing.TB) *linear.Set {
	t.Helper()
	set, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func score(t testing.TB, set *linear.Set, model, text string) float32 {
	t.Helper()
	index := set.Index(model)
	if index < 0 {
		t.Fatalf("no model %q in %v", model, set)
	}
	var scratch linear.Scratch
	return set.Score(text, nil, &scratch)[index]
}

// obvious are sentences that anybody would judge alike, written for this test.
var obvious = map[string][]struct {
	text string
	is   bool
}{
	linear.Abusive: {
		{"dasar goblok, otak lu di mana anjing", true},
		{"tolol banget sih lo, bangsat", true},
		{"monyet lu, bacot aja kerjaannya", true},
		{"g0bl0k kamu t0l0l", true},
		{"bajingaaaan keparat kau", true},
		{"selamat pagi semuanya, semoga hari ini berkah", false},
		{"rapat koordinasi dimulai pukul sembilan di aula kantor", false},
		{"terima kasih atas bantuannya, pak", false},
		{"jalan di depan pasar macet sejak subuh", false},
		{"anak saya baru lulus sekolah dasar", false},
		{"cuaca hari ini cerah, ayo olahraga bersama", false},
		{"pendaftaran dibuka sampai akhir bulan", false},
	},
	linear.HateSpeech: {
		{"ganyang cina kafir, usir semua antek komunis dari negeri ini", true},
		{"dasar cina babi, pulang sana ke negaramu", true},
		{"kristen kafir laknat, musnahkan gerejanya", true},
		{"banci bencong menjijikkan, bantai saja semua lgbt", true},
		{"bubarkan ahmadiyah sesat, bakar masjidnya", true},
		{"bantuan untuk korban banjir sudah dibagikan di balai desa", false},
		{"ibadah natal di gereja berjalan lancar dan aman", false},
		{"saya belajar bahasa jawa dari nenek", false},
		{"jadwal posyandu bulan depan sudah keluar", false},
		{"resep kue lapis khas kalimantan dari ibu", false},
		{"tim sepak bola kami menang tiga kosong kemarin", false},
	},
}

func TestShippedModelsTellTheObviousApart(t *testing.T) {
	set := shipped(t)
	for model, cases := range obvious {
		threshold := set.Models()[set.Index(model)].Thresholds.Balanced
		wrong := 0
		for _, c := range cases {
			if got := score(t, set, model, c.text); (got >= threshold) != c.is {
				wrong++
				t.Logf("%s: %q scores %.3f, threshold %.3f", model, c.text, got, threshold)
			}
		}
		if wrong > 1 {
			t.Errorf("%s: %d of %d obvious sentences are judged wrongly", model, wrong, len(cases))
		}
	}
}

func TestThresholdsAreInOrder(t *testing.T) {
	for _, model := range shipped(t).Models() {
		if b, p := model.Thresholds.Balanced, model.Thresholds.Precise; !(b > 0 && b <= p && p <= 1) {
			t.Errorf("%s: balanced %v, precise %v", model.Name, b, p)
		}
	}
}

func TestDisguisesDoNotChangeTheScore(t *testing.T) {
	set := shipped(t)
	const plain = "dasar goblok anjing"
	want := score(t, set, linear.Abusive, plain)
	for name, disguise := range map[string]string{
		"capitals":   "DASAR GOBLOK ANJING",
		"repeats":    "dasarrr goblooook anjingggg",
		"leet":       "dasar g0bl0k 4njing",
		"Cyrillic":   "dasar gоblоk аnjing",
		"fullwidth":  "dasar ｇｏｂｌｏｋ anjing",
		"zero width": "dasar gob\u200blok an\u200bjing",
		"accents":    "dasar göblòk ánjing",
		"soft":       "dasar gob\u00adlok anjing",
	} {
		if got := score(t, set, linear.Abusive, disguise); got != want {
			t.Errorf("%s: %q scores %v, %q scores %v", name, disguise, got, plain, want)
		}
	}
}

func TestTargetsAreMasked(t *testing.T) {
	set := shipped(t)
	var scratch linear.Scratch
	const template = "pilih %s saja, dia pemimpin hebat"
	var first linear.Scores
	for i, name := range []string{"Budi", "Siti Aminah", "Wak Doyok"} {
		text := fmt.Sprintf(template, name)
		start := strings.Index(text, name)
		targets := []linear.Span{}
		for part := range strings.FieldsSeq(name) { // a word a target
			at := start + strings.Index(name, part)
			targets = append(targets, linear.Span{Start: at, End: at + len(part)})
		}
		scores := set.Score(text, targets[:1], &scratch)
		if i == 0 {
			first = scores
		} else if len(targets) == 1 && scores != first {
			t.Errorf("the name %q changes the scores", name)
		}
	}
	if a, b := set.Score("pilih Anu", []linear.Span{{Start: 6, End: 9}}, &scratch), set.Score("pilih Itu", []linear.Span{{Start: 6, End: 9}}, &scratch); a != b {
		t.Error("a masked name changes the scores")
	}
}

func TestExplainPointsIntoTheOriginal(t *testing.T) {
	set := shipped(t)
	const text = "USER, d4sar “GОBLOОOK” 😡😡 pulang sana!!"
	contributions := set.Explain(text, nil, linear.Abusive)
	if len(contributions) == 0 {
		t.Fatal("no words")
	}
	if first := contributions[0]; text[first.Start:first.End] != "GОBLOОOK" || first.Weight <= 0 {
		t.Errorf("the heaviest word is %q (%+.2f)", text[first.Start:first.End], first.Weight)
	}
	if set.Explain(text, nil, "no such model") != nil {
		t.Error("an unknown model is explained")
	}
}

func TestScoringDoesNotAllocate(t *testing.T) {
	set := shipped(t)
	var scratch linear.Scratch
	text := strings.Repeat("dasar goblok, 4nj1ng 😡 @kamu https://contoh.id/x ", 4)
	set.Score(text, nil, &scratch)
	if n := testing.AllocsPerRun(100, func() { set.Score(text, nil, &scratch) }); n != 0 {
		t.Errorf("%v allocations a text", n)
	}
}

func TestWeightsSurviveTheFile(t *testing.T) {
	set := shipped(t)
	data, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := linear.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if again.Version() != set.Version() || !strings.HasPrefix(set.Version(), "sha256:") {
		t.Errorf("versions %s and %s", again.Version(), set.Version())
	}
	for cut := 0; cut < len(data); cut += 1 + len(data)/50 {
		if _, err := linear.Open(data[:cut]); err == nil {
			t.Errorf("a file of %d of %d bytes opens", cut, len(data))
		}
	}
}

// made is a corpus that a model can learn, made of a few words.
func made(labels ...string) linear.Corpus {
	corpus := linear.Corpus{Name: "made", Labels: labels}
	for i := range 120 {
		e := linear.Example{Text: fmt.Sprintf("hari ke %c kami pergi ke pasar %c", 'a'+i%26, 'b'+i%20)}
		switch i % 3 {
		case 1:
			e.Text = fmt.Sprintf("bagi bagi amplop %c untuk suara %c", 'a'+i%26, 'c'+i%20)
			e.Labels = []string{"money_politics"}
		case 2:
			e.Text = fmt.Sprintf("awas dipecat %c kalau tidak ikut %c", 'a'+i%26, 'd'+i%20)
			e.Labels = []string{"intimidation"}
		}
		corpus.Examples = append(corpus.Examples, e)
	}
	return corpus
}

func TestTrainingTwiceGivesTheSameBytes(t *testing.T) {
	cfg := linear.DefaultConfiguration()
	cfg.WordBits, cfg.CharBits = 10, 10
	cfg.Heads = map[string][]string{"intimidation": {"money_politics", "intimidation"}}
	var first []byte
	for range 2 {
		set, report, err := linear.Train(cfg, made("money_politics", "intimidation"))
		if err != nil {
			t.Fatal(err)
		}
		data, err := set.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		} else if !bytes.Equal(first, data) {
			t.Error("two trainings give different weights")
		}
		for _, m := range report.Models {
			if m.Balanced.F1 < 0.95 || m.Support != 40 {
				t.Errorf("%s: %+v", m.Name, m)
			}
		}
		var scratch linear.Scratch
		scores := set.Score("dibagi amplop suara", nil, &scratch)
		if scores[0] < 0.5 || scores[1] > 0.5 {
			t.Errorf("scores %v", scores[:2])
		}
		if !strings.Contains(report.String(), "money_politics") {
			t.Error(report)
		}
	}
}

func TestTrainNamesWhatIsWrong(t *testing.T) {
	good := linear.DefaultConfiguration()
	tests := map[string]struct {
		change func(*linear.Configuration)
		want   string
	}{
		"bits":      {func(c *linear.Configuration) { c.WordBits = 30 }, "word_bits: 30: allowed: 10 to 18"},
		"folds":     {func(c *linear.Configuration) { c.Folds = 1 }, "folds: 1: allowed"},
		"cost":      {func(c *linear.Configuration) { c.Cost = math.NaN() }, "cost: NaN: allowed"},
		"no labels": {func(c *linear.Configuration) { c.Models = []string{"hoax"} }, `label "hoax": 0 texts with it`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := good
			test.change(&cfg)
			if _, _, err := linear.Train(cfg, made("money_politics")); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestParseCorpusReadsTheShapesOfTheData(t *testing.T) {
	tests := map[string]struct {
		in     string
		labels [][]string
		known  []string
		err    string
	}{
		"labels": {
			in:     "id\tlabels\tlang\ttext\n1\tsupport,attack\tid\ta\n2\tnone\tjv\tb\n",
			labels: [][]string{{"support", "attack"}, nil}, known: []string{"attack", "support"},
		},
		"a column a label": {
			in:     "text\tHS\tAbusive\tHS_Race\na\t1\t0\t1\nb\t1\t1\t0\n",
			labels: [][]string{{"hs", "hs_race", "hate_speech"}, {"hs", "abusive"}},
			known:  []string{"hs", "abusive", "hs_race", "hate_speech"},
		},
		"stance": {
			in:     "text\tlabel\na\tpositive\nb\tnegative\nc\tneutral\n",
			labels: [][]string{{"stance_support"}, {"stance_attack"}, nil}, known: []string{"stance_attack", "stance_support"},
		},
		"no text":   {in: "labels\tid\n", err: "c.tsv:1: columns labels, id: the column text is missing"},
		"no labels": {in: "text\tid\n", err: "c.tsv:1: columns text, id: allowed"},
		"empty":     {in: "", err: "c.tsv:1: the file is empty"},
		"no number": {in: "text\thoax\na\t1\nb\tya\n", err: `c.tsv:3: column "hoax": value "ya": allowed: 0, 1`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			corpus, err := linear.ParseCorpus("c.tsv", strings.NewReader(test.in), nil)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var labels [][]string
			for _, e := range corpus.Examples {
				labels = append(labels, e.Labels)
			}
			if diff := cmp.Diff(test.labels, labels); diff != "" {
				t.Errorf("labels: want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(test.known, corpus.Labels); diff != "" {
				t.Errorf("known: want -, got +:\n%s", diff)
			}
		})
	}
}

func TestMaskPoliticsFindsNamesAndNumbers(t *testing.T) {
	tests := map[string][]string{
		"Jokowi dan prabowo debat":            {"Jokowi", "prabowo"},
		"coblos nomor 2 bersama #2019Prabowo": {"2", "#2019Prabowo"},
		"paslon 01 menang":                    {"01"},
		"beli 2 kilo beras di pasar":          nil,
		"puan":                                {"puan"},
		"perempuan":                           nil,
	}
	for text, want := range tests {
		var got []string
		for _, span := range linear.MaskPolitics(text) {
			got = append(got, text[span.Start:span.End])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", text, diff)
		}
	}
}

func FuzzScore(f *testing.F) {
	set := shipped(f)
	for _, text := range []string{"", "😡", "\xff\xfe", "a\u202eb", strings.Repeat("a", 5000), strings.Repeat("😀", 2000), "@", "#", "a'b", "2a", "x1y2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var scratch linear.Scratch
		for i, p := range set.Score(text, linear.MaskPolitics(text), &scratch) {
			if !(p >= 0 && p <= 1) {
				t.Fatalf("model %d: %v", i, p)
			}
		}
		for _, c := range set.Explain(text, nil, linear.HateSpeech) {
			if c.Start < 0 || c.End > len(text) || c.Start >= c.End || math.IsNaN(c.Weight) {
				t.Fatalf("%+v of %d bytes", c, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[c.Start:c.End]) {
				t.Fatalf("%q cuts a letter", text[c.Start:c.End])
			}
		}
	})
}

var posts = []string{
	"Selamat pagi semuanya, semoga hari ini penuh berkah dan dilancarkan segala urusannya, amin ya rabbal alamin",
	"hari ini kami membagikan bantuan sembako untuk korban banjir di kecamatan bersama relawan dan perangkat desa",
	"USER emang dasar goblok lu, udah dibilangin jangan percaya berita begituan, mikir pake otak dong anjing 😡😡",
	"ayo kawal TPS kita masing-masing, jangan lupa coblos nomor 2 tanggal 27 besok bersama keluarga tercinta #menang",
	"Rapat koordinasi pengawasan tahapan kampanye bersama panwascam dan kepolisian di aula kantor bupati tadi siang",
}

// manyPosts are as the posts above, 10,000 of them that differ: one word in seven
// is changed for one that is new, as in a stream of tweets.
func manyPosts() []string {
	random := rand.New(rand.NewPCG(1, 2))
	var all []string
	for _, text := range posts {
		all = append(all, strings.Fields(text)...)
	}
	many := make([]string, 10_000)
	for i := range many {
		words := strings.Fields(posts[i%len(posts)])
		for k := range words {
			switch random.IntN(7) {
			case 0:
				words[k] = newWord(random)
			case 1, 2:
				words[k] = all[random.IntN(len(all))]
			}
		}
		many[i] = strings.Join(words, " ")
	}
	return many
}

func newWord(random *rand.Rand) string {
	var word []byte
	for range 2 + random.IntN(3) {
		word = append(word, "bcdghjklmnprstwy"[random.IntN(16)], "aiueo"[random.IntN(5)])
	}
	return string(word)
}

// BenchmarkScore scores all shipped models on 10,000 posts of about 110 bytes.
func BenchmarkScore(b *testing.B) {
	set, texts := shipped(b), manyPosts()
	var scratch linear.Scratch
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	b.SetBytes(int64(size / len(texts)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		set.Score(texts[i%len(texts)], nil, &scratch)
		i++
	}
}
