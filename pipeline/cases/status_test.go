package cases_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
)

const bkn = "Badan Kepegawaian Negara (BKN)"

// road leads a case to a status.
func (b *bench) road(to cases.Status) cases.Case {
	b.t.Helper()
	ctx, c := b.t.Context(), b.create(ani, "mastodon:1")
	var err error
	if to != cases.Open {
		c, err = b.SetReady(ctx, ani, c.ID, c.Revision)
	}
	if err == nil && (to == cases.HandedOver || to == cases.Closed) {
		c, err = b.HandOver(ctx, ani, c.ID, c.Revision, cases.Handover{Receiver: bkn, Reference: "B/1", On: b.now})
	}
	if err == nil && to == cases.Closed {
		c, err = b.Close(ctx, ani, c.ID, c.Revision, cases.Proven, "")
	}
	if err != nil || c.Status != to {
		b.t.Fatalf("%s: %+v, %v", to, c, err)
	}
	return c
}

func TestACaseGoesFromStatusToStatusOnlyAsAllowed(t *testing.T) {
	steps := map[string]func(*bench, access.Viewer, cases.Case) (cases.Case, error){
		"ready": func(b *bench, v access.Viewer, c cases.Case) (cases.Case, error) {
			return b.SetReady(b.t.Context(), v, c.ID, c.Revision)
		},
		"reopen": func(b *bench, v access.Viewer, c cases.Case) (cases.Case, error) {
			return b.Reopen(b.t.Context(), v, c.ID, c.Revision, "perlu dilengkapi")
		},
		"hand over": func(b *bench, v access.Viewer, c cases.Case) (cases.Case, error) {
			return b.HandOver(b.t.Context(), v, c.ID, c.Revision, cases.Handover{Receiver: "Bawaslu RI", On: b.now})
		},
		"close": func(b *bench, v access.Viewer, c cases.Case) (cases.Case, error) {
			return b.Close(b.t.Context(), v, c.ID, c.Revision, cases.Dropped, "tidak cukup bukti")
		},
	}
	allowed := map[cases.Status]map[string]cases.Status{
		cases.Open:       {"ready": cases.Ready, "close": cases.Closed},
		cases.Ready:      {"reopen": cases.Open, "hand over": cases.HandedOver, "close": cases.Closed},
		cases.HandedOver: {"reopen": cases.Open, "hand over": cases.HandedOver, "close": cases.Closed},
		cases.Closed:     {"reopen": cases.Open},
	}
	each(t, func(t *testing.T, b *bench) {
		for _, from := range cases.Statuses {
			for name, step := range steps {
				c := b.road(from)
				after, err := step(b, citra, c)
				want, ok := allowed[from][name]
				switch {
				case !ok && !errors.Is(err, cases.ErrInvalid):
					t.Errorf("%s from %s: %v, want it refused", name, from, err)
				case ok && (err != nil || after.Status != want || after.Revision != c.Revision+1):
					t.Errorf("%s from %s: %+v, %v, want %s", name, from, after, err, want)
				}
				if ok && !slices.Contains(append(cases.Next(from), cases.HandedOver), want) {
					t.Errorf("Next(%s) does not tell of %s", from, want)
				}
				if closed := after.Status == cases.Closed; ok && closed == after.ClosedAt.IsZero() {
					t.Errorf("%s from %s: closed at %s", name, from, after.ClosedAt)
				}
			}
		}
	})
}

func TestWhoMayChangeACase(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		acts := map[string]struct {
			from cases.Status
			by   []string // who may
			do   func(access.Viewer, cases.Case) error
		}{
			"note": {cases.Open, []string{"ani", "citra", "dewi", "eka"}, func(v access.Viewer, c cases.Case) error { _, err := b.Note(ctx, v, c.ID, "catatan"); return err }},
			"rename": {cases.Open, []string{"ani", "citra", "dewi", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Rename(ctx, v, c.ID, c.Revision, v.Name)
				return err
			}},
			"hold": {cases.Open, []string{"citra", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Hold(ctx, v, c.ID, c.Revision, "gugatan")
				return err
			}},
			"close unhanded": {cases.Open, []string{"citra", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Close(ctx, v, c.ID, c.Revision, cases.Dropped, "x")
				return err
			}},
			"close": {cases.HandedOver, []string{"ani", "citra", "dewi", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Close(ctx, v, c.ID, c.Revision, cases.NotProven, "")
				return err
			}},
			"reopen": {cases.Closed, []string{"citra", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Reopen(ctx, v, c.ID, c.Revision, "x")
				return err
			}},
			"assign": {cases.Open, []string{"citra", "eka"}, func(v access.Viewer, c cases.Case) error {
				_, err := b.Assign(ctx, v, c.ID, map[bool]string{true: "dewi", false: "eka"}[v.Name != "dewi"])
				return err
			}},
			"take": {cases.Open, []string{"ani", "citra", "dewi", "eka"}, func(v access.Viewer, c cases.Case) error { _, err := b.Assign(ctx, v, c.ID, v.Name); return err }},
			"read": {cases.Open, []string{"ani", "citra", "dewi", "eka", "fajar"}, func(v access.Viewer, c cases.Case) error { _, err := b.Timeline(ctx, v, c.ID); return err }},
		}
		for name, act := range acts {
			for _, v := range []access.Viewer{ani, citra, landak, kalbar, jatim, operator, admin} {
				err := act.do(v, b.road(act.from))
				may := slices.Contains(act.by, v.Name)
				if may != (err == nil) {
					t.Errorf("%s by %s: %v", name, v.Name, err)
				}
				if !may && !errors.Is(err, cases.ErrForbidden) && !errors.Is(err, cases.ErrNotFound) {
					t.Errorf("%s by %s: %v", name, v.Name, err)
				}
			}
		}
	})
}

func TestAChangeOnAnOlderStateIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx, made := t.Context(), b.create(ani, "mastodon:1", "mastodon:2")
		if _, err := b.Note(ctx, citra, made.ID, "catatan tidak mengubah revisi"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Rename(ctx, citra, made.ID, made.Revision, "Judul lain"); err != nil {
			t.Fatal(err)
		}
		before := len(b.statements("case"))
		for name, do := range map[string]func() error{
			"rename": func() error { _, err := b.Rename(ctx, ani, made.ID, made.Revision, "x"); return err },
			"ready":  func() error { _, err := b.SetReady(ctx, ani, made.ID, made.Revision); return err },
			"remove": func() error { _, err := b.RemovePost(ctx, ani, made.ID, made.Revision, "mastodon:1", "x"); return err },
			"close":  func() error { _, err := b.Close(ctx, citra, made.ID, made.Revision, cases.Dropped, "x"); return err },
			"hold":   func() error { _, err := b.Hold(ctx, citra, made.ID, made.Revision, "x"); return err },
		} {
			if err := do(); !errors.Is(err, cases.ErrChanged) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after := len(b.statements("case")); after != before {
			t.Errorf("%d statements were sealed of what was refused", after-before)
		}
	})
}

func TestHandingOverNamesAnAgencyOfTheConfigurationAndADay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		c := b.road(cases.Ready)
		for name, h := range map[string]cases.Handover{
			"another agency": {Receiver: "KASN", On: b.now}, "no agency": {On: b.now}, "no day": {Receiver: bkn},
			"tomorrow": {Receiver: bkn, On: b.now.AddDate(0, 0, 1)}, "before the case": {Receiver: bkn, On: b.now.AddDate(0, 0, -1)},
			"a long number": {Receiver: bkn, On: b.now, Reference: strings.Repeat("9", 400)},
		} {
			if _, err := b.HandOver(ctx, ani, c.ID, c.Revision, h); !errors.Is(err, cases.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		c, err := b.HandOver(ctx, ani, c.ID, c.Revision, cases.Handover{Receiver: bkn, On: b.now})
		if err != nil || c.Reference != "" || c.Runs() {
			t.Fatalf("%+v, %v", c, err)
		}
		c, err = b.HandOver(ctx, ani, c.ID, c.Revision, cases.Handover{Receiver: bkn, Reference: "B-77/XI/2026", On: b.now})
		if err != nil || c.Reference != "B-77/XI/2026" || c.Status != cases.HandedOver {
			t.Errorf("the number comes later: %+v, %v", c, err)
		}
		if _, err := b.AddPosts(ctx, ani, c.ID, []string{"mastodon:2"}); err != nil {
			t.Errorf("a post is added after it: %v", err)
		}
	})
}

func TestAHoldStaysUntilItIsLifted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx, c := t.Context(), b.road(cases.Closed)
		if _, err := b.Hold(ctx, citra, c.ID, c.Revision, " "); !errors.Is(err, cases.ErrInvalid) {
			t.Errorf("without a reason: %v", err)
		}
		held, err := b.Hold(ctx, citra, c.ID, c.Revision, "perkara di DKPP")
		if err != nil || held.Hold != "perkara di DKPP" {
			t.Fatalf("%+v, %v", held, err)
		}
		if list, err := b.List(ctx, citra, cases.Filter{Held: true}, cases.ByDue, 0, 10); err != nil || len(list) != 1 {
			t.Errorf("%d are held, %v", len(list), err)
		}
		free, err := b.LiftHold(ctx, citra, c.ID, held.Revision, "perkara selesai")
		if err != nil || free.Hold != "" || !free.ClosedAt.Equal(c.ClosedAt) {
			t.Errorf("%+v, %v", free, err)
		}
		line, err := b.Timeline(ctx, citra, c.ID)
		if err != nil || line[len(line)-1].Text != "perkara selesai" || line[len(line)-2].Change != cases.HoldSet {
			t.Errorf("%+v, %v", line, err)
		}
	})
}

func TestWhatHappenedCannotBeChangedInTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.create(ani, "mastodon:1")
		for _, query := range []string{"UPDATE case_events SET statement = '{}'", "DELETE FROM case_events"} {
			if _, err := b.db.Exec(t.Context(), query); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", query, err)
			}
		}
	})
}

func TestOverdueIsWhatWaitsLongerThanTheLaw(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		waiting, handed := b.road(cases.Open), b.road(cases.HandedOver)
		b.now = noon.AddDate(0, 0, 8)
		fresh, err := b.review.Item(ctx, ani, "mastodon:3")
		if err != nil || !fresh.OpenedAt.IsZero() {
			t.Fatal(fresh.OpenedAt, err)
		}
		later := b.create(ani, "mastodon:3")
		if !waiting.Overdue(b.now) || handed.Overdue(b.now) || later.Overdue(b.now) {
			t.Error("overdue")
		}
		list, err := b.List(ctx, ani, cases.Filter{DueBefore: b.now}, cases.ByDue, 0, 10)
		if err != nil || len(list) != 1 || list[0].ID != waiting.ID {
			t.Errorf("%+v, %v", list, err)
		}
		counts, err := b.Counts(ctx, ani, cases.Filter{})
		if err != nil || counts.Overdue != 1 || counts.Pressing != 1 || counts.Mine != 2 || counts.Total != 3 || counts.Status[cases.HandedOver] != 1 {
			t.Errorf("%+v, %v", counts, err)
		}
		b.now = later.Due.Add(-25 * time.Hour)
		if counts, err = b.Counts(ctx, ani, cases.Filter{}); err != nil || counts.Overdue != 1 || counts.Pressing != 2 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}
