package judge_test

import (
	"slices"
	"testing"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
)

func TestWhatNearlyMatchedIsTold(t *testing.T) {
	j := newJudge(t)
	for name, test := range map[string]struct {
		text, rule    string
		why           keyword.Missed
		trigger, term string
	}{
		"nobody is named":     {"ayo nyoblos ramai-ramai", "support/vote-for", keyword.MissedNear, "nyoblos", "@contestant"},
		"whom is too far":     {"ayo nyoblos besok pagi sekali sebelum berangkat ke pasar dan jangan sampai terlambat ya bapak ibu semua, salam dari nomor 2", "support/vote-for", keyword.MissedNear, "nyoblos", "@contestant"},
		"one of several near": {"kampanye nomor 2", "support/campaign-invite", keyword.MissedNear, "kampanye", "@invite"},
	} {
		x := j.Explain(&post.Post{ID: "x", Kind: post.KindPost, Text: test.text}, "94.71")
		at := slices.IndexFunc(x.Nearly, func(n judge.Nearly) bool { return n.Rule.Source() == test.rule })
		if at < 0 {
			t.Errorf("%s: %s is not told", name, test.rule)
			continue
		}
		n := x.Nearly[at]
		if n.Why != test.why || n.Trigger.Text != test.trigger || test.text[n.Trigger.Start:n.Trigger.End] != test.trigger || !slices.Contains(n.Terms, test.term) {
			t.Errorf("%s: %+v", name, n)
		}
	}
}

func TestAnExplanationHasTheVerdictOfClassify(t *testing.T) {
	j := newJudge(t)
	for _, text := range []string{"ayo coblos nomor 2", "ASN dilarang mengajak coblos nomor 2", "pagi yang cerah", "Nomor 1 pembohong, pilih nomor 2 saja"} {
		p := post.Post{ID: "x", Kind: post.KindPost, Text: text}
		x := j.Explain(&p, "94.71")
		if got, want := said(x.Verdict), said(j.Classify(&p, "94.71")); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		for _, label := range x.Verdict.Labels {
			at := slices.IndexFunc(x.Chances, func(c judge.Chance) bool { return c.Label == label.Label })
			if c := x.Chances[at]; c.Score != label.Score || c.Score < c.Threshold {
				t.Errorf("%q: %+v, want %v", text, c, label.Score)
			}
		}
	}
	forbidden := j.Explain(&post.Post{ID: "x", Kind: post.KindPost, Text: "ASN dilarang mengajak coblos nomor 2"}, "94.71")
	at := slices.IndexFunc(forbidden.Held, func(h judge.Held) bool { return h.Rule.Source() == "support/vote-for" })
	if at < 0 || forbidden.Held[at].Reason.Weight > 0.1 || !slices.Contains(forbidden.Held[at].Effects, "forbidden") {
		t.Errorf("what is forbidden: %+v", forbidden.Held)
	}
}
