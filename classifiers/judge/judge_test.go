package judge_test

import (
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

const contestants = `elections:
  - id: kota
    region: "94.71"
    contestants:
      - {id: kota-1, number: 1, names: ["Ratih Puspaningrum", "Joko Waluyo"], aliases: ["RAJA"], parties: ["Partai Rumah Rakyat"], hashtags: ["#RajaMelayani"]}
      - {id: kota-2, number: 2, names: ["Ahmad Zulkifli Noor", "Siti Marfuah"], aliases: ["AZIS"], parties: ["Partai Amanah Kota"], hashtags: ["#AzisLanjutkan"]}
`

func newJudge(tb testing.TB) *judge.Judge {
	tb.Helper()
	lists, err := keyword.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return judgeWith(tb, lists)
}

func judgeWith(tb testing.TB, lists *keyword.Set) *judge.Judge {
	tb.Helper()
	elections, err := roster.ParseElections("c.yaml", []byte(contestants))
	if err != nil {
		tb.Fatal(err)
	}
	identifier, err := language.New(language.DefaultConfiguration())
	if err != nil {
		tb.Fatal(err)
	}
	models, err := linear.Default()
	if err != nil {
		tb.Fatal(err)
	}
	known, err := claims.Default()
	if err != nil {
		tb.Fatal(err)
	}
	fusion, err := judge.DefaultFusion()
	if err != nil {
		tb.Fatal(err)
	}
	j, err := judge.New(judge.Configuration{
		Elections: elections, Lists: lists, Language: identifier, Models: models, Claims: known, Fusion: fusion,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

// said writes a verdict's labels as "attack:kota-1 support:kota-2".
func said(v post.Verdict) string {
	var parts []string
	for _, l := range v.Labels {
		part := string(l.Label)
		if l.Contestant != "" {
			part += ":" + l.Contestant
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// What an operator's rule excepts is not flagged by the models all the same.
func TestWhatARuleExceptsIsNotFlagged(t *testing.T) {
	lists, err := keyword.Parse(keyword.File{Name: "own.yaml", Data: []byte(`list: support
label: support
rules:
  - id: vote-for
    any: ["coblos", "pilih", "dukung"]
    near: {what: "@contestant", within: 6}
    none: ["@negation", "dilarang", "simulasi"]
    weight: 0.9
`)})
	if err != nil {
		t.Fatal(err)
	}
	j := judgeWith(t, lists)
	for text, want := range map[string]string{
		"ayo coblos nomor 2":                              "support:kota-2",
		"ASN dilarang mengajak coblos nomor 2":            "",
		"simulasi pemungutan suara: coblos nomor 2":       "",
		"jangan coblos nomor 2":                           "",
		"ASN dilarang dukung Ahmad Zulkifli Noor":         "",
		"simulasi sudah selesai! ayo pilih paslon 2 saja": "support:kota-2",
	} {
		v := j.Classify(&post.Post{ID: "x", Kind: post.KindPost, Text: text}, "")
		if got := supportOf(v); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// supportOf says what a verdict says of support.
func supportOf(v post.Verdict) string {
	var only post.Verdict
	for _, l := range v.Labels {
		if l.Label == post.Support {
			only.Labels = append(only.Labels, l)
		}
	}
	return said(only)
}

func TestVerdicts(t *testing.T) {
	j := newJudge(t)
	tests := []struct{ text, want string }{
		{"ayo coblos nomor 2 besok", "support:kota-2"},
		{"Nomor 1 pembohong, pilih nomor 2", "support:kota-2 attack:kota-1"},
		{"ASN dilarang mengajak coblos nomor 2", ""},
		{"saya tidak mendukung paslon manapun", ""},
		{"jangan lupa coblos paslon 02 ya dulur", "support:kota-2"},
		{"jangan pilih nomor 1", "attack:kota-1"},
		{"dukung timnas garuda", ""},
		{"pilih cabai segar, nomor 1", ""},
		{"yang coblos nomor 2 dapat sembako", "support:kota-2 money_politics:kota-2"},
		{"", ""},
		{"😀", ""},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			v := j.Classify(&post.Post{ID: "1", Text: test.text}, "94.71")
			if got := said(v); got != test.want {
				t.Errorf("got %q, want %q\n%+v", got, test.want, v.Labels)
			}
			for _, l := range v.Labels {
				for _, r := range l.Reasons {
					if r.Text != test.text[r.Start:r.End] {
						t.Errorf("reason %+v does not cover its text", r)
					}
				}
			}
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	j := newJudge(b)
	texts := []string{
		"Selamat pagi semua, semoga hari ini lancar urusan kita di kantor ya, jangan lupa sarapan dulu",
		"ayo coblos nomor 2 besok, jangan lupa ajak keluarga ke TPS",
		"Rapat koordinasi persiapan pemilu damai bersama Bawaslu dan KPU di aula kecamatan berjalan lancar",
		"Macet parah di depan pasar, yang mau lewat mending muter lewat jalan belakang aja gaes",
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		j.Classify(&post.Post{ID: "1", Text: texts[i%len(texts)]}, "94.71")
	}
}

func TestOddTextsAreJudgedInLinearTime(t *testing.T) {
	j := newJudge(t)
	for name, text := range map[string]string{
		"100 KB of one letter":    strings.Repeat("a", 100<<10),
		"100 KB of one mention":   strings.Repeat("coblos nomor 2 ", 7000),
		"100 KB of negations":     strings.Repeat("tidak bukan jangan ", 5500),
		"100 KB of right-to-left": strings.Repeat("\u202e\u200fabc ", 10000),
		"invalid UTF-8":           "coblos \xff\xfe nomor 2",
		"one emoji":               "✌️",
	} {
		t.Run(name, func(t *testing.T) {
			v := j.Classify(&post.Post{ID: "1", Text: text}, "")
			for _, l := range v.Labels {
				for _, r := range l.Reasons {
					if r.Start < 0 || r.End > len(text) || r.Text != text[r.Start:r.End] {
						t.Errorf("reason %+v is not in the text", r)
					}
				}
			}
		})
	}
}

func TestSharedTextCountsLessThanOwn(t *testing.T) {
	j := newJudge(t)
	const campaign = "ayo coblos nomor 2 besok, menangkan bersama"
	share := j.Classify(&post.Post{ID: "1", Kind: post.KindRepost, Quoted: campaign}, "94.71")
	if got := said(share); got != "support:kota-2" {
		t.Errorf("a share without comment: %q", got)
	}
	for _, l := range share.Labels {
		for _, r := range l.Reasons {
			if !r.Quoted || r.Text != campaign[r.Start:r.End] {
				t.Errorf("reason %+v does not say that it is in the quoted text", r)
			}
		}
	}
	comment := j.Classify(&post.Post{ID: "1", Kind: post.KindQuote, Text: "ASN jangan ikut-ikutan menyebarkan yang begini ya, ingat netralitas", Quoted: campaign}, "94.71")
	if comment.Flagged {
		t.Errorf("a warning beside the quoted text is flagged: %+v", comment.Labels)
	}
}

func TestKnownClaimsAreHoaxesUnlessTheyAreDebunked(t *testing.T) {
	j := newJudge(t)
	library, err := claims.ReadFile("../claims/default.csv")
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	for _, claim := range library {
		if v := j.Classify(&post.Post{ID: "1", Text: claim.Text}, ""); !strings.Contains(said(v), "hoax") {
			missed++
			t.Logf("not flagged: %s", claim.Text)
		}
		for _, debunk := range []string{"[SALAH] " + claim.Text, "Cek fakta: tidak benar bahwa " + claim.Text + ". Jangan ikut menyebarkan."} {
			if v := j.Classify(&post.Post{ID: "1", Text: debunk}, ""); strings.Contains(said(v), "hoax") {
				t.Errorf("a debunk is flagged: %s: %+v", debunk, v.Labels)
			}
		}
	}
	if missed*20 > len(library) {
		t.Errorf("%d of %d claims are not flagged when they are repeated word for word", missed, len(library))
	}
}

func TestVersionsHoldModelsAndFusionTogether(t *testing.T) {
	fusion, err := judge.DefaultFusion()
	if err != nil {
		t.Fatal(err)
	}
	models, err := linear.Default()
	if err != nil {
		t.Fatal(err)
	}
	if fusion.Models != models.Version() {
		t.Errorf("the shipped fusion was fitted with models %s, shipped are %s: run make train", fusion.Models, models.Version())
	}
}

func FuzzClassify(f *testing.F) {
	j := newJudge(f)
	f.Add("ayo coblos nomor 2", "pilih paslon 01")
	f.Add("d u k u n g \xff 0️⃣", "")
	f.Fuzz(func(t *testing.T, text, quoted string) {
		v := j.Classify(&post.Post{ID: "1", Text: text, Quoted: quoted}, "")
		for _, l := range v.Labels {
			for _, r := range l.Reasons {
				body := text
				if r.Quoted {
					body = quoted
				}
				if r.Start < 0 || r.End > len(body) || r.Text != body[r.Start:r.End] {
					t.Errorf("reason %+v is not in its text", r)
				}
			}
		}
	})
}
