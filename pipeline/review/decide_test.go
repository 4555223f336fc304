package review_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

func peopleOf(people map[string]access.Viewer) func(context.Context, string) (access.Viewer, bool, error) {
	return func(_ context.Context, name string) (access.Viewer, bool, error) {
		person, ok := people[name]
		return person, ok, nil
	}
}

func TestDecisionsMoveTheItem(t *testing.T) {
	type step struct {
		by   access.Viewer
		d    review.Decision
		want review.Status
		err  error
	}
	keRule := review.Decision{Verdict: review.Violation, Rule: "KE-2"}
	tests := map[string]struct {
		configure func(*review.Configuration, *review.Dependencies)
		steps     []step
	}{
		"a violation":                {nil, []step{{ani, violation, review.Confirmed, nil}}},
		"none":                       {nil, []step{{ani, benign, review.Dismissed, nil}}},
		"decided, and decided again": {nil, []step{{ani, benign, review.Dismissed, nil}, {budi, violation, review.Dismissed, review.ErrChanged}}},
		"a second opinion asked for": {nil, []step{{ani, unsure, review.Second, nil}, {ani, benign, review.Second, review.ErrSamePerson}, {budi, benign, review.Dismissed, nil}}},
		"both unsure": {nil, []step{
			{ani, unsure, review.Second, nil}, {budi, unsure, review.Conflict, nil}, {budi, benign, review.Conflict, review.ErrForbidden},
			{citra, unsure, review.Conflict, review.ErrInvalid}, {citra, violation, review.Confirmed, nil},
		}},
		"all get two, and they agree": {shareOf(1), []step{{ani, benign, review.Second, nil}, {budi, benign, review.Dismissed, nil}}},
		"all get two, and they do not": {shareOf(1), []step{
			{ani, benign, review.Second, nil}, {budi, violation, review.Conflict, nil}, {citra, benign, review.Dismissed, nil},
		}},
		"confirmed ones get two":              {confirmed, []step{{ani, violation, review.Second, nil}, {budi, violation, review.Confirmed, nil}}},
		"dismissed ones do not":               {confirmed, []step{{ani, benign, review.Dismissed, nil}}},
		"unsure and a violation, two needed":  {confirmed, []step{{ani, unsure, review.Second, nil}, {budi, violation, review.Conflict, nil}}},
		"two rules are the same verdict":      {confirmed, []step{{ani, violation, review.Second, nil}, {budi, keRule, review.Confirmed, nil}}},
		"two rules are a conflict if so set":  {sameRule, []step{{ani, violation, review.Second, nil}, {budi, keRule, review.Conflict, nil}}},
		"an operator does not":                {nil, []step{{operator, violation, review.Open, review.ErrForbidden}}},
		"a supervisor's second, like another": {confirmed, []step{{citra, violation, review.Second, nil}, {citra, violation, review.Second, review.ErrSamePerson}, {ani, violation, review.Confirmed, nil}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, test.configure, func(t *testing.T, b *bench) {
				b.take(flagOf("x:1"))
				for i, s := range test.steps {
					_, err := b.decide(s.by, "x:1", s.d)
					if !errors.Is(err, s.err) || err != nil && s.err == nil {
						t.Errorf("step %d: error %v, want %v", i, err, s.err)
					}
					if got := b.item("x:1").Status; got != s.want {
						t.Errorf("step %d: %s, want %s", i, got, s.want)
					}
				}
			})
		})
	}
}

func shareOf(share float64) func(*review.Configuration, *review.Dependencies) {
	return func(c *review.Configuration, _ *review.Dependencies) { c.SecondShare = share }
}

func confirmed(c *review.Configuration, _ *review.Dependencies) { c.SecondConfirmed = true }

func sameRule(c *review.Configuration, _ *review.Dependencies) {
	c.SecondConfirmed, c.AgreeOnRule = true, true
}

func TestTheConfiguredShareGetsASecondDecision(t *testing.T) {
	each(t, shareOf(0.3), func(t *testing.T, b *bench) {
		flags := manyFlags(400)
		for len(flags) > 0 {
			b.take(flags[:200]...)
			flags = flags[200:]
		}
		choices := []review.Choice{}
		for _, id := range b.ids(ani, review.Filter{}, review.ByUrgency) {
			choices = append(choices, review.Choice{Item: id, Revision: 1})
		}
		if _, err := b.Decide(t.Context(), ani, choices, benign); err != nil {
			t.Fatal(err)
		}
		if n := len(b.ids(budi, review.Filter{Status: []review.Status{review.Second}}, review.ByUrgency)); n < 80 || n > 160 {
			t.Errorf("%d of 400 get a second decision, want about 120", n)
		}
	})
}

func TestTheSecondAnalystDoesNotSeeTheFirstDecision(t *testing.T) {
	each(t, shareOf(1), func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		b.mustDecide(ani, "x:1", violation)
		seen := func(viewer access.Viewer) int {
			history, err := b.History(t.Context(), viewer, "x:1")
			if err != nil {
				t.Fatal(err)
			}
			items, err := b.OfAccount(t.Context(), viewer, "mastodon:42")
			if err != nil || len(items) != 1 || len(items[0].Decisions) != len(history) {
				t.Fatalf("the account's page shows other decisions than the item's: %v (%v)", items, err)
			}
			return len(history)
		}
		if seen(ani) != 1 || seen(budi) != 0 || seen(citra) != 0 {
			t.Errorf("before the second: ani sees %d, budi %d, citra %d", seen(ani), seen(budi), seen(citra))
		}
		if got, err := b.ClaimNext(t.Context(), ani, review.Filter{}, 1); err != nil || len(got) != 0 {
			t.Errorf("ani got the own item as second: %v (%v)", got, err)
		}
		b.mustDecide(budi, "x:1", benign)
		if seen(ani) != 2 || seen(budi) != 2 || seen(citra) != 2 {
			t.Error("after the second all see both")
		}
	})
}

func TestCorrectionsAreNewDecisions(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		first := b.mustDecide(ani, "x:1", violation)
		correct := func(v access.Viewer, d review.Decision, replaces string) (review.Decision, error) {
			d.Replaces = replaces
			return b.decide(v, "x:1", d)
		}
		if _, err := correct(budi, benign, first.ID); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("budi corrects ani: %v", err)
		}
		second, err := correct(ani, benign, first.ID)
		if err != nil || second.Round != 1 || b.item("x:1").Status != review.Dismissed {
			t.Fatalf("%+v (%v), %s", second, err, b.item("x:1").Status)
		}
		if _, err := correct(ani, violation, first.ID); !errors.Is(err, review.ErrChanged) {
			t.Errorf("a replaced one is replaced again: %v", err)
		}
		third, err := correct(citra, violation, second.ID)
		if err != nil || third.Round != 3 || b.item("x:1").Status != review.Confirmed {
			t.Errorf("%+v (%v)", third, err)
		}
		history, err := b.History(t.Context(), ani, "x:1")
		if err != nil || len(history) != 3 || history[0].Current || history[1].Current || !history[2].Current || history[1].Replaces != first.ID {
			t.Errorf("history %+v (%v)", history, err)
		}
	})
}

func TestWithTwoDecisionsOnlyASupervisorCorrects(t *testing.T) {
	each(t, shareOf(1), func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		first := b.mustDecide(ani, "x:1", violation)
		b.mustDecide(budi, "x:1", benign)
		again := benign
		again.Replaces = first.ID
		if _, err := b.decide(ani, "x:1", again); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("ani gives in after having seen budi's: %v", err)
		}
		if _, err := b.Undo(t.Context(), ani, first.ID); !errors.Is(err, review.ErrNotUndone) {
			t.Errorf("ani takes back what budi has decided after: %v", err)
		}
	})
}

func TestUndoTakesADecisionBack(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		made := b.mustDecide(ani, "x:1", violation)
		if _, err := b.Undo(t.Context(), budi, made.ID); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("budi takes back ani's: %v", err)
		}
		if _, err := b.Undo(t.Context(), ani, "none"); !errors.Is(err, review.ErrNotFound) {
			t.Errorf("none: %v", err)
		}
		item, err := b.Undo(t.Context(), ani, made.ID)
		if err != nil || item.Status != review.Open || item.Holder != "ani" || !item.Decided.IsZero() {
			t.Errorf("%+v (%v)", item, err)
		}
		if _, err := b.Undo(t.Context(), ani, made.ID); !errors.Is(err, review.ErrNotUndone) {
			t.Errorf("twice: %v", err)
		}
		history, err := b.History(t.Context(), ani, "x:1")
		if err != nil || len(history) != 2 || history[0].Current || !history[1].Withdrawn || history[1].Replaces != made.ID {
			t.Errorf("%+v (%v)", history, err)
		}
		b.mustDecide(ani, "x:1", benign)
		if b.item("x:1").Status != review.Dismissed {
			t.Error("it cannot be decided again")
		}
	})
}

func TestBulkDecisionsAreAllOrNothing(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(manyFlags(6)...)
		choices := []review.Choice{{"x:0000", 1}, {"x:0001", 1}, {"x:0002", 7}, {"x:0003", 1}, {"x:0009", 1}}
		if _, err := b.Claim(t.Context(), budi, []string{"x:0003"}, false); err != nil {
			t.Fatal(err)
		}
		_, err := b.Decide(t.Context(), ani, choices, benign)
		var hindered *review.HinderedError
		if !errors.As(err, &hindered) {
			t.Fatalf("error %v", err)
		}
		var got []string
		for _, h := range hindered.Items {
			got = append(got, h.Item+": "+h.Err.Error())
		}
		want := []string{"x:0002: " + review.ErrChanged.Error(), "x:0003: " + review.ErrTaken.Error(), "x:0009: " + review.ErrNotFound.Error()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if n := len(b.ids(ani, review.Filter{}, review.ByUrgency)); n != 6 {
			t.Errorf("%d still wait, want all 6", n)
		}
		made, err := b.Decide(t.Context(), ani, choices[:2], benign)
		if err != nil || len(made) != 2 || made[0].ID == made[1].ID {
			t.Errorf("%+v (%v)", made, err)
		}
		if n := len(b.ids(ani, review.Filter{}, review.ByUrgency)); n != 4 {
			t.Errorf("%d wait, want 4", n)
		}
	})
}

func TestDecisionsThatAreNotAllowedSayWhatIs(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2"), flagOf("x:3"))
		b.mustDecide(ani, "x:3", review.Decision{Verdict: review.SameAs, Same: "x:2"})
		for name, test := range map[string]struct {
			d    review.Decision
			want string
		}{
			"no verdict":          {review.Decision{}, "verdict"},
			"no rule":             {review.Decision{Verdict: review.Violation}, "KE-4"},
			"unknown rule":        {review.Decision{Verdict: review.Violation, Rule: "KE-99"}, "KE-99"},
			"no cause":            {review.Decision{Verdict: review.NoViolation}, "satire"},
			"rule without":        {review.Decision{Verdict: review.NoViolation, Cause: review.Denial, Rule: "KE-4"}, "rule"},
			"cause without":       {review.Decision{Verdict: review.Violation, Rule: "KE-4", Cause: review.Denial}, "cause"},
			"same as nothing":     {review.Decision{Verdict: review.SameAs}, "same"},
			"same as itself":      {review.Decision{Verdict: review.SameAs, Same: "x:1"}, "another item"},
			"same as none":        {review.Decision{Verdict: review.SameAs, Same: "x:9"}, "an item that there is"},
			"same as a duplicate": {review.Decision{Verdict: review.SameAs, Same: "x:3"}, "no duplicate itself"},
			"another label":       {review.Decision{Verdict: review.Violation, Rule: "KE-4", Label: post.Hoax}, "support"},
			"a long note":         {review.Decision{Verdict: review.Unsure, Note: strings.Repeat("ä", review.MostNote+1)}, "4000"},
		} {
			_, err := b.decide(ani, "x:1", test.d)
			if !errors.Is(err, review.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want it to say %q", name, err, test.want)
			}
		}
		made := b.mustDecide(ani, "x:1", review.Decision{Verdict: review.Unsure, Note: " <b>'; DROP TABLE\x00 \xff "})
		if made.Note != "<b>'; DROP TABLE \ufffd" {
			t.Errorf("note %q", made.Note)
		}
	})
}

func TestTheLegalClockStartsOnce(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2", func(f *post.Flag) { f.Verdict.Labels[0].Score = 1; f.Verdict.Labels[0].Label = post.Intimidation }))
		item, err := b.Open(t.Context(), ani, "x:1")
		if err != nil || !item.OpenedAt.Equal(noon) || !item.Due.Equal(noon.AddDate(0, 0, 7)) {
			t.Fatalf("%+v (%v)", item, err)
		}
		b.clock.pass(24 * time.Hour)
		again, err := b.Open(t.Context(), budi, "x:1")
		if err != nil || !again.OpenedAt.Equal(noon) {
			t.Errorf("%+v (%v)", again, err)
		}
		if got := b.ids(ani, review.Filter{}, review.ByUrgency); got[0] != "x:2" {
			t.Errorf("on the second day: %v", got)
		}
		b.clock.pass(5*24*time.Hour + time.Hour)
		if err := b.RefreshUrgency(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.ids(ani, review.Filter{}, review.ByUrgency); got[0] != "x:1" {
			t.Errorf("on the last day: %v", got)
		}
		lastDay := b.item("x:1").Urgency
		b.clock.pass(48 * time.Hour)
		if err := b.RefreshUrgency(t.Context()); err != nil {
			t.Fatal(err)
		}
		if over := b.item("x:1").Urgency; over >= lastDay {
			t.Errorf("urgency %d when the time is over, %d on the last day", over, lastDay)
		}
		if got := b.ids(ani, review.Filter{}, review.ByDue); got[0] != "x:1" {
			t.Errorf("by due: %v", got)
		}
	})
}

// ledger is an audit log that fails if it is told to.
type ledger struct {
	entries []string
	fail    error
}

func (l *ledger) Record(_ context.Context, _ *database.Tx, by access.Viewer, action, subject string, _ map[string]string) error {
	l.entries = append(l.entries, by.Name+" "+action+" "+subject)
	return l.fail
}

func TestEveryViewAndDecisionIsAuditedOrDoesNotHappen(t *testing.T) {
	var log *ledger
	configure := func(_ *review.Configuration, d *review.Dependencies) { log = &ledger{}; d.Audit = log }
	each(t, configure, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		if _, err := b.Open(t.Context(), ani, "x:1"); err != nil {
			t.Fatal(err)
		}
		made := b.mustDecide(ani, "x:1", violation)
		if _, err := b.Undo(t.Context(), ani, made.ID); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ani item.open x:1", "ani item.decide x:1", "ani item.undo x:1"}, log.entries); diff != "" {
			t.Error(diff)
		}
		log.fail = errors.New("the log is full")
		if _, err := b.decide(ani, "x:1", violation); !errors.Is(err, log.fail) {
			t.Errorf("error %v", err)
		}
		if b.item("x:1").Status != review.Open {
			t.Error("decided without a line in the log")
		}
	})
}
