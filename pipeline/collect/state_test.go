package collect_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/netra-id/netra/pipeline/collect"
)

func TestAFullDiskSendsNothingAndLosesNothing(t *testing.T) {
	state := openState(t, filepath.Join(t.TempDir(), "collect.db"))
	defer state.Close()
	var in inbox
	intake := collect.NewIntake(testConfiguration(), dependencies(state, budiKnown, &in))
	if err := state.LimitPages(t.Context(), 1); err != nil { // as small as it is now
		t.Fatal(err)
	}
	var items []collect.Item
	for n := range 2000 {
		items = append(items, budi(fmt.Sprint("p", n), "x"))
	}
	page := collect.Page{Items: items, Cursor: collect.Cursor("2000")}
	_, err := intake.Take(t.Context(), "s", "t", page)
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindDelivery || !strings.Contains(err.Error(), "full") {
		t.Errorf("got %v, want that the disk is full", err)
	}
	if len(in.posts) != 0 {
		t.Errorf("%d posts were sent that cannot be remembered", len(in.posts))
	}
	if err := state.LimitPages(t.Context(), 1<<20); err != nil {
		t.Fatal(err)
	}
	if tally, err := intake.Take(t.Context(), "s", "t", page); err != nil || tally.Sent != 2000 {
		t.Errorf("with room again: %+v, %v", tally.Sent, err)
	}
}

func TestAStateThatCannotBeOpenedIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "collect.db")
	if _, err := collect.OpenState(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
	path = filepath.Join(t.TempDir(), "collect.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := collect.OpenState(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestTwoProcessesMayShareAState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "100% #1?.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	one, two := openState(t, path), openState(t, path)
	defer one.Close()
	defer two.Close()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	var in inbox
	take(t, collect.NewIntake(testConfiguration(), dependencies(one, budiKnown, &in)), budi("a", "x"))
	if tally := take(t, collect.NewIntake(testConfiguration(), dependencies(two, budiKnown, &in)), budi("a", "x")); tally.Sent != 0 {
		t.Error("the second sent what the first had sent")
	}
}

func TestMetricsCount(t *testing.T) {
	state := openState(t, filepath.Join(t.TempDir(), "collect.db"))
	defer state.Close()
	var in inbox
	registry := prometheus.NewRegistry()
	deps := dependencies(state, budiKnown, &in)
	deps.Registerer = registry
	stranger := budi("s", "x")
	stranger.Post.Account.ID = "orang"
	take(t, collect.NewIntake(testConfiguration(), deps), budi("a", "x"), budi("a", "y"), budi("a", "x"), stranger, budi("", "x"))
	err := testutil.GatherAndCompare(registry, strings.NewReader(`
		# HELP netra_collect_dropped_total Posts that did not go on, by cause; they are not stored.
		# TYPE netra_collect_dropped_total counter
		netra_collect_dropped_total{cause="duplicate",source="test"} 1
		netra_collect_dropped_total{cause="not_in_roster",source="test"} 1
		# HELP netra_collect_edited_total Posts sent again because their content changed; part of the sent.
		# TYPE netra_collect_edited_total counter
		netra_collect_edited_total{source="test"} 1
		# HELP netra_collect_items_total Items that a source found, posts or not.
		# TYPE netra_collect_items_total counter
		netra_collect_items_total{source="test"} 5
		# HELP netra_collect_rejected_total Items that became dead letters, by cause.
		# TYPE netra_collect_rejected_total counter
		netra_collect_rejected_total{cause="invalid",source="test"} 1
		# HELP netra_collect_sent_total Posts that the queue has acknowledged.
		# TYPE netra_collect_sent_total counter
		netra_collect_sent_total{source="test"} 2
	`), "netra_collect_dropped_total", "netra_collect_edited_total", "netra_collect_items_total", "netra_collect_rejected_total", "netra_collect_sent_total")
	if err != nil {
		t.Error(err)
	}
}

func TestManyProcessesMayOpenANewStateAtOnce(t *testing.T) {
	for range 3 {
		path := filepath.Join(t.TempDir(), "s.db")
		problems := make([]error, 4)
		var all sync.WaitGroup
		for n := range problems {
			all.Go(func() {
				state, err := collect.OpenState(t.Context(), path)
				if err == nil {
					err = state.Close()
				}
				problems[n] = err
			})
		}
		all.Wait()
		if err := errors.Join(problems...); err != nil {
			t.Fatal(err)
		}
	}
}
