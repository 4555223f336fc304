package evaluate_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/evaluate"
	"github.com/netra-id/netra/pipeline/post"
)

// keywords is a classifier of our own making: a word in the text gives a label,
// "basa:" before a code gives the language.
type keywords map[string]post.Label

func (k keywords) Classify(p *post.Post, _ string) post.Verdict {
	v := post.Verdict{ID: p.ID, Language: post.Language{Code: "id", Confidence: 1}, Labels: []post.LabelScore{}}
	for word := range strings.FieldsSeq(p.Text) {
		if code, found := strings.CutPrefix(word, "basa:"); found {
			v.Language.Code = code
		}
		if label, found := k[word]; found {
			v.Labels = append(v.Labels, post.LabelScore{
				Label: label, Score: 0.9, Contestant: "landak-1",
				Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "test/" + word, Text: word, Weight: 0.5}},
			})
		}
	}
	v.Flagged = len(v.Labels) > 0
	return v
}

func (k keywords) Versions() post.Versions {
	return post.Versions{Lists: "sha256:l", Models: "sha256:m", Netra: "1"}
}

var classifier = keywords{"dukung": post.Support, "bohong": post.Attack, "usir": post.HateSpeech}

const table = "id\tlabels\tlang\ttext\n" +
	"a\tsupport\tid\tdukung dia\n" + // right
	"b\tsupport,attack\tid\tdukung dan dukung\n" + // attack missed
	"c\tnone\tjv\tdukung basa:jv\n" + // support extra
	"d\tnone\tjv\tapik\n" + // language wrong
	"e\tattack\tbjn\tbohong basa:bjn\n" + // right
	"f\thate_speech\tid\tdiam\n" + // missed
	"g\t\tid\tbohong\n" // not labelled

func run(t *testing.T, options evaluate.Options) evaluate.Report {
	t.Helper()
	set, err := evaluate.Read("t.tsv", strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	return evaluate.Run(classifier, set, options)
}

func TestFiguresAreThoseCountedByHand(t *testing.T) {
	r := run(t, evaluate.Options{})
	want := map[post.Label]evaluate.Figures{
		post.Support:    {Count: evaluate.Count{TruePositives: 2, FalsePositives: 1}, Precision: 2. / 3, Recall: 1, F1: 0.8, Support: 2},
		post.Attack:     {Count: evaluate.Count{TruePositives: 1, FalseNegatives: 1}, Precision: 1, Recall: 0.5, F1: 2. / 3, Support: 2},
		post.HateSpeech: {Count: evaluate.Count{FalseNegatives: 1}, Support: 1},
	}
	if len(r.Labels) != len(post.Labels) {
		t.Fatalf("%d labels, want %d", len(r.Labels), len(post.Labels))
	}
	for _, l := range r.Labels {
		if diff := cmp.Diff(want[l.Label], l.Figures); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", l.Label, diff)
		}
	}
	if want := (0.8 + 2./3 + 0) / 3; math.Abs(r.MacroF1-want) > 1e-12 {
		t.Errorf("macro F1 %v, want %v", r.MacroF1, want)
	}
	micro := evaluate.Figures{
		Count:     evaluate.Count{TruePositives: 3, FalsePositives: 1, FalseNegatives: 2},
		Precision: 0.75, Recall: 0.6, F1: 6. / 9, Support: 5,
	}
	if diff := cmp.Diff(micro, r.Micro); diff != "" {
		t.Errorf("micro: want -, got +:\n%s", diff)
	}
	if want := (evaluate.Benign{Posts: 2, Flagged: 1, FalseFlagRate: 0.5}); r.Benign != want {
		t.Errorf("none: %+v, want %+v", r.Benign, want)
	}
	if r.Posts != 7 || r.Labelled != 6 || r.Flagged != 5 {
		t.Errorf("%d posts, %d labelled, %d flagged: want 7, 6, 5", r.Posts, r.Labelled, r.Flagged)
	}
}

func TestLanguagesAreConfusedAsCountedByHand(t *testing.T) {
	l := run(t, evaluate.Options{}).Languages
	want := map[string]map[string]int{"id": {"id": 4}, "jv": {"jv": 1, "id": 1}, "bjn": {"bjn": 1}}
	if diff := cmp.Diff(want, l.Confusion); diff != "" {
		t.Errorf("confusion: want -, got +:\n%s", diff)
	}
	if l.Correct != 6 || l.Posts != 7 {
		t.Errorf("%d of %d right, want 6 of 7", l.Correct, l.Posts)
	}
	// F1: id 8/9, jv 2/3, bjn 1.
	if want := (8./9 + 2./3 + 1) / 3; math.Abs(l.MacroF1-want) > 1e-12 {
		t.Errorf("macro F1 %v, want %v", l.MacroF1, want)
	}
}

func TestErrorsComeWithTheirReasons(t *testing.T) {
	r := run(t, evaluate.Options{})
	var ids []string
	for _, e := range r.Errors {
		ids = append(ids, e.ID)
	}
	if diff := cmp.Diff([]string{"b", "c", "d", "f"}, ids); diff != "" {
		t.Fatalf("errors: want -, got +:\n%s", diff)
	}
	c := r.Errors[1]
	if len(c.Reasons) != 1 || c.Reasons[0].Reasons[0].Source != "test/dukung" || c.Line != 4 {
		t.Errorf("error of c: %+v", c)
	}
	if d := r.Errors[2]; d.Language == nil || d.Language.Got != "id" || len(d.Extra) > 0 {
		t.Errorf("error of d: %+v", d)
	}
}

func TestOnlyLeavesOtherLabelsOut(t *testing.T) {
	r := run(t, evaluate.Options{Only: []post.Label{post.Attack}})
	if len(r.Labels) != 1 || r.Labels[0].Support != 2 || r.Micro.FalsePositives != 0 {
		t.Errorf("labels %+v", r.Labels)
	}
	if r.Benign.Flagged != 0 || r.Benign.Posts != 2 {
		t.Errorf("none: %+v", r.Benign)
	}
}

func TestReportReadsWell(t *testing.T) {
	var text bytes.Buffer
	if err := run(t, evaluate.Options{}).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"t.tsv: 7 posts, 6 labelled, 5 flagged",
		"       support      0.667   1.000  0.800        2       0      1",
		"          hoax          -       -      -        0       0      0",
		"false flags on none: 1 of 2 (50.00%)",
		"language: 6 of 7 right (85.7%)",
		"c (line 4): dukung basa:jv",
		"expected none, got support; extra support",
		"support of landak-1 0.90 because",
		`keyword test/dukung: "dukung" (+0.50)`,
		"language: expected jv, got id",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
}

func TestReportIsJSON(t *testing.T) {
	var data bytes.Buffer
	if err := run(t, evaluate.Options{}).WriteJSON(&data); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Labels []struct {
			Label     string
			Precision *float64
			Support   int
		}
		MacroF1 *float64 `json:"macro_f1"`
		Micro   struct{ F1 float64 }
		None    struct {
			Rate *float64 `json:"false_flag_rate"`
		}
		Errors []struct{ ID string }
	}
	if err := json.Unmarshal(data.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Labels) != 7 || got.Labels[0].Precision == nil || got.MacroF1 == nil || got.None.Rate == nil || len(got.Errors) != 4 {
		t.Errorf("%s", data.String())
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"empty":          {"", "f.tsv:1: the file is empty"},
		"no text":        {"id\tlabels\n", "f.tsv:1: the column text is missing: allowed: id, labels, lang, text"},
		"unknown column": {"text\tlabel\n", `f.tsv:1: column "label": allowed: id, labels, lang, text`},
		"twice":          {"text\ttext\n", `f.tsv:1: column "text" occurs twice`},
		"unknown label":  {"text\tlabels\na\tnone\nb\tsuport\n", `f.tsv:3: column "labels": value "suport": allowed: none, or of support, attack`},
		"none and label": {"text\tlabels\na\tnone,support\n", `f.tsv:2: column "labels": value "none"`},
		"bad language":   {"text\tlang\na\tIndonesia\n", `f.tsv:2: column "lang": value "Indonesia": allowed: a code`},
		"too few values": {"text\tlang\na\n", "f.tsv:2: 1 values: allowed: 2"},
		"not UTF-8":      {"text\nok\na\xff\n", "f.tsv:3: bytes that are not UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := evaluate.Read("f.tsv", strings.NewReader(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
}

func TestReadTakesQuotesAsTheyAre(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"quoted as CSV":      {"id\ttext\n1\t\"dia bilang \"\"coblos\"\"\"\n", `dia bilang "coblos"`},
		"quoted line breaks": {"id\ttext\n1\t\"satu\ndua\"\n", "satu\ndua"},
		"not quoted":         {"id\ttext\n1\t\"coblos\" kata dia\n", `"coblos" kata dia`},
		"one quote":          {"id\ttext\n1\tkata \"dia\n", `kata "dia`},
		"windows":            {"\ufeffid\ttext\r\n1\thalo\r\n", "halo"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			set, err := evaluate.Read("f.tsv", strings.NewReader(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if len(set.Examples) != 1 || set.Examples[0].Text != test.want {
				t.Errorf("got %+v, want %q", set.Examples, test.want)
			}
		})
	}
}

func TestLanguageCodesOfBothNormsAreTheSame(t *testing.T) {
	set, err := evaluate.Read("f.tsv", strings.NewReader("text\tlang\na\tind\nb\tjav\nc\tid-ID\nd\tnij\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"id", "jv", "id", "nij"} {
		if got := set.Examples[i].Language; got != want {
			t.Errorf("line %d: %q, want %q", i+2, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(table)
	f.Add("text\n\"a\"b\n")
	f.Fuzz(func(t *testing.T, in string) {
		set, err := evaluate.Read("f.tsv", strings.NewReader(in))
		if err != nil {
			return
		}
		r := evaluate.Run(classifier, set, evaluate.Options{})
		if r.Posts != len(set.Examples) || r.Labelled > r.Posts {
			t.Errorf("%d posts, %d labelled of %d", r.Posts, r.Labelled, len(set.Examples))
		}
	})
}
