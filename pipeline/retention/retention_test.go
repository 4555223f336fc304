package retention_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

const year = 365 * 24 * time.Hour

func TestWhatIsDueGoesAndTheRestStays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dismissed, confirmed, waiting := s.flag(t, 1, "satu"), s.flag(t, 2, "dua"), s.flag(t, 3, "tiga")
		s.dismiss(t, dismissed)
		s.confirm(t, confirmed)
		s.later(t, 179*24*time.Hour)
		if plan := s.plan(t); len(plan.Due) != 0 || plan.Stays[retention.NotYet] != 1 || plan.Stays[retention.NoCase] != 1 || plan.Waiting != 1 {
			t.Errorf("before its time: %+v", plan)
		}
		young := s.flag(t, 4, "empat")
		s.dismiss(t, young)
		s.later(t, 2*24*time.Hour)
		plan := s.plan(t)
		if len(plan.Due) != 1 || plan.Due[0].Post != dismissed || plan.Due[0].Why != retention.Dismissed || plan.Due[0].Pieces != 2 {
			t.Fatalf("the plan is %+v", plan.Due)
		}
		counts := s.purge(t)
		want := retention.Counts{Posts: map[retention.Why]int{retention.Dismissed: 1}, Pieces: 2, Statements: 1, Files: 2}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Error(diff)
		}
		if again := s.purge(t); again.Files+again.Pieces+len(again.Posts) != 0 {
			t.Errorf("a second run did %+v", again)
		}
		flags, err := s.store.FlagsByID(t.Context(), []string{dismissed, confirmed, waiting, young})
		if err != nil || len(flags) != 3 {
			t.Errorf("%d flags are left, want 3: %v", len(flags), err)
		}
		for _, id := range []string{confirmed, waiting, young} {
			if pieces, err := s.keeper.OfPost(t.Context(), id); err != nil || len(pieces) != 2 {
				t.Errorf("%s has %d pieces left: %v", id, len(pieces), err)
			}
		}
		s.nothingIsLeftOf(t, dismissed)
	})
}

// nothingIsLeftOf looks through all tables of the database for what a purged post
// was about.
func (s *site) nothingIsLeftOf(t *testing.T, id string) {
	t.Helper()
	for query, what := range map[string]string{
		"SELECT count(*) FROM review_items WHERE id = ? OR account LIKE '%' || ? || '%' OR person_id LIKE '%' || ? || '%' OR excerpt LIKE '%' || ? || '%'": "item",
		"SELECT count(*) FROM review_decisions WHERE note LIKE '%' || ? || '%' OR same = ? OR id = ? OR cause = ?":                                         "decision",
		"SELECT count(*) FROM review_statements WHERE statement LIKE '%' || ? || '%' OR decision IN (?, ?, ?)":                                             "statement",
		"SELECT count(*) FROM evidence_pieces WHERE post = ? OR statement LIKE '%' || ? || '%' OR id IN (?, ?)":                                            "piece",
		"SELECT count(*) FROM retention_work WHERE post IN (?, ?, ?, ?)":                                                                                   "work",
		"SELECT count(*) FROM retention_tombstones WHERE statement LIKE '%' || ? || '%' OR leaf IN (?, ?, ?)":                                              "tombstone",
	} {
		var n int
		if err := s.db.QueryRow(t.Context(), query, id, id, id, id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Errorf("%d rows of a %s still tell of %s", n, what, id)
		}
	}
	rows, err := s.store.DecisionsOn(t.Context(), id)
	if err != nil || len(rows) > 0 {
		t.Errorf("ClickHouse has %d decisions on %s: %v", len(rows), id, err)
	}
	if _, err := s.store.Flag(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("ClickHouse has %s: %v", id, err)
	}
	if found, err := s.review.List(t.Context(), supervisor, review.Filter{Status: append(review.Statuses, review.Withdrawn), Search: "rahasia"}, review.ByNewest, "", 50); err != nil {
		t.Error(err)
	} else {
		for _, item := range found.Items {
			if item.ID == id || strings.HasPrefix(item.ID, "purged:") {
				t.Errorf("the queue shows %s", item.ID)
			}
		}
	}
}

func TestStatisticsCountPurgedDecisions(t *testing.T) {
	one(t, func(t *testing.T, s *site) {
		for number := range 3 {
			s.dismiss(t, s.flag(t, number, "isi"))
		}
		s.confirm(t, s.flag(t, 9, "lain"))
		figures := func() (judged []store.Judged, works []review.Work) {
			t.Helper()
			judged, err := s.store.Judged(t.Context(), "label", store.DecisionFilter{Region: "61"})
			if err != nil {
				t.Fatal(err)
			}
			works, err = s.review.Throughput(t.Context(), supervisor, review.Period{Region: "61"})
			if err != nil {
				t.Fatal(err)
			}
			return judged, works
		}
		judged, works := figures()
		s.later(t, year)
		if counts := s.purge(t); counts.Posts[retention.Dismissed] != 3 {
			t.Fatalf("purged %+v", counts)
		}
		judgedAfter, worksAfter := figures()
		if diff := cmp.Diff(judged, judgedAfter); diff != "" {
			t.Error("precision: ", diff)
		}
		if diff := cmp.Diff(works, worksAfter); diff != "" {
			t.Error("throughput: ", diff)
		}
	})
}

func TestAHoldStopsAPurgeUntilItIsLifted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.flag(t, 1, "isi")
		s.dismiss(t, id)
		if err := s.Hold(t.Context(), supervisor, id, " "); !errors.Is(err, retention.ErrReason) {
			t.Errorf("a hold without a reason: %v", err)
		}
		if err := s.Hold(t.Context(), supervisor, "x:none", "sengketa"); !errors.Is(err, retention.ErrNotFound) {
			t.Errorf("a hold on nothing: %v", err)
		}
		if err := s.Lift(t.Context(), supervisor, id, "selesai"); !errors.Is(err, retention.ErrNotHeld) {
			t.Errorf("the end of no hold: %v", err)
		}
		if err := s.Hold(t.Context(), supervisor, id, "sengketa di pengadilan"); err != nil {
			t.Fatal(err)
		}
		s.later(t, 10*year)
		if plan := s.plan(t); len(plan.Due) != 0 || plan.Stays[retention.Held] != 1 {
			t.Errorf("the plan is %+v", plan)
		}
		if counts := s.purge(t); len(counts.Posts) != 0 {
			t.Errorf("what is held was purged: %+v", counts)
		}
		if err := s.Lift(t.Context(), supervisor, id, "selesai"); err != nil {
			t.Fatal(err)
		}
		if counts := s.purge(t); counts.Posts[retention.Dismissed] != 1 {
			t.Errorf("what is no longer held stays: %+v", counts)
		}
	})
}

func TestAFileThatAnotherPieceNeedsStays(t *testing.T) {
	one(t, func(t *testing.T, s *site) {
		goes, stays := s.flag(t, 1, "berkas bersama"), s.flag(t, 2, "berkas bersama")
		s.dismiss(t, goes)
		s.later(t, year)
		if counts := s.purge(t); counts.Files != 1 {
			t.Errorf("%d files removed, want the record only", counts.Files)
		}
		sum := sha256.Sum256([]byte("berkas bersama"))
		if blob, err := s.files.Open(t.Context(), hex.EncodeToString(sum[:])); err != nil {
			t.Errorf("the shared file: %v", err)
		} else if err := blob.Close(); err != nil {
			t.Error(err)
		}
		s.dismiss(t, stays)
		s.later(t, year)
		if counts := s.purge(t); counts.Files != 2 {
			t.Errorf("%d files removed, want both", counts.Files)
		}
		if has, err := s.files.Has(t.Context(), hex.EncodeToString(sum[:])); has || err != nil {
			t.Errorf("the file is still there: %v", err)
		}
	})
}

func TestATombstoneProvesThatSomethingWasThereNotWhat(t *testing.T) {
	one(t, func(t *testing.T, s *site) {
		id := s.flag(t, 1, "isi rahasia")
		s.dismiss(t, id)
		pieces, err := s.keeper.OfPost(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		decisions, err := s.review.Statements(t.Context(), id)
		if err != nil || len(decisions) != 1 {
			t.Fatal(decisions, err)
		}
		s.later(t, year)
		s.purge(t)
		if _, err := s.log.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		stones, err := s.Tombstones(t.Context())
		if err != nil || len(stones) != len(pieces)+len(decisions) {
			t.Fatalf("%d tombstones for %d statements: %v", len(stones), len(pieces)+len(decisions), err)
		}
		var sealed []seal.Statement
		leaves := map[string]bool{}
		for _, text := range stones {
			var stone retention.Tombstone
			if err := json.Unmarshal(text, &stone); err != nil || stone.Why != retention.Dismissed || stone.Together != 3 || strings.Contains(string(text), "rahasia") || strings.Contains(string(text), id) {
				t.Errorf("the tombstone is %s: %v", text, err)
			}
			leaves[stone.Leaf] = true
			sealed = append(sealed, seal.Statement{Kind: seal.KindTombstone, Bytes: text})
		}
		for _, p := range pieces {
			sum := sha256.Sum256(p.Statement)
			if !leaves[hex.EncodeToString(sum[:])] {
				t.Errorf("piece %s has no tombstone", p.ID)
			}
			sealed = append(sealed, seal.Statement{Kind: seal.KindPiece, Bytes: p.Statement})
		}
		if found, err := s.log.Leaves(t.Context(), sealed); err != nil || len(found) != len(sealed) {
			t.Errorf("%d of %d are in the log: %v", len(found), len(sealed), err)
		}
		if _, err := s.log.Check(t.Context()); err != nil {
			t.Errorf("the log: %v", err)
		}
	})
}

func TestAPurgedFlagDoesNotComeBack(t *testing.T) {
	one(t, func(t *testing.T, s *site) {
		id := s.flag(t, 1, "isi")
		s.dismiss(t, id)
		s.later(t, year)
		s.purge(t)
		again := flagOf(id)
		if err := s.store.RewriteFlags(t.Context(), "again", []post.Flag{again}, []time.Time{time.Now()}); err != nil {
			t.Fatal(err)
		}
		if err := s.review.TakeIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.review.Item(t.Context(), supervisor, id); !errors.Is(err, review.ErrNotFound) {
			t.Errorf("it is in the queue again: %v", err)
		}
		if counts := s.purge(t); counts.Finished != 1 {
			t.Errorf("the run did %+v", counts)
		}
		if _, err := s.store.Flag(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("it is in ClickHouse again: %v", err)
		}
	})
}

func TestAConfirmedPostGoesATimeAfterItsCaseWasClosed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.flag(t, 1, "isi")
		s.confirm(t, id)
		made := s.openCase(t, id)
		s.later(t, 3*year)
		if plan := s.plan(t); len(plan.Due) != 0 || plan.Stays[retention.OpenCase] != 1 {
			t.Errorf("with an open case: %+v", plan)
		}
		made = s.closeCase(t, made)
		s.later(t, year-24*time.Hour)
		if plan := s.plan(t); len(plan.Due) != 0 || plan.Stays[retention.NotYet] != 1 {
			t.Errorf("just after the case was closed: %+v", plan)
		}
		held, err := s.cases.Hold(t.Context(), supervisor, made.ID, made.Revision, "banding")
		if err != nil {
			t.Fatal(err)
		}
		s.later(t, year)
		if plan := s.plan(t); len(plan.Due) != 0 || plan.Stays[retention.Held] != 1 {
			t.Errorf("with a case under hold: %+v", plan)
		}
		if _, err := s.cases.LiftHold(t.Context(), supervisor, held.ID, held.Revision, "selesai"); err != nil {
			t.Fatal(err)
		}
		if counts := s.purge(t); counts.Posts[retention.Closed] != 1 {
			t.Errorf("purged %+v", counts)
		}
		s.nothingIsLeftOf(t, id)
	})
}

func TestDecisionsOnTheirWayStopAPurge(t *testing.T) {
	one(t, func(t *testing.T, s *site) {
		id := s.flag(t, 1, "isi")
		item, err := s.review.Item(t.Context(), analyst, id)
		if err != nil {
			t.Fatal(err)
		}
		d := review.Decision{Verdict: review.NoViolation, Cause: review.Everyday}
		if _, err := s.review.Decide(t.Context(), analyst, []review.Choice{{Item: id, Revision: item.Revision}}, d); err != nil {
			t.Fatal(err)
		}
		s.later(t, year)
		if _, err := s.Purge(t.Context(), operator, nil); !errors.Is(err, retention.ErrOutbox) {
			t.Errorf("got %v", err)
		}
		runs, err := s.Runs(context.WithoutCancel(t.Context()), 5)
		if err != nil || len(runs) != 1 || runs[0].Problem == "" {
			t.Errorf("the history is %+v: %v", runs, err)
		}
	})
}
