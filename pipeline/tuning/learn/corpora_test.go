package learn

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/tuning"
)

func decided(id, region string, confirmed bool, about post.Label, labels ...post.Label) Decision {
	return Decision{Post: post.Post{ID: id, Text: "teks " + id}, Region: region, Labels: labels, Label: about, Confirmed: confirmed}
}

func learnerOf(most int, learned ...post.Label) *learner {
	elections := &roster.Elections{Elections: []roster.Election{{ID: "landak", Region: "61.08"}, {ID: "banjar", Region: "63.03"}}}
	return &learner{
		cfg: Configuration{MostElections: most}, base: &tuning.Compiled{Elections: elections}, learned: learned, elections: map[string]*roster.Elections{},
	}
}

func TestDecisionsBecomeCorporaByWhatTheyTellOf(t *testing.T) {
	l := learnerOf(10, post.Support, post.Attack)
	corpora := l.corporaOf([]Decision{
		decided("both", "61.08", true, "", post.Support, post.Attack),
		decided("one", "61.08", true, "", post.Support),
		decided("about", "61.08", false, post.Attack, post.Support, post.Attack),
		decided("none", "61.08", false, "", post.Support),
		decided("elsewhere", "63.03", false, "", post.Hoax),
		decided("not learned", "63.03", true, "", post.Hoax),
	})
	type row struct {
		Labels, Elections []string
		Examples          map[string][]string
	}
	var got []row
	for _, c := range corpora {
		r := row{Labels: c.Labels, Examples: map[string][]string{}}
		for _, e := range c.Elections.Elections {
			r.Elections = append(r.Elections, e.ID)
		}
		for _, e := range c.Examples {
			r.Examples[e.ID] = e.Labels
		}
		got = append(got, r)
	}
	want := []row{
		{[]string{"attack"}, []string{"landak"}, map[string][]string{"about": nil}},
		{[]string{"support"}, []string{"landak"}, map[string][]string{"one": {"support"}}},
		{[]string{"support", "attack"}, []string{"banjar"}, map[string][]string{"elsewhere": nil}},
		{[]string{"support", "attack"}, []string{"landak"}, map[string][]string{"both": {"support", "attack"}, "none": nil}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlySoManySetsOfElectionsAreReadBySets(t *testing.T) {
	l := learnerOf(1, post.Support)
	corpora := l.corporaOf([]Decision{decided("a", "61.08", false, "", post.Support), decided("b", "63.03", false, "", post.Support)})
	if len(corpora) != 2 || len(corpora[0].Elections.Elections)+len(corpora[1].Elections.Elections) != 3 {
		t.Errorf("%+v", corpora)
	}
}

func TestTheLastFifthIsHeldOutWithoutWhatIsLearnedFrom(t *testing.T) {
	var all []Decision
	for i := range 11 {
		d := decided(string(rune('a'+i)), "", true, "", post.Support)
		d.At = time.Unix(int64(100-i), 0)
		all = append(all, d)
	}
	all[0].Post.Text = "TEKS\n  k" // the newest repeats the oldest
	first, last := split(sorted(all), 0.2)
	if len(first) != 9 || len(last) != 2 || last[1].Post.ID != "a" || last[0].Post.ID != "b" {
		t.Fatalf("%d and %+v", len(first), last)
	}
	rest, left := without(last, []Corpus{{Corpus: linear.Corpus{Examples: []linear.Example{{Text: "teks k"}}}}})
	if left != 1 || len(rest) != 1 || rest[0].Post.ID != "b" {
		t.Errorf("%d left out, %+v", left, rest)
	}
}

func TestOpenReadsContestantsBesideThePosts(t *testing.T) {
	files := fstest.MapFS{
		"a.tsv":  {Data: []byte("id\tlabels\ttext\n1\tsupport\tcoblos\n2\tnone\trapat\n")},
		"a.yaml": {Data: []byte("elections:\n  - {id: e, name: E, contestants: [{id: e-1, number: 1, names: [\"Budi Contoh\"]}]}\n")},
		"b.tsv":  {Data: []byte("text\tHS_Religion\tAbusive\nkata\t1\t0\n")},
		"c.tsv":  {Data: []byte("text\tlabels\nx\tsupport\n")},
		"c.yaml": {Data: []byte("elections: [{id: e}]\n")},
	}
	a, err := Open(files, "a.tsv")
	if err != nil || a.Elections == nil || len(a.Labels) != len(post.Labels) || len(a.known()) != len(post.Labels) {
		t.Errorf("%+v (%v)", a, err)
	}
	b, err := Open(files, "b.tsv")
	if err != nil || b.Elections != nil || len(b.known()) != 4+len(b.Labels) {
		t.Errorf("%+v (%v)", b, err)
	}
	for _, name := range []string{"c.tsv", "none.tsv"} {
		if _, err := Open(files, name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
