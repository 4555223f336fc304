package review_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// manyFlags are n flags of other texts by other accounts.
func manyFlags(n int) []post.Flag {
	flags := make([]post.Flag, n)
	for i := range flags {
		flags[i] = flagOf(fmt.Sprintf("x:%04d", i), func(f *post.Flag) { f.Post.Account.ID = fmt.Sprint(i) })
	}
	return flags
}

func TestManyAnalystsAtOnceNeverGetTheSameItem(t *testing.T) {
	const analysts, batch, items = 50, 3, 120
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(manyFlags(items)...)
		var all sync.WaitGroup
		var mu sync.Mutex
		holders := map[string][]string{}
		for i := range analysts {
			viewer := access.Viewer{ID: int64(100 + i), Name: fmt.Sprintf("analyst-%d", i), Role: access.Analyst}
			all.Go(func() {
				taken, err := b.ClaimNext(t.Context(), viewer, review.Filter{}, batch)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, item := range taken {
					holders[item.ID] = append(holders[item.ID], viewer.Name)
				}
			})
		}
		all.Wait()
		for id, names := range holders {
			if len(names) != 1 {
				t.Errorf("item %s was given to %v", id, names)
			}
			if item := b.item(id); item.Holder != names[0] {
				t.Errorf("item %s is held by %q, given to %q", id, item.Holder, names[0])
			}
		}
		if len(holders) != items {
			t.Errorf("%d items were given out, want all %d", len(holders), items)
		}
	})
}

func TestManyAnalystsAtOnceDecideEachItemOnce(t *testing.T) {
	const analysts = 50
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(manyFlags(10)...)
		var all sync.WaitGroup
		var mu sync.Mutex
		made := map[string]int{}
		for i := range analysts {
			viewer := access.Viewer{ID: int64(100 + i), Name: fmt.Sprintf("analyst-%d", i), Role: access.Analyst}
			id := fmt.Sprintf("x:%04d", i%10)
			all.Go(func() {
				_, err := b.Decide(t.Context(), viewer, []review.Choice{{Item: id, Revision: 1}}, violation)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made[id]++
				case !errors.Is(err, review.ErrChanged):
					t.Error(err)
				}
			})
		}
		all.Wait()
		for i := range 10 {
			id := fmt.Sprintf("x:%04d", i)
			if history, err := b.History(t.Context(), citra, id); err != nil || len(history) != 1 || made[id] != 1 {
				t.Errorf("item %s has %d decisions, %d calls succeeded (%v)", id, len(history), made[id], err)
			}
		}
	})
}

func TestALockLastsAsLongAsSomebodyWorks(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"))
		claim := func(viewer access.Viewer, force bool) error {
			_, err := b.Claim(t.Context(), viewer, []string{"x:1"}, force)
			return err
		}
		if err := claim(ani, false); err != nil {
			t.Fatal(err)
		}
		if err := claim(budi, false); !errors.Is(err, review.ErrTaken) {
			t.Errorf("budi takes what ani has: %v", err)
		}
		if _, err := b.decide(budi, "x:1", benign); !errors.Is(err, review.ErrTaken) {
			t.Errorf("budi decides on what ani has: %v", err)
		}
		if got, err := b.ClaimNext(t.Context(), budi, review.Filter{}, 1); err != nil || len(got) != 0 {
			t.Errorf("budi got %v (%v)", got, err)
		}
		b.clock.pass(10 * time.Minute)
		if _, err := b.Open(t.Context(), ani, "x:1"); err != nil {
			t.Fatal(err)
		}
		b.clock.pass(10 * time.Minute)
		if err := claim(budi, false); !errors.Is(err, review.ErrTaken) {
			t.Errorf("opening did not renew the lock: %v", err)
		}
		if got := b.ids(ani, review.Filter{Holder: "ani"}, review.ByUrgency); len(got) != 1 {
			t.Errorf("ani holds %v", got)
		}
		b.clock.pass(6 * time.Minute)
		if item := b.item("x:1"); item.Holder != "" {
			t.Errorf("held by %q after the lock is over", item.Holder)
		}
		if got := b.ids(ani, review.Filter{Holder: "ani"}, review.ByUrgency); len(got) != 0 {
			t.Errorf("ani still holds %v", got)
		}
		if err := claim(budi, false); err != nil {
			t.Errorf("the lock is over: %v", err)
		}
		if err := claim(ani, true); err != nil {
			t.Errorf("with force: %v", err)
		}
		if err := b.Release(t.Context(), budi, []string{"x:1"}); err != nil || b.item("x:1").Holder != "ani" {
			t.Errorf("budi gave back what ani holds (%v)", err)
		}
		if err := b.Release(t.Context(), ani, []string{"x:1"}); err != nil || b.item("x:1").Holder != "" {
			t.Errorf("ani could not give it back (%v)", err)
		}
	})
}

func TestABatchIsTakenWholeOrNotAtAll(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(manyFlags(4)...)
		if _, err := b.Claim(t.Context(), ani, []string{"x:0001"}, false); err != nil {
			t.Fatal(err)
		}
		_, err := b.Claim(t.Context(), budi, []string{"x:0000", "x:0001", "x:0002", "nowhere"}, false)
		var hindered *review.HinderedError
		if !errors.As(err, &hindered) || len(hindered.Items) != 2 || hindered.Items[0].Item != "x:0001" || hindered.Items[1].Item != "nowhere" {
			t.Errorf("error %v", err)
		}
		if b.item("x:0000").Holder != "" || b.item("x:0002").Holder != "" {
			t.Error("some were taken")
		}
		items, err := b.Claim(t.Context(), budi, []string{"x:0003", "x:0000"}, false)
		if err != nil || len(items) != 2 || items[0].ID != "x:0003" || items[0].Holder != "budi" {
			t.Errorf("%v (%v)", items, err)
		}
	})
}

func TestAssignedItemsAreForThatPerson(t *testing.T) {
	people := map[string]access.Viewer{"budi": budi, "dewi": landak, "fajar": operator}
	configure := func(_ *review.Configuration, d *review.Dependencies) { d.Person = peopleOf(people) }
	each(t, configure, func(t *testing.T, b *bench) {
		b.take(flagOf("x:1"), flagOf("x:2", func(f *post.Flag) { f.Person.Region = "73.01" }))
		assign := func(viewer access.Viewer, to string, ids ...string) error {
			return b.Assign(t.Context(), viewer, ids, to)
		}
		for name, test := range map[string]struct {
			err, want error
		}{
			"an analyst to another":      {assign(ani, "budi", "x:1"), review.ErrForbidden},
			"to nobody known":            {assign(citra, "zaki", "x:1"), review.ErrInvalid},
			"to who does not review":     {assign(citra, "fajar", "x:1"), review.ErrInvalid},
			"out of the person's region": {assign(citra, "dewi", "x:2"), review.ErrInvalid},
			"out of the own region":      {assign(kalbar, "budi", "x:2"), review.ErrNotFound},
			"by who does not review":     {assign(operator, "budi", "x:1"), review.ErrForbidden},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("%s: %v, want %v", name, test.err, test.want)
			}
		}
		if err := assign(citra, "budi", "x:1"); err != nil {
			t.Fatal(err)
		}
		if err := assign(ani, "ani", "x:1"); !errors.Is(err, review.ErrTaken) {
			t.Errorf("ani takes over what was given to budi: %v", err)
		}
		if got, err := b.ClaimNext(t.Context(), ani, review.Filter{}, 5); err != nil || len(got) != 1 || got[0].ID != "x:2" {
			t.Errorf("ani got %v (%v)", got, err)
		}
		if got, err := b.ClaimNext(t.Context(), budi, review.Filter{Assignee: "budi"}, 5); err != nil || len(got) != 1 || got[0].ID != "x:1" {
			t.Errorf("budi got %v (%v)", got, err)
		}
		if err := assign(budi, "", "x:1"); err != nil || b.item("x:1").Assignee != "" {
			t.Errorf("budi gives it back: %v", err)
		}
	})
}

func TestRightsAndRegionsHoldForEveryCall(t *testing.T) {
	each(t, nil, func(t *testing.T, b *bench) {
		b.take(flagOf("x:here"), flagOf("x:there", func(f *post.Flag) { f.Person.Region = "73.01"; f.Post.Account.ID = "73" }),
			flagOf("x:nowhere", func(f *post.Flag) { f.Person.Region = "" }), flagOf("x:near", func(f *post.Flag) { f.Person.Region = "61.080" }))
		ctx := t.Context()
		calls := map[string]func(v access.Viewer, id string) error{
			"item":    func(v access.Viewer, id string) error { _, err := b.Item(ctx, v, id); return err },
			"open":    func(v access.Viewer, id string) error { _, err := b.Open(ctx, v, id); return err },
			"history": func(v access.Viewer, id string) error { _, err := b.History(ctx, v, id); return err },
			"similar": func(v access.Viewer, id string) error { _, err := b.Similar(ctx, v, id); return err },
			"neighbours": func(v access.Viewer, id string) error {
				_, err := b.Neighbours(ctx, v, review.Filter{}, review.ByUrgency, id)
				return err
			},
			"claim":  func(v access.Viewer, id string) error { _, err := b.Claim(ctx, v, []string{id}, true); return err },
			"assign": func(v access.Viewer, id string) error { return b.Assign(ctx, v, []string{id}, v.Name) },
			"decide": func(v access.Viewer, id string) error { _, err := b.decide(v, id, unsure); return err },
		}
		writes := []string{"claim", "assign", "decide"}
		for _, name := range slices.Sorted(maps.Keys(calls)) { // decide comes after claim
			call := calls[name]
			for _, id := range []string{"x:there", "x:nowhere", "x:near", "x:none"} {
				if name == "decide" && id == "x:none" {
					continue
				}
				if err := call(landak, id); !errors.Is(err, review.ErrNotFound) {
					t.Errorf("%s of %s: %v, want not found", name, id, err)
				}
			}
			want := error(nil)
			if slices.Contains(writes, name) {
				want = review.ErrForbidden
			}
			if err := call(operator, "x:here"); !errors.Is(err, want) {
				t.Errorf("%s by an operator: %v, want %v", name, err, want)
			}
			if err := call(admin, "x:here"); !errors.Is(err, review.ErrForbidden) {
				t.Errorf("%s by an administrator: %v", name, err)
			}
			if err := call(landak, "x:here"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		all := review.Filter{Status: review.Statuses}
		if got := b.ids(landak, all, review.ByUrgency); !slices.Equal(got, []string{"x:here"}) {
			t.Errorf("list of 61.08: %v", got)
		}
		if got := b.ids(kalbar, all, review.ByUrgency); len(got) != 2 {
			t.Errorf("list of 61: %v", got)
		}
		all.Region = "73"
		if got := b.ids(landak, all, review.ByUrgency); len(got) != 0 {
			t.Errorf("filter beyond the right: %v", got)
		}
		counts, err := b.Counts(ctx, landak, review.Filter{Status: review.Statuses})
		if err != nil || counts.Total != 1 || len(counts.Regions) != 1 {
			t.Errorf("counts %+v (%v)", counts, err)
		}
		if items, err := b.OfAccount(ctx, landak, "mastodon:73"); err != nil || len(items) != 0 {
			t.Errorf("account of another region: %v (%v)", items, err)
		}
		if _, err := b.List(ctx, admin, review.Filter{}, "", "", 10); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("list by an administrator: %v", err)
		}
		if _, err := b.Counts(ctx, admin, review.Filter{}); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("counts by an administrator: %v", err)
		}
		if _, err := b.OfAccount(ctx, admin, "mastodon:42"); !errors.Is(err, review.ErrForbidden) {
			t.Errorf("account by an administrator: %v", err)
		}
	})
}
