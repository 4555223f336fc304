package learn_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning/learn"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

func TestDecisionsAreGatheredWithTheTextsThatTheyAreAbout(t *testing.T) {
	c := embeddedtest.Engine(t)
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	flag := func(id string, change ...func(*post.Flag)) post.Flag {
		f := post.Flag{
			Post:    post.Post{ID: id, Platform: "x", Kind: post.KindPost, Text: "teks " + id, CreatedAt: noon, CollectedAt: noon},
			Verdict: post.Verdict{ID: id, Labels: []post.LabelScore{{Label: post.Support, Score: 1}}}, FlaggedAt: noon,
		}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	insert := func(token string, flags ...post.Flag) {
		if err := s.Insert(t.Context(), store.Batch{Token: token, Flags: flags}); err != nil {
			t.Fatal(err)
		}
	}
	again := func(f *post.Flag) { f.Post.CollectedAt = noon.Add(time.Hour) }
	wordless := func(f *post.Flag) { f.Post.Text = "👍" }
	withdrawn := func(f *post.Flag) { f.Verdict.Labels, f.FlaggedAt = nil, noon.Add(time.Hour) }
	insert("a", flag("x:1"), flag("x:2"), flag("x:edited"), flag("x:person"), flag("x:wordless", wordless), flag("x:unsure"), flag("x:twice"), flag("x:back"))
	insert("b", flag("x:edited", again))
	insert("c", flag("x:back", withdrawn))

	decision := func(id, item string, change ...func(*store.DecisionRow)) store.DecisionRow {
		d := store.DecisionRow{
			ID: id, Item: item, Edition: 1, Labels: []string{"support", "attack"}, Rules: []string{}, Contestants: []string{}, Region: "61.08",
			Verdict: "violation", Rule: "KE-4", At: noon.Add(time.Minute), Round: 1, FlaggedAt: noon,
		}
		for _, c := range change {
			c(&d)
		}
		return d
	}
	dismissed := func(cause string) func(*store.DecisionRow) {
		return func(d *store.DecisionRow) { d.Verdict, d.Rule, d.Cause = "no_violation", "", cause }
	}
	err = s.InsertDecisions(t.Context(), "decisions", []store.DecisionRow{
		decision("a", "x:1", func(d *store.DecisionRow) { d.At, d.Label = noon.Add(2*time.Minute), "attack" }),
		decision("b", "x:2", dismissed("denial")),
		decision("c", "x:edited"), decision("d", "x:person", dismissed("not_the_person")), decision("e", "x:wordless"), decision("f", "x:gone"),
		decision("g", "x:unsure", func(d *store.DecisionRow) { d.Verdict = "unsure" }),
		decision("h", "x:twice"), decision("i", "x:twice", dismissed("report"), func(d *store.DecisionRow) { d.Edition = 2 }),
		decision("j", "x:back", dismissed("satire")),
	})
	if err != nil {
		t.Fatal(err)
	}
	decisions, passed, err := learn.Gather(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if want := (learn.PassedOver{Gone: 1, Edited: 1, Person: 1, Wordless: 1}); passed != want {
		t.Errorf("%+v, want %+v", passed, want)
	}
	type short struct {
		ID, Text  string
		Label     post.Label
		Confirmed bool
	}
	var got []short
	for _, d := range decisions {
		got = append(got, short{d.Post.ID, d.Post.Text, d.Label, d.Confirmed})
		if d.Region != "61.08" || len(d.Labels) != 2 {
			t.Errorf("%+v", d)
		}
	}
	want := []short{
		{"x:2", "teks x:2", "", false}, {"x:back", "teks x:back", "", false}, {"x:twice", "teks x:twice", "", false}, {"x:1", "teks x:1", "attack", true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
