package learn_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/learn"
)

var noon = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)

// decisionOn is a decision to change, the nth in time.
func decisionOn(n int, text string, confirmed bool, change ...func(*learn.Decision)) learn.Decision {
	d := learn.Decision{
		Post:   post.Post{ID: fmt.Sprintf("x:%04d", n), Platform: "x", Kind: post.KindPost, Text: text, CreatedAt: noon},
		Labels: []post.Label{post.MoneyPolitics}, Confirmed: confirmed, At: noon.Add(time.Duration(n) * time.Minute),
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

// slang are decisions on offers in words that no model knows, and on talk that
// the same words do not make an offer; they get more telling in time.
func slang(n int) []learn.Decision {
	people := []string{"warga", "tetangga", "ibu-ibu", "pemuda", "nelayan", "petani", "sopir", "pedagang"}
	places := []string{"pasar", "dermaga", "balai desa", "lapangan", "masjid", "warung", "sawah"}
	var all []learn.Decision
	for i := range n {
		who, where := people[i%len(people)], places[i/3%len(places)]
		if i%2 == 0 {
			all = append(all, decisionOn(i, fmt.Sprintf("blengketan kranjangan buat %s di %s ronde %d, ambil sebelum subuh", who, where, i), true))
			continue
		}
		all = append(all, decisionOn(i, fmt.Sprintf("jadwal kerja bakti %s di %s ronde %d, bawa cangkul sendiri", who, where, i), false))
	}
	return all
}

// some are shipped posts, few enough for a test.
func some(t *testing.T) (training, measuring []learn.Corpus) {
	t.Helper()
	all, dev, err := learn.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 || len(dev) < 2 {
		t.Fatalf("%d and %d shipped files", len(all), len(dev))
	}
	keep := func(c learn.Corpus, n int) learn.Corpus {
		c.Examples = slices.Clone(c.Examples[:min(n, len(c.Examples))])
		return c
	}
	large := slices.DeleteFunc(slices.Clone(all), func(c learn.Corpus) bool { return len(c.Examples) < 300 })
	return []learn.Corpus{keep(large[0], 400), keep(large[1], 200)}, []learn.Corpus{keep(dev[0], 100)}
}

func start(t *testing.T) (*tuning.Compiler, tuning.Bundle) {
	t.Helper()
	compiler, err := tuning.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := tuning.Default(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return compiler, bundle
}

func TestItLearnsWhatAnalystsDecidedAndTheSameEveryTime(t *testing.T) {
	compiler, bundle := start(t)
	training, measuring := some(t)
	decisions := slang(120)
	outcome, err := learn.Run(learn.DefaultConfiguration(), compiler, bundle, decisions, training, measuring)
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Report
	if r.Decisions != 120 || r.Learned != 96 || r.HeldOut != 24 || !r.HeldOutFrom.Equal(noon.Add(96*time.Minute)) {
		t.Errorf("%+v: want the last 24 of 120 held out", r)
	}
	if len(r.Labels) != 1 {
		t.Fatalf("%+v", r.Labels)
	}
	money := r.Labels[0]
	if money.Label != post.MoneyPolitics || !money.Learned || money.Confirmed != 60 || money.Dismissed != 60 || money.Support != 12 || money.Measured != 24 {
		t.Errorf("%+v", money)
	}
	if money.Before.Recall.Value > 0.5 || money.After.Recall.Value < 0.9 || money.After.False > 1 {
		t.Errorf("before %+v, after %+v: the new words are not learned", money.Before, money.After)
	}
	if money.After.Recall.Low >= money.After.Recall.Value || money.After.Recall.High <= 0 {
		t.Errorf("no interval: %+v", money.After.Recall)
	}
	if len(r.Shipped) != len(post.Labels) {
		t.Errorf("%d labels measured on shipped posts", len(r.Shipped))
	}
	models, err := linear.Open(outcome.Weights)
	if err != nil {
		t.Fatal(err)
	}
	if models.Index("abusive") < 0 || !slices.ContainsFunc(r.Taught, func(m learn.Taught) bool { return m.Model == "abusive" }) {
		t.Errorf("what no file tells of is lost: %s, taught %v", models, r.Taught)
	}
	if report, _ := compiler.Check(outcome.Bundle); len(report.Problems) > 0 {
		t.Errorf("%v", report.Problems)
	}
	slices.Reverse(decisions)
	again, err := learn.Run(learn.DefaultConfiguration(), compiler, bundle, decisions, training, nil)
	if err != nil || !bytes.Equal(again.Weights, outcome.Weights) || !bytes.Equal(again.Fusion, outcome.Fusion) {
		t.Errorf("another result at the second time (%v)", err)
	}
}

func TestTooFewDecisionsAreRefused(t *testing.T) {
	compiler, bundle := start(t)
	for name, test := range map[string]struct {
		decisions []learn.Decision
		want      string
	}{
		"none":          {nil, "there are none"},
		"one kind only": {onlyConfirmed(slang(200)), "money_politics: 100 confirmed, 0 dismissed"},
		"few":           {slang(20), "money_politics: 10 confirmed, 10 dismissed"},
	} {
		_, err := learn.Run(learn.DefaultConfiguration(), compiler, bundle, test.decisions, nil, nil)
		if !errors.Is(err, learn.ErrTooFew) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "at least 20") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func onlyConfirmed(decisions []learn.Decision) []learn.Decision {
	return slices.DeleteFunc(decisions, func(d learn.Decision) bool { return !d.Confirmed })
}

func TestTheTextThatIsLearned(t *testing.T) {
	for want, p := range map[string]post.Post{
		"own":    {Text: "own", Quoted: "of others"},
		"shared": {Text: "👍 👍", Quoted: "shared"},
		"":       {Text: ""},
	} {
		if got := learn.Text(&p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
